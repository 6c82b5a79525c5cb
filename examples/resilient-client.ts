/**
 * A resilient client: it survives servers that restart and responders that are late, and gives up in time.
 *
 *     node examples/resilient-client.ts        (nats-server --jetstream)
 */
import { attemptsOf, connectFromEnv, instrument, publishWithRetry, requestWithRetry } from "natscope/client";

const nc = instrument(await connectFromEnv(process.env, { maxReconnectAttempts: -1 }));
const manager = await nc.jetstreamManager();
await manager.streams.add({ name: "EXAMPLE_PAYMENTS", subjects: ["example.payments.*"] });

// A responder that is not there yet.
setTimeout(() => {
  nc.subscribe("rates.eur", {
    callback(_, message) {
      message.respond("1.08");
    },
  });
}, 200);

// It may be asked more than once for the same thing: a reply may be what got lost.
const rate = await requestWithRetry(nc, "rates.eur", "", {
  timeout: 500, // Of one attempt, in milliseconds.
  attempts: 20,
  maxPauseMs: 100, // Pauses grow to this. Each is a random part of it, so that clients do not come in step.
  deadlineMs: 10_000, // Of everything together.
  onRetry: ({ attempt }) => attempt === 1 && console.log("nobody there yet, trying again"),
});
console.log(`rate: ${rate.string()}`);

// To a stream: all attempts have one message id, so the stream keeps one message.
const ack = await publishWithRetry(nc.jetstream(), "example.payments.made", "10 EUR", { attempts: 10 });
console.log(`payment stored as message ${ack.seq}`);

// To a connection: resolves when the server has it. A message may arrive twice where the connection was lost.
await publishWithRetry(nc, "audit.payment", "10 EUR");
console.log("audited");

// What cannot succeed is not tried again: this payload will be too large every time.
try {
  await publishWithRetry(nc, "audit.payment", new Uint8Array((nc.info?.max_payload ?? 0) + 1));
} catch (error) {
  console.log(`failed after ${attemptsOf(error)} attempt: ${(error as Error).message}`);
}

// And what could succeed is given up when it is time: by the deadline, the attempts, or a signal.
try {
  await requestWithRetry(nc, "rates.usd", "", { attempts: 3, signal: AbortSignal.timeout(5000) });
} catch (error) {
  console.log(`failed after ${attemptsOf(error)} attempts: ${(error as Error).message}`);
}

await manager.streams.delete("EXAMPLE_PAYMENTS");
await nc.drain();
