/**
 * Key-value: a bucket of keys with revisions, history, and changes to watch. It is a stream beneath.
 *
 *     node examples/key-value.ts               (nats-server --jetstream)
 */
import type { NatsError } from "nats";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const bucket = await nc.jetstream().views.kv("EXAMPLE_SETTINGS", { history: 5 }); // Made if there is none.

await bucket.put("theme", "dark");
const entry = await bucket.get("theme"); // null where there is no such key.
console.log(`theme is ${entry?.string()}, revision ${entry?.revision}`);

// Create: only if it is not there. Update: only if it is still the revision that we know.
const revision = await bucket.create("language", "en");
await bucket.update("language", "de", revision);
try {
  await bucket.update("language", "fr", revision);
} catch (error) {
  console.log(`somebody was quicker: ${(error as NatsError).message}`);
}

for await (const { revision, operation } of await bucket.history({ key: "language" })) {
  console.log(`language had revision ${revision} by ${operation}`);
}

// A watch begins with what is there, and goes on with what changes.
const watch = await bucket.watch();
await bucket.put("theme", "light");
await bucket.delete("language"); // Leaves a mark, which the watch sees; purge() forgets the history too.
for await (const { key, operation, value } of watch) {
  console.log(`${key}: ${operation} ${new TextDecoder().decode(value)}`);
  if (operation === "DEL") break;
}

for await (const key of await bucket.keys()) console.log(`key: ${key}`);

await bucket.destroy();
await nc.drain();
