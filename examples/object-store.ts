/**
 * Object store: files of any size, stored in chunks that fit into messages.
 *
 *     node examples/object-store.ts            (nats-server --jetstream)
 */
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());
const store = await nc.jetstream().views.os("EXAMPLE_FILES"); // Created if it does not exist.

// From memory ...
const small = await store.putBlob({ name: "greeting.txt" }, new TextEncoder().encode("hello"));
console.log(`${small.name}: ${small.size} bytes`);

// ... and from a stream, which is never held in memory as a whole.
const pieces = Array.from({ length: 10 }, (_, i) => new Uint8Array(30_000).fill(i));
const large = await store.put(
  { name: "large.bin", description: "ten pieces" },
  ReadableStream.from(pieces) as ReadableStream<Uint8Array>,
);
console.log(`${large.name}: ${large.size} bytes in ${large.chunks} chunks, ${large.digest}`);

const greeting = await store.getBlob("greeting.txt"); // null if the object does not exist.
console.log(`read: ${new TextDecoder().decode(greeting ?? new Uint8Array())}`);

const result = await store.get("large.bin");
if (result) {
  let bytes = 0;
  for await (const piece of result.data) bytes += piece.length;
  const problem = await result.error; // The digest is checked at the end: check the error before you use the content.
  console.log(`read: ${bytes} bytes, ${problem ? problem.message : "digest is valid"}`);
}

for (const { name } of await store.list()) console.log(`in the store: ${name}`);

await store.delete("greeting.txt");
await store.destroy();
await nc.drain();
