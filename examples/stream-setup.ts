/**
 * Streams and consumers: making, changing and looking at them.
 *
 *     node examples/stream-setup.ts            (nats-server --jetstream)
 */
import { AckPolicy, DeliverPolicy, nanos, RetentionPolicy, StorageType } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const manager = await nc.jetstreamManager();

// A stream stores what is published to its subjects. Adding it again with the same settings does nothing.
const stream = await manager.streams.add({
  name: "EXAMPLE_EVENTS",
  subjects: ["example.events.>"],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  max_age: nanos(24 * 60 * 60 * 1000), // The server counts nanoseconds.
  duplicate_window: nanos(2 * 60 * 1000),
});
console.log(`${stream.config.name} stores ${stream.config.subjects.join(", ")}`);

// A consumer is a position in a stream, kept by the server: readers may come and go.
const consumer = await manager.consumers.add("EXAMPLE_EVENTS", {
  durable_name: "mailer", // One without a durable name is gone soon after its last reader.
  filter_subject: "example.events.signup",
  deliver_policy: DeliverPolicy.All,
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(30_000), // What is not acknowledged by then is delivered again,
  max_deliver: 5, // this often.
});
console.log(`${consumer.name} reads ${consumer.config.filter_subject}, ${consumer.num_pending} pending`);

// Most settings may change while the stream is in use.
const { config } = await manager.streams.update("EXAMPLE_EVENTS", { max_msgs: 1000 });
console.log(`keeps ${config.max_msgs} messages at most`);

for await (const { config: each } of manager.streams.list()) {
  if (each.name === "EXAMPLE_EVENTS") console.log(`found ${each.name} in the list`);
}

// An example cleans up; a real program leaves its streams alone.
await manager.streams.delete("EXAMPLE_EVENTS");
await nc.drain();
