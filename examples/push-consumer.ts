/**
 * A push consumer: the server sends messages as fast as it can, to a subject that the consumer names. For a few
 * special needs; a pull consumer does the same and keeps the pace in your hands.
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
options.deliverTo(createInbox()); // Where the server sends the messages: any subject that we listen to.
options.deliverAll();
options.ackExplicit();
options.manualAck(); // Without it the client acknowledges each message once the loop goes on.
options.maxAckPending(100); // The only brake: the server stops while so many are not acknowledged.

const subscription = await js.subscribe("example.readings.*", options);
for await (const message of subscription) {
  console.log(`reading ${message.seq}: ${message.string()}`);
  message.ack();
  if (message.info.pending === 0) break; // We have seen all that there were.
}

// Deletes the consumer as well: the subscription has made it.
await subscription.destroy();
await manager.streams.delete("EXAMPLE_READINGS");
await nc.drain();
