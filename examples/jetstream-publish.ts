/**
 * Publishing to a stream: acknowledgements, duplicates, and writing only if nobody else has.
 *
 *     node examples/jetstream-publish.ts       (nats-server --jetstream)
 */
import type { NatsError } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const manager = await nc.jetstreamManager();
await manager.streams.add({ name: "EXAMPLE_INVOICES", subjects: ["example.invoices.>"] });
const js = nc.jetstream();

// `nc.publish` would be stored too, but only `js.publish` says so: the acknowledgement means that it is kept.
const first = await js.publish("example.invoices.paid", JSON.stringify({ id: 1 }));
console.log(`stored as message ${first.seq} of ${first.stream}`);

// Many at once: wait for all of their acknowledgements, not for one after the other.
const acks = await Promise.all(
  [2, 3, 4].map((id) => js.publish("example.invoices.paid", JSON.stringify({ id }))),
);
console.log(`stored up to message ${Math.max(...acks.map(({ seq }) => seq))}`);

// With an id a stream keeps a message once (within its duplicate window), so it can be sent again safely.
for (let attempt = 1; attempt <= 2; attempt++) {
  const { seq, duplicate } = await js.publish("example.invoices.sent", "5", { msgID: "invoice-5" });
  console.log(`attempt ${attempt}: message ${seq}${duplicate ? ", which was there already" : ""}`);
}

// Only if the last message is still the one that we know.
try {
  await js.publish("example.invoices.paid", "6", { expect: { lastSequence: 1 } });
} catch (error) {
  console.log(`refused: ${(error as NatsError).message}`);
}

await manager.streams.delete("EXAMPLE_INVOICES");
await nc.drain();
