/**
 * Key-value: a bucket with revisions, history, and a watch. A bucket is stored in a stream.
 *
 *     node examples/key-value.ts               (nats-server --jetstream)
 */
import type { NatsError } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const bucket = await nc.jetstream().views.kv("EXAMPLE_SETTINGS", { history: 5 }); // Created if it does not exist.

await bucket.put("theme", "dark");
const entry = await bucket.get("theme"); // null if the key does not exist.
console.log(`theme is ${entry?.string()}, revision ${entry?.revision}`);

// create() fails if the key exists; update() fails if the key has another revision.
const revision = await bucket.create("language", "en");
await bucket.update("language", "de", revision);
try {
  await bucket.update("language", "fr", revision);
} catch (error) {
  console.log(`another writer was faster: ${(error as NatsError).message}`);
}

for await (const { revision, operation } of await bucket.history({ key: "language" })) {
  console.log(`language had revision ${revision} by ${operation}`);
}

// A watch starts with the current entries, and continues with changes.
const watch = await bucket.watch();
await bucket.put("theme", "light");
await bucket.delete("language"); // Leaves a delete marker, which the watch receives; purge() also removes the history.
for await (const { key, operation, value } of watch) {
  console.log(`${key}: ${operation} ${new TextDecoder().decode(value)}`);
  if (operation === "DEL") break;
}

for await (const key of await bucket.keys()) console.log(`key: ${key}`);

await bucket.destroy();
await nc.drain();
