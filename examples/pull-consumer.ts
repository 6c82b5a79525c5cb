/**
 * A pull consumer: the program asks for messages when it has time for them. What most programs should use.
 *
 *     node examples/pull-consumer.ts           (nats-server --jetstream)
 */
import { AckPolicy } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const manager = await nc.jetstreamManager();
await manager.streams.add({ name: "EXAMPLE_ORDERS", subjects: ["example.orders.*"] });
await manager.consumers.add("EXAMPLE_ORDERS", { durable_name: "shipping", ack_policy: AckPolicy.Explicit });

const js = nc.jetstream();
for (let order = 1; order <= 6; order++) await js.publish(`example.orders.${order}`, `order ${order}`);

const consumer = await js.consumers.get("EXAMPLE_ORDERS", "shipping");

// One message; null if there is none in time.
const single = await consumer.next({ expires: 1000 });
console.log(`next: ${single?.string()}`);
single?.ack(); // A message that is not acknowledged comes again.

// A batch, which ends when it is full or its time is up.
for await (const message of await consumer.fetch({ max_messages: 2, expires: 1000 })) {
  console.log(`fetch: ${message.string()}`);
  // Waits until the server has the acknowledgement: where handling a message twice would be costly.
  await message.ackAck();
}

// All there are, and those to come, until the loop is left.
const messages = await consumer.consume();
let unhandled = 3;
for await (const message of messages) {
  const isFirstTry = message.info.redeliveryCount === 1; // It counts deliveries, this one included.
  if (message.string() === "order 5" && isFirstTry) {
    console.log("consume: order 5 fails");
    message.nak(); // At once again; nak(1000) in a second. Later ones may be delivered before it.
    continue;
  }
  console.log(`consume: ${message.string()}`);
  message.ack();
  if (--unhandled === 0) break;
}

await manager.streams.delete("EXAMPLE_ORDERS");
await nc.drain();
