/**
 * Request and reply: one request, several at once, and no responder.
 *
 *     node examples/request-reply.ts
 */
import { ErrorCode, type NatsError } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());

// A responder is a subscriber that replies. Several responders share the work in a queue group.
nc.subscribe("math.square", {
  queue: "mathematicians",
  callback(error, message) {
    if (!error) message.respond(String(Number(message.string()) ** 2));
  },
});

const reply = await nc.request("math.square", "7", { timeout: 1000 });
console.log(`7 squared is ${reply.string()}`);

// All requests of a connection share one subscription for their replies, so any number can run at once.
const numbers = [1, 2, 3, 4, 5];
const squares = await Promise.all(
  numbers.map(async (number) => {
    const square = await nc.request("math.square", String(number), { timeout: 1000 });
    return Number(square.string());
  }),
);
console.log(`squares of ${numbers}: ${squares}`);

// The server reports a missing responder at once, without waiting for the timeout.
try {
  await nc.request("math.cube", "7", { timeout: 1000 });
} catch (error) {
  const { code } = error as NatsError;
  console.log(code === ErrorCode.NoResponders ? "no responder for math.cube" : `failed: ${code}`);
}

await nc.drain();
