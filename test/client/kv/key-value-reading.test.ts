import { context, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, instrumentClient, keepContexts, within } from "../clients.ts";
import { failureOf } from "../failures.ts";
import { bucketSpan, bucketSpans, collectGarbage, someTurns } from "../stores/buckets.ts";

keepContexts();

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

let buckets = 0;
const newBucket = () => `r${++buckets}`;

const counted = (bucket: string, operation: string, outcome = "ok") =>
  `nats_kv_operation_seconds_count{bucket="${bucket}",operation="${operation}",outcome="${outcome}"}`;
const entries = (bucket: string, operation: string) =>
  `nats_kv_entries_received_total{bucket="${bucket}",operation="${operation}"}`;

/** The only sample besides those of buckets: another connection filled the bucket. */
const CONNECTED = { nats_connection_status: 1 };

interface Queue<Item> extends AsyncIterable<Item> {
  getPending(): number;
}

/**
 * Returns the iterator of a queue once it has all items: 2.x drops those that arrive while the loop's body
 * waits.
 */
async function iteratorWithAll<Item>(queue: Queue<Item>, items: number) {
  await until("all items", () => queue.getPending() === items || undefined);
  return queue[Symbol.asyncIterator]() as AsyncIterableIterator<Item>;
}

describeEachClient("reading a bucket", (client) => {
  /** An instrumented bucket with a value for each key, stored by another connection. */
  async function filled(keys: readonly string[], options: Parameters<typeof instrumentClient>[2] = {}) {
    const fixture = await instrumentClient(client, server, options);
    const bucket = newBucket();
    const untouched = await client.keyValue(fixture.raw, bucket, { history: 5 });
    for (const key of keys) await untouched.put(key, "x");
    const kv = await client.keyValue(fixture.connection, bucket, { history: 5 });
    return { fixture, bucket, untouched, kv, stream: `KV_${bucket}` };
  }

  it("records keys as one operation until the last key", async () => {
    const { fixture, bucket, kv, stream } = await filled(["a", "b", "c"]);
    await using _ = fixture;
    const { result } = await within(fixture.spans, async () => {
      const keys: string[] = [];
      const iterator = await iteratorWithAll<string>(await kv.keys(), 3);
      for await (const key of iterator) {
        // The loop has the iterator, and the queue it came from is unreachable.
        collectGarbage();
        await someTurns();
        expect(bucketSpans(fixture)).toEqual([]);
        keys.push(key);
      }
      return keys;
    });
    expect(result).toEqual(["a", "b", "c"]);
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "keys")]: 1,
      [entries(bucket, "keys")]: 3,
    });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({
        stream,
        operation: "keys",
        parent: "test",
        attributes: { "messaging.batch.message_count": 3 },
      }),
    ]);
  });

  it("records keys of an empty bucket as an operation", async () => {
    const { fixture, bucket, kv, stream } = await filled([]);
    await using _ = fixture;
    for await (const key of await kv.keys()) expect.fail(`there is no key ${key}`);
    expect(await fixture.samples()).toEqual({ ...CONNECTED, [counted(bucket, "keys")]: 1 });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "keys", attributes: { "messaging.batch.message_count": 0 } }),
    ]);
  });

  it("links history to the spans that stored the values", async () => {
    const { fixture, bucket, kv, stream, untouched } = await filled(["a"]);
    await using _ = fixture;
    const traced = client.headers();
    traced.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    await client.jetstream(fixture.raw).publish(`$KV.${bucket}.a`, "y", { headers: traced });
    await untouched.delete("a");
    const { result } = await within(fixture.spans, async () => {
      const operations: string[] = [];
      for await (const entry of await kv.history({ key: "a" })) operations.push(entry.operation);
      return operations;
    });
    expect(result).toEqual(["PUT", "PUT", "DEL"]);
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "history")]: 1,
      [entries(bucket, "history")]: 3,
    });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({
        stream,
        operation: "history",
        parent: "test",
        attributes: { "messaging.batch.message_count": 3 },
        links: ["elsewhere"],
      }),
    ]);
  });

  it.each([
    [
      "break",
      async (keys: AsyncIterable<string>) => {
        for await (const _ of keys) break;
      },
    ],
    [
      "throw",
      async (keys: AsyncIterable<string>) => {
        const thrown = new Error("enough");
        const loop = async () => {
          for await (const _ of keys) throw thrown;
        };
        expect(await failureOf(loop)).toBe(thrown);
      },
    ],
    [
      "stop()",
      async (keys: AsyncIterable<string> & { stop(): void }) => {
        const iterator = keys[Symbol.asyncIterator]();
        await iterator.next();
        keys.stop();
      },
    ],
  ] as const)("ends with its loop: %s", async (_, leave) => {
    const { fixture, bucket, kv, stream } = await filled(["a", "b"]);
    await using __ = fixture;
    await leave(await kv.keys());
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "keys")]: 1,
      [entries(bucket, "keys")]: 1,
    });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "keys", attributes: { "messaging.batch.message_count": 1 } }),
    ]);
  });

  it("ends without a loop: when stopped, garbage-collected, or with the connection", async () => {
    const { fixture, bucket, kv, stream } = await filled(["a"]);
    await using _ = fixture;
    const unread = bucketSpan({
      stream,
      operation: "keys",
      attributes: { "messaging.batch.message_count": 0 },
    });
    (await kv.keys()).stop();
    expect(bucketSpans(fixture)).toEqual([unread]);
    await kv.keys();
    await until("what was dropped is noticed", () => {
      collectGarbage();
      return bucketSpans(fixture).length === 2 || undefined;
    });
    const kept = await kv.keys();
    expect(await fixture.samples()).toEqual({ ...CONNECTED, [counted(bucket, "keys")]: 2 });
    const spansBefore = bucketSpans(fixture);
    await fixture.connection.close();
    expect(spansBefore).toEqual([unread, unread]);
    expect(await fixture.samples()).toEqual({ [counted(bucket, "keys")]: 3 });
    kept.stop();
    expect(await fixture.samples()).toEqual({ [counted(bucket, "keys")]: 3 });
  });

  it("fails with the error that it is stopped with", async () => {
    const { fixture, bucket, kv, stream } = await filled(["a", "b"]);
    await using _ = fixture;
    const reason = new Error("no more");
    const history = await kv.history();
    const loop = async () => {
      for await (const _ of history) history.stop(reason);
    };
    // The client may have delivered all entries to the loop.
    const failure = await loop().catch((error: unknown) => error);
    expect([undefined, reason]).toContain(failure);
    expect(await fixture.samples()).toMatchObject({ [counted(bucket, "history", "error")]: 1 });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({
        stream,
        operation: "history",
        error: "Error",
        attributes: { "messaging.batch.message_count": 1 },
      }),
    ]);
  });

  it("refuses a second loop like the client, and continues the first", async () => {
    const { fixture, bucket, kv } = await filled(["a", "b"]);
    await using _ = fixture;
    const keys = await kv.keys();
    const first = await iteratorWithAll(keys, 2);
    expect((await first.next()).value).toBe("a");
    expect(String(await failureOf(() => keys[Symbol.asyncIterator]().next()))).toMatch(/already yielding/);
    expect((await first.next()).value).toBe("b");
    expect((await first.next()).done).toBe(true);
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "keys")]: 1,
      [entries(bucket, "keys")]: 2,
    });
  });

  it("processes each entry of a watch in a context of its own", async () => {
    const { fixture, bucket, kv, stream, untouched } = await filled(["a"]);
    await using _ = fixture;
    const { spans } = fixture;
    const traced = client.headers();
    traced.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    const bodies: (string | undefined)[] = [];
    const active = () => trace.getSpanContext(context.active())?.spanId;
    const { result } = await within(spans, async (span) => {
      const watch = await kv.watch();
      expect(await fixture.samples()).toMatchObject({ nats_active_subscriptions: 1 });
      for await (const { operation } of watch) {
        await Promise.resolve();
        bodies.push(active());
        if (bodies.length === 1) {
          await client.jetstream(fixture.raw).publish(`$KV.${bucket}.b`, "y", { headers: traced });
        } else if (operation === "PUT") await untouched.delete("b");
        else break;
      }
      return { inside: span.spanContext().spanId, after: active() };
    });
    expect(result.after).toBe(result.inside);
    expect(bodies).toEqual(spans.named(`process ${stream}`).map((span) => span.spanContext().spanId));
    const processed = (revision: number, operation: string, links?: string[]) =>
      bucketSpan({
        stream,
        operation: "process",
        attributes: { "messaging.nats.kv.revision": revision, "messaging.nats.kv.operation": operation },
        ...(links && { links }),
      });
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ stream, operation: "watch", parent: "test" }),
      processed(1, "PUT"),
      processed(2, "PUT", ["elsewhere"]),
      processed(3, "DEL"),
    ]);
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "watch")]: 1,
      [entries(bucket, "watch")]: 3,
    });
  });

  it("ends a watch with stop(), after the entries that the client holds", async () => {
    const { fixture, bucket, kv, stream } = await filled(["a", "b"]);
    await using _ = fixture;
    const watch = await kv.watch();
    await until("both entries", () => watch.getPending() === 2 || undefined);
    expect(await fixture.samples()).toMatchObject({
      nats_active_subscriptions: 1,
      [`nats_subscription_pending_messages{subject="${stream}"}`]: 2,
    });
    const keys: string[] = [];
    for await (const { key } of watch) {
      if (keys.push(key) === 1) {
        watch.stop();
        await new Promise((resolve) => setImmediate(resolve));
        // The body has not finished its entry.
        expect(fixture.spans.named(`process ${stream}`)).toHaveLength(0);
        expect(await fixture.samples()).not.toHaveProperty("nats_active_subscriptions");
      }
    }
    expect(keys).toEqual(["a", "b"]);
    expect(fixture.spans.named(`process ${stream}`)).toHaveLength(2);
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "watch")]: 1,
      [entries(bucket, "watch")]: 2,
    });
  });

  it("ends a watch when its loop throws", async () => {
    const { fixture, bucket, kv, stream } = await filled(["a"]);
    await using _ = fixture;
    const thrown = new Error("enough");
    const loop = async () => {
      for await (const _ of await kv.watch()) throw thrown;
    };
    expect(await failureOf(loop)).toBe(thrown);
    expect(fixture.spans.named(`process ${stream}`)).toHaveLength(1);
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "watch")]: 1,
      [entries(bucket, "watch")]: 1,
    });
  });

  it("ends a watch with the connection, with or without a loop", async () => {
    const { fixture, bucket, kv, stream } = await filled(["a"]);
    await using _ = fixture;
    const unread = await kv.watch();
    const loop = (async () => {
      for await (const _ of await kv.watch());
    })();
    await until("the entry", async () => {
      const samples = await fixture.samples();
      return (
        (samples[entries(bucket, "watch")] === 1 && samples.nats_active_subscriptions === 2) || undefined
      );
    });
    await fixture.connection.close();
    await loop;
    expect(unread.getPending()).toBe(1);
    expect(fixture.spans.named(`process ${stream}`)).toHaveLength(1);
    expect(await fixture.samples()).toEqual({
      [counted(bucket, "watch")]: 2,
      [entries(bucket, "watch")]: 1,
    });
  });

  it("works without a tracer", async () => {
    const { fixture, bucket, kv } = await filled(["a"], { tracer: false });
    await using _ = fixture;
    for await (const _ of await kv.keys());
    for await (const _ of await kv.history());
    for await (const _ of await kv.watch()) break;
    expect(await fixture.samples()).toEqual({
      ...CONNECTED,
      [counted(bucket, "keys")]: 1,
      [counted(bucket, "history")]: 1,
      [counted(bucket, "watch")]: 1,
      [entries(bucket, "keys")]: 1,
      [entries(bucket, "history")]: 1,
      [entries(bucket, "watch")]: 1,
    });
  });
});
