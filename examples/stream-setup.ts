/**
 * Streams and consumers: creating, changing and listing them.
 *
 *     node examples/stream-setup.ts            (nats-server --jetstream)
 */
import { AckPolicy, DeliverPolicy, nanos, RetentionPolicy, StorageType } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const manager = await nc.jetstreamManager();

// A stream stores messages published to its subjects. Adding it again with the same settings changes nothing.
const stream = await manager.streams.add({
  name: "EXAMPLE_EVENTS",
  subjects: ["example.events.>"],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  max_age: nanos(24 * 60 * 60 * 1000), // The server expects nanoseconds.
  duplicate_window: nanos(2 * 60 * 1000),
});
console.log(`${stream.config.name} stores ${stream.config.subjects.join(", ")}`);

// A consumer is a position in a stream that the server stores, while readers come and go.
const consumer = await manager.consumers.add("EXAMPLE_EVENTS", {
  durable_name: "mailer", // Without a durable name the server deletes it soon after its last reader has left.
  filter_subject: "example.events.signup",
  deliver_policy: DeliverPolicy.All,
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(30_000), // Unacknowledged messages are delivered again after this time,
  max_deliver: 5, // at most this many times.
});
console.log(`${consumer.name} reads ${consumer.config.filter_subject}, ${consumer.num_pending} pending`);

// Most settings can change while the stream is in use.
const { config } = await manager.streams.update("EXAMPLE_EVENTS", { max_msgs: 1000 });
console.log(`keeps at most ${config.max_msgs} messages`);

for await (const { config: each } of manager.streams.list()) {
  if (each.name === "EXAMPLE_EVENTS") console.log(`found ${each.name} in the list`);
}

// The example cleans up; a real program keeps its streams.
await manager.streams.delete("EXAMPLE_EVENTS");
await nc.drain();
