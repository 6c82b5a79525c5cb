import { context, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import { CLIENTS, describeEachClient, instrumentClient, keepContexts, within } from "../clients.ts";
import { failureOf } from "../failures.ts";
import { bucketSpan, bucketSpans, collectGarbage, someTurns } from "../stores/buckets.ts";

keepContexts();

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

let buckets = 0;
const newBucket = () => `o${++buckets}`;

const counted = (bucket: string, operation: string, outcome = "ok") =>
  `nats_object_operation_seconds_count{bucket="${bucket}",operation="${operation}",outcome="${outcome}"}`;
const bytes = (bucket: string, operation: string) =>
  `nats_object_bytes_total{bucket="${bucket}",operation="${operation}"}`;
const CONNECTED = { nats_connection_status: 1 };

const sized = (size: number, chunks: number) => ({
  "messaging.nats.object.size": size,
  "messaging.nats.object.chunks": chunks,
});

/** More than a socket and its reader buffer, so that the close comes before the end of the content. */
const LARGE_BYTES = 32 * 1024 * 1024;

function streamOf(content: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([content as Uint8Array<ArrayBuffer>]).stream();
}

async function lengthsOf(content: ReadableStream<Uint8Array>): Promise<number[]> {
  const lengths: number[] = [];
  for await (const chunk of content) lengths.push(chunk.length);
  return lengths;
}

describeEachClient("an object store", (client) => {
  async function opened(options: Parameters<typeof instrumentClient>[2] = {}) {
    const fixture = await instrumentClient(client, server, options);
    const bucket = newBucket();
    const store = await client.objectStore(fixture.connection, bucket);
    const untouched = await client.objectStore(fixture.raw, bucket);
    return { fixture, bucket, store, untouched, stream: `OBJ_${bucket}` };
  }

  it("records a duration and a span for each operation, and nothing else", async () => {
    const { fixture, bucket, store, stream } = await opened();
    await using _ = fixture;
    const content = new Uint8Array(300_000).fill(7);
    const { result } = await within(fixture.spans, async () => {
      const put = await store.put({ name: "a" }, streamOf(content));
      await store.putBlob({ name: "b" }, new Uint8Array(10));
      const got = await store.get("a");
      const read = await lengthsOf(got.data);
      const blob = await store.getBlob("b");
      const listed = await store.list();
      const deleted = await store.delete("b");
      return { put, read, error: await got.error, info: got.info, blob, listed, deleted };
    });
    expect(result.put).toMatchObject({ name: "a", size: 300_000, chunks: 3 });
    expect(result.read).toEqual([131_072, 131_072, 37_856]);
    expect(result.info.name).toBe("a");
    expect(result.error ?? undefined).toBeUndefined();
    expect(result.blob).toHaveLength(10);
    expect(result.listed.map(({ name }: { name: string }) => name)).toEqual(["a", "b"]);
    expect(result.deleted).toMatchObject({ success: true, purged: 1 });
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "put")]: 2,
      [counted(bucket, "get")]: 2,
      [counted(bucket, "list")]: 1,
      [counted(bucket, "delete")]: 1,
      [bytes(bucket, "put")]: 300_010,
      [bytes(bucket, "get")]: 300_010,
    });
    const span = (operation: string, attributes = {}) =>
      bucketSpan({ stream, operation, parent: "test", attributes });
    expect(bucketSpans(fixture)).toEqual([
      span("put", sized(300_000, 3)),
      span("put", sized(10, 1)),
      span("get", sized(300_000, 3)),
      span("get", { "messaging.nats.object.size": 10 }),
      span("list", { "messaging.batch.message_count": 2 }),
      span("delete"),
    ]);
  });

  it("returns an empty object, and null for a missing one", async () => {
    const { fixture, bucket, store, stream } = await opened();
    await using _ = fixture;
    await store.putBlob({ name: "empty" }, new Uint8Array(0));
    expect(await lengthsOf((await store.get("empty")).data)).toEqual([0]);
    expect(await store.get("missing")).toBeNull();
    expect(await store.getBlob("missing")).toBeNull();
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "put")]: 1,
      [counted(bucket, "get")]: 3,
    });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "put", attributes: sized(0, 0) }),
      bucketSpan({ stream, operation: "get", attributes: sized(0, 0) }),
      bucketSpan({ stream, operation: "get" }),
      bucketSpan({ stream, operation: "get" }),
    ]);
  });

  it("delivers the chunks of the client's stream on demand", async () => {
    const { fixture, bucket, store, untouched } = await opened();
    await using _ = fixture;
    await untouched.put({ name: "a", options: { max_chunk_size: 1000 } }, streamOf(new Uint8Array(3500)));
    const raw = await lengthsOf((await untouched.get("a")).data);
    const { data } = await store.get("a");
    expect(data).toBeInstanceOf(ReadableStream);
    const reader = data.getReader();
    const lengths: number[] = [];
    for (const nth of raw.keys()) {
      lengths.push((await reader.read()).value.length);
      expect((await fixture.samples())[bytes(bucket, "get")]).toBe(
        raw.slice(0, nth + 1).reduce((sum, one) => sum + one, 0),
      );
    }
    expect(lengths).toEqual(raw);
    // Closed with the last chunk, without another read.
    await reader.closed;
    expect(await fixture.samples()).toMatchObject({ [counted(bucket, "get")]: 1 });
  });

  it("ends the operation of an object that is cancelled", async () => {
    const { fixture, bucket, store, untouched, stream } = await opened();
    await using _ = fixture;
    await untouched.put({ name: "a", options: { max_chunk_size: 1000 } }, streamOf(new Uint8Array(3500)));
    const { data, error } = await store.get("a");
    // The client may fail to enqueue into the cancelled stream.
    error.catch(() => {});
    const reader = data.getReader();
    await reader.read();
    expect(bucketSpans(fixture)).toEqual([]);
    await reader.cancel("enough");
    expect((await reader.read()).done).toBe(true);
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "get")]: 1,
      [bytes(bucket, "get")]: 1000,
    });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "get", attributes: sized(3500, 4) }),
    ]);
  });

  it("ends the operation of an object that is never read", async () => {
    const { fixture, bucket, store, untouched } = await opened();
    await using _ = fixture;
    await untouched.putBlob({ name: "a" }, new Uint8Array(10));
    await store.get("a");
    await until("what was dropped is noticed", () => {
      collectGarbage();
      return bucketSpans(fixture).length === 1 || undefined;
    });
    expect(await fixture.samples()).toEqual({ ...CONNECTED, [counted(bucket, "get")]: 1 });
  });

  it("reports an object cut off by the end of the connection", async () => {
    const { fixture, bucket, store, untouched, stream } = await opened();
    await using _ = fixture;
    const { chunks } = await untouched.putBlob({ name: "a" }, new Uint8Array(LARGE_BYTES));
    const { data, error } = await store.get("a");
    error.catch(() => {});
    const reader = data.getReader();
    let read = (await reader.read()).value.length;
    await fixture.connection.close();
    await someTurns();
    // Without a pending read, the chunks that have arrived may still be read.
    expect(bucketSpans(fixture)).toEqual([]);
    // Both clients deliver the chunks they have, and then leave the read pending for ever.
    void (async () => {
      for (;;) read += (await reader.read()).value?.length ?? 0;
    })();
    await until("its end", () => bucketSpans(fixture).length === 1 || undefined);
    expect(read).toBeLessThan(LARGE_BYTES);
    expect(await fixture.samples()).toEqual({
      [counted(bucket, "get", "error")]: 1,
      [bytes(bucket, "get")]: read,
    });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({
        stream,
        operation: "get",
        error: "connection_closed",
        attributes: sized(LARGE_BYTES, chunks),
      }),
    ]);
  });

  it("reports a blob cut off by the end of the connection", async () => {
    const { fixture, bucket, store, untouched, stream } = await opened();
    await using _ = fixture;
    await untouched.putBlob({ name: "a" }, new Uint8Array(LARGE_BYTES));
    const before = fixture.connection.stats().inBytes;
    // Neither client ever settles this promise.
    store.getBlob("a").catch(() => {});
    while (fixture.connection.stats().inBytes < before + LARGE_BYTES / 16) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await fixture.connection.close();
    await until("its end", () => bucketSpans(fixture).length === 1 || undefined);
    expect(await fixture.samples()).toEqual({ [counted(bucket, "get", "error")]: 1 });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "get", error: "connection_closed" }),
    ]);
  });

  it("delivers what arrived before the end of the connection", async () => {
    const { fixture, bucket, store, untouched } = await opened();
    await using _ = fixture;
    await untouched.put({ name: "a", options: { max_chunk_size: 1000 } }, streamOf(new Uint8Array(3500)));
    const { data, error } = await store.get("a");
    await error;
    await fixture.connection.close();
    await someTurns();
    expect(await lengthsOf(data)).toEqual([1000, 1000, 1000, 500]);
    expect(await fixture.samples()).toEqual({
      [counted(bucket, "get")]: 1,
      [bytes(bucket, "get")]: 3500,
    });
  });

  it("fails with a corrupt object", async () => {
    const { fixture, bucket, store, untouched, stream } = await opened();
    await using _ = fixture;
    const { nuid } = await untouched.putBlob({ name: "a" }, new Uint8Array(10));
    const manager = await client.jetstreamManager(fixture.raw);
    await manager.streams.purge(stream, { filter: `$O.${bucket}.C.${nuid}` });
    await client.jetstream(fixture.raw).publish(`$O.${bucket}.C.${nuid}`, new Uint8Array(10).fill(1));
    const { data } = await store.get("a");
    expect(String(await failureOf(() => lengthsOf(data)))).toMatch(/corrupt object/);
    expect(await fixture.samples()).toMatchObject({ [counted(bucket, "get", "error")]: 1 });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "get", error: "Error", attributes: sized(10, 1) }),
    ]);
  });

  it("fails with the stream that it stores", async () => {
    const { fixture, bucket, store, stream } = await opened();
    await using _ = fixture;
    const broken = new Error("no more");
    const source = new ReadableStream({
      pull(controller) {
        controller.error(broken);
      },
    });
    expect(await failureOf(() => store.put({ name: "a" }, source))).toBe(broken);
    expect(await fixture.samples()).toEqual({ ...CONNECTED, [counted(bucket, "put", "error")]: 1 });
    expect(bucketSpans(fixture)).toEqual([bucketSpan({ stream, operation: "put", error: "Error" })]);
  });

  it("records another revision than the expected one as a conflict", async () => {
    const { fixture, bucket, store, stream } = await opened();
    await using _ = fixture;
    const failure = await failureOf(() =>
      store.putBlob({ name: "a" }, new Uint8Array(1), { previousRevision: 7 }),
    );
    expect(String(failure)).toMatch(/wrong last sequence/);
    expect(await fixture.samples()).toEqual({ ...CONNECTED, [counted(bucket, "put", "conflict")]: 1 });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "put", expectedError: "jetstream_10071" }),
    ]);
  });

  it("fails like the client's if its stream is deleted", async () => {
    const { fixture, bucket, store, untouched } = await opened();
    await using _ = fixture;
    await store.destroy();
    const calls = (one: typeof store) => ({
      put: () => one.putBlob({ name: "a" }, new Uint8Array(1)),
      list: () => one.list(),
      watch: () => one.watch(),
    });
    for (const [operation, call] of Object.entries(calls(store))) {
      const raw = Object.entries(calls(untouched)).find(([name]) => name === operation)?.[1];
      expect(String(await failureOf(call))).toBe(String(await failureOf(raw as typeof call)));
    }
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "put", "error")]: 1,
      [counted(bucket, "list", "error")]: 1,
      [counted(bucket, "watch", "error")]: 1,
    });
    expect(bucketSpans(fixture).map(({ name, failed }) => [name, failed])).toEqual([
      [`put OBJ_${bucket}`, true],
      [`list OBJ_${bucket}`, true],
      [`watch OBJ_${bucket}`, true],
    ]);
  });

  it("fails like the client's on a closed connection", async () => {
    const { fixture, bucket, store, untouched, stream } = await opened();
    await using _ = fixture;
    await Promise.all([fixture.connection.close(), fixture.raw.close()]);
    for (const call of [
      (one: typeof store) => one.putBlob({ name: "a" }, new Uint8Array(1)),
      (one: typeof store) => one.get("a"),
    ]) {
      const failure = await failureOf(() => call(store));
      expect(String(failure)).toBe(String(await failureOf(() => call(untouched))));
    }
    expect(await fixture.samples()).toEqual({
      [counted(bucket, "put", "error")]: 1,
      [counted(bucket, "get", "error")]: 1,
    });
    expect(bucketSpans(fixture)).toEqual(
      ["put", "get"].map((operation) => bucketSpan({ stream, operation, error: "connection_closed" })),
    );
  });

  it("processes the items of a watch until it ends", async () => {
    const { fixture, bucket, store, untouched, stream } = await opened();
    await using _ = fixture;
    await untouched.putBlob({ name: "a" }, new Uint8Array(10));
    const bodies: (string | undefined)[] = [];
    const names: string[] = [];
    const watch = await store.watch({ includeHistory: true });
    expect(await fixture.samples()).toMatchObject({ nats_active_subscriptions: 1 });
    for await (const info of watch) {
      // In 2.x null marks the end of the objects that existed before.
      if (!info) continue;
      bodies.push(trace.getSpanContext(context.active())?.spanId);
      if (names.push(info.name) === 2) break;
      await untouched.putBlob({ name: "b" }, new Uint8Array(20));
    }
    expect(names).toEqual(["a", "b"]);
    expect(bodies).toEqual(fixture.spans.named(`process ${stream}`).map((span) => span.spanContext().spanId));
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "watch" }),
      bucketSpan({ stream, operation: "process", attributes: sized(10, 1) }),
      bucketSpan({ stream, operation: "process", attributes: sized(20, 1) }),
    ]);
    expect(await fixture.samples()).toEqual({ ...CONNECTED, [counted(bucket, "watch")]: 1 });
  });

  it("can be the target of a link", async () => {
    const { fixture, store } = await opened();
    await using _ = fixture;
    const other = await client.objectStore(fixture.connection, newBucket());
    await other.putBlob({ name: "a" }, new Uint8Array(3));
    expect((await store.linkStore("all", other)).isLink()).toBe(true);
    await store.link("one", await other.info("a"));
    expect(await store.getBlob("one")).toHaveLength(3);
  });

  it("works without a tracer", async () => {
    const { fixture, bucket, store } = await opened({ tracer: false });
    await using _ = fixture;
    await store.putBlob({ name: "a" }, new Uint8Array(3));
    expect(await lengthsOf((await store.get("a")).data)).toEqual([3]);
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "put")]: 1,
      [counted(bucket, "get")]: 1,
      [bytes(bucket, "put")]: 3,
      [bytes(bucket, "get")]: 3,
    });
  });
});

describe.each(["2.9", "2.10"])("an object store of nats-server %s", (version) => {
  let old: RunningNatsServer;
  beforeAll(async () => {
    old = await runNatsServer({ version });
  });
  afterAll(() => old.stop());

  it.each(CLIENTS)("is instrumented in the same way ($name)", async (client) => {
    await using fixture = await instrumentClient(client, old);
    const bucket = newBucket();
    const store = await client.objectStore(fixture.connection, bucket);
    await store.put({ name: "a" }, streamOf(new Uint8Array(200_000)));
    expect(await lengthsOf((await store.get("a")).data)).toEqual([131_072, 68_928]);
    await store.delete("a");
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "put")]: 1,
      [counted(bucket, "get")]: 1,
      [counted(bucket, "delete")]: 1,
      [bytes(bucket, "put")]: 200_000,
      [bytes(bucket, "get")]: 200_000,
    });
    expect(fixture.spans.ended.map(({ name }) => name)).toEqual(
      ["put", "get", "delete"].map((operation) => `${operation} OBJ_${bucket}`),
    );
  });
});
