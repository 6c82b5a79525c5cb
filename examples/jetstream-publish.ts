/**
 * Publishing to a stream: acknowledgements, duplicates, optimistic concurrency.
 *
 *     node examples/jetstream-publish.ts       (nats-server --jetstream)
 */
import type { NatsError } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const manager = await nc.jetstreamManager();
await manager.streams.add({ name: "EXAMPLE_INVOICES", subjects: ["example.invoices.>"] });
const js = nc.jetstream();

// The stream also stores messages of `nc.publish`, but only `js.publish` waits for the acknowledgement.
const first = await js.publish("example.invoices.paid", JSON.stringify({ id: 1 }));
console.log(`stored as message ${first.seq} of ${first.stream}`);

// Publish several messages at once, then wait for all acknowledgements.
const acks = await Promise.all(
  [2, 3, 4].map((id) => js.publish("example.invoices.paid", JSON.stringify({ id }))),
);
console.log(`stored up to message ${Math.max(...acks.map(({ seq }) => seq))}`);

// A stream stores a message id only once within its duplicate window, so you can safely send it again.
for (let attempt = 1; attempt <= 2; attempt++) {
  const { seq, duplicate } = await js.publish("example.invoices.sent", "5", { msgID: "invoice-5" });
  console.log(`attempt ${attempt}: message ${seq}${duplicate ? ", a duplicate" : ""}`);
}

// Publish only if the last message of the stream is still the one that we know.
try {
  await js.publish("example.invoices.paid", "6", { expect: { lastSequence: 1 } });
} catch (error) {
  console.log(`refused: ${(error as NatsError).message}`);
}

await manager.streams.delete("EXAMPLE_INVOICES");
await nc.drain();
