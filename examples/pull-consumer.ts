/**
 * A pull consumer: the program requests messages when it is ready for them. The right choice for most programs.
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

// One message, or null if none arrives in time.
const single = await consumer.next({ expires: 1000 });
console.log(`next: ${single?.string()}`);
single?.ack(); // Without an acknowledgement the server delivers the message again.

// A batch, which ends when it is full or expires.
for await (const message of await consumer.fetch({ max_messages: 2, expires: 1000 })) {
  console.log(`fetch: ${message.string()}`);
  // Waits until the server has the acknowledgement. Use it if processing a message twice would be costly.
  await message.ackAck();
}

// All stored messages and all new ones, until the loop ends.
const messages = await consumer.consume();
let unhandled = 3;
for await (const message of messages) {
  const isFirstTry = message.info.redeliveryCount === 1; // Counts deliveries, including this one.
  if (message.string() === "order 5" && isFirstTry) {
    console.log("consume: order 5 fails");
    message.nak(); // Deliver again at once; nak(1000) waits a second. Later messages may arrive before it.
    continue;
  }
  console.log(`consume: ${message.string()}`);
  message.ack();
  if (--unhandled === 0) break;
}

await manager.streams.delete("EXAMPLE_ORDERS");
await nc.drain();
