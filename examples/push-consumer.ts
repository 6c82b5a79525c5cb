/**
 * A push consumer: the server sends messages to a subject as fast as it can. Use it only for special needs; with a pull
 * consumer the program controls the pace.
 *
 *     node examples/push-consumer.ts           (nats-server --jetstream)
 */
import { consumerOpts, createInbox } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const manager = await nc.jetstreamManager();
await manager.streams.add({ name: "EXAMPLE_READINGS", subjects: ["example.readings.*"] });

const js = nc.jetstream();
for (const value of ["20.5", "20.7", "21.0"]) await js.publish("example.readings.kitchen", value);

const options = consumerOpts();
options.durable("display");
options.deliverTo(createInbox()); // The subject that the server sends the messages to.
options.deliverAll();
options.ackExplicit();
options.manualAck(); // Otherwise the client acknowledges each message when the loop continues.
options.maxAckPending(100); // The only flow control: the server pauses at this many unacknowledged messages.

const subscription = await js.subscribe("example.readings.*", options);
for await (const message of subscription) {
  console.log(`reading ${message.seq}: ${message.string()}`);
  message.ack();
  if (message.info.pending === 0) break; // This was the last stored message.
}

// Also deletes the consumer, because the subscription created it.
await subscription.destroy();
await manager.streams.delete("EXAMPLE_READINGS");
await nc.drain();
