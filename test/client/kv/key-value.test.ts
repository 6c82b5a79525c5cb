import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { freeze } from "../../rig/frozen.ts";
import { CLIENTS, describeEachClient, instrumentClient, keepContexts, within } from "../clients.ts";
import { failureOf } from "../failures.ts";
import { bucketSpan, bucketSpans, type Expected } from "../stores/buckets.ts";

keepContexts();

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

let buckets = 0;
const newBucket = () => `b${++buckets}`;

const counted = (bucket: string, operation: string, outcome = "ok") =>
  `nats_kv_operation_seconds_count{bucket="${bucket}",operation="${operation}",outcome="${outcome}"}`;

describeEachClient("a key-value bucket", (client) => {
  it("records a duration and a span for each operation, and nothing else", async () => {
    await using fixture = await instrumentClient(client, server);
    const { spans } = fixture;
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket, { history: 5 });
    const { result } = await within(spans, async () => {
      const first = await kv.put("k", "1");
      const second = await kv.update("k", "2", first);
      const created = await kv.create("other", "3");
      const entry = await kv.get("k");
      const old = await kv.get("k", { revision: first });
      const missing = await kv.get("missing");
      await kv.delete("k");
      await kv.purge("k");
      await kv.remove("other");
      return { first, second, created, entry, old, missing };
    });
    expect(result).toMatchObject({ first: 1, second: 2, created: 3, missing: null });
    expect([result.entry.string(), result.old.string()]).toEqual(["2", "1"]);
    expect(await fixture.samples()).toEqual({
      nats_connection_status: 1,
      [counted(bucket, "put")]: 1,
      [counted(bucket, "update")]: 1,
      [counted(bucket, "create")]: 1,
      [counted(bucket, "get")]: 3,
      [counted(bucket, "delete")]: 1,
      [counted(bucket, "purge")]: 2,
    });
    const span = (operation: string, revision?: number, entryOperation?: string) =>
      bucketSpan({
        stream: `KV_${bucket}`,
        operation,
        parent: "test",
        attributes: {
          ...(revision && { "messaging.nats.kv.revision": revision }),
          ...(entryOperation && { "messaging.nats.kv.operation": entryOperation }),
        },
      });
    expect(bucketSpans(fixture)).toEqual([
      span("put", 1),
      span("update", 2),
      span("create", 3),
      span("get", 2, "PUT"),
      span("get", 1, "PUT"),
      span("get"),
      span("delete"),
      span("purge"),
      span("purge"),
    ]);
  });

  it("records a failed compare-and-set as a conflict, not as a failed span", async () => {
    await using fixture = await instrumentClient(client, server);
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    const untouched = await client.keyValue(fixture.raw, bucket);
    await kv.put("k", "1");
    fixture.spans.reset();
    const failures = [
      await failureOf(() => kv.create("k", "2")),
      await failureOf(() => kv.update("k", "2", 7)),
    ];
    const raw = [
      await failureOf(() => untouched.create("k", "2")),
      await failureOf(() => untouched.update("k", "2", 7)),
    ];
    expect(failures.map(String)).toEqual(raw.map(String));
    expect(await fixture.samples()).toEqual({
      nats_connection_status: 1,
      [counted(bucket, "put")]: 1,
      [counted(bucket, "create", "conflict")]: 1,
      [counted(bucket, "update", "conflict")]: 1,
    });
    const conflict = { stream: `KV_${bucket}`, expectedError: "jetstream_10071" };
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ ...conflict, operation: "create" }),
      bucketSpan({ ...conflict, operation: "update" }),
    ]);
  });

  it("throws at once if the client does", async () => {
    await using fixture = await instrumentClient(client, server);
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    expect(() => kv.update("k", "1", 0)).toThrow("version must be greater than 0");
    const invalid = await failureOf(() => kv.put("not a key", "1"));
    expect(String(invalid)).toContain("invalid key");
    expect(await fixture.samples()).toEqual({
      nats_connection_status: 1,
      [counted(bucket, "update", "error")]: 1,
      [counted(bucket, "put", "error")]: 1,
    });
    const failed = { stream: `KV_${bucket}`, error: "Error" };
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({ ...failed, operation: "update" }),
      bucketSpan({ ...failed, operation: "put" }),
    ]);
  });

  it("fails if its stream is deleted", async () => {
    await using fixture = await instrumentClient(client, server);
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    expect(await kv.destroy()).toBe(true);
    const calls = {
      put: () => kv.put("k", "1"),
      create: () => kv.create("k", "1"),
      update: () => kv.update("k", "1", 1),
      get: () => kv.get("k"),
      delete: () => kv.delete("k"),
      purge: () => kv.purge("k"),
      keys: () => kv.keys(),
      history: () => kv.history(),
      watch: () => kv.watch(),
    };
    for (const call of Object.values(calls)) await failureOf(call);
    const operations = Object.keys(calls);
    const isReading = (operation: string) => ["keys", "history", "watch"].includes(operation);
    expect(await fixture.samples()).toEqual({
      nats_connection_status: 1,
      ...Object.fromEntries(
        operations.map((operation) => [
          counted(bucket, operation, isReading(operation) ? "error" : "no_responders"),
          1,
        ]),
      ),
    });
    expect(bucketSpans(fixture)).toEqual(
      operations.map((operation) =>
        bucketSpan({
          stream: `KV_${bucket}`,
          operation,
          error: isReading(operation) ? "jetstream_10059" : "no_responders",
        }),
      ),
    );
  });

  it("fails if the server does not answer", async () => {
    await using own = await runNatsServer();
    await using fixture = await instrumentClient(client, own);
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    await freeze(own.pid, fixture.raw);
    await Promise.all([failureOf(() => kv.put("k", "1")), failureOf(() => kv.get("k"))]);
    process.kill(own.pid, "SIGCONT");
    expect(await fixture.samples()).toEqual({
      nats_connection_status: 1,
      [counted(bucket, "put", "timeout")]: 1,
      [counted(bucket, "get", "timeout")]: 1,
    });
    const failed = { stream: `KV_${bucket}`, error: "timeout" };
    expect(new Set(bucketSpans(fixture))).toEqual(
      new Set([bucketSpan({ ...failed, operation: "put" }), bucketSpan({ ...failed, operation: "get" })]),
    );
  });

  it("fails like the client's on a closed connection", async () => {
    await using fixture = await instrumentClient(client, server);
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    const untouched = await client.keyValue(fixture.raw, bucket);
    const closed: Expected = { stream: `KV_${bucket}`, operation: "put", error: "connection_closed" };
    const expected = ["put", "get", "watch"].map((operation) => bucketSpan({ ...closed, operation }));
    await Promise.all([fixture.connection.close(), fixture.raw.close()]);
    const calls = [
      [() => kv.put("k", "1"), () => untouched.put("k", "1")],
      [() => kv.get("k"), () => untouched.get("k")],
      [() => kv.watch(), () => untouched.watch()],
    ] as const;
    for (const [call, raw] of calls) expect(String(await failureOf(call))).toBe(String(await failureOf(raw)));
    expect(bucketSpans(fixture)).toEqual(expected);
    expect(await fixture.samples()).toEqual({
      [counted(bucket, "put", "error")]: 1,
      [counted(bucket, "get", "error")]: 1,
      [counted(bucket, "watch", "error")]: 1,
    });
  });

  it("links a read to the span that stored the value", async () => {
    await using fixture = await instrumentClient(client, server);
    const { spans } = fixture;
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    const traced = client.headers();
    traced.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    await client.jetstream(fixture.raw).publish(`$KV.${bucket}.k`, "1", { headers: traced });
    await within(spans, () => kv.get("k"));
    expect(bucketSpans(fixture)).toEqual([
      bucketSpan({
        stream: `KV_${bucket}`,
        operation: "get",
        attributes: { "messaging.nats.kv.revision": 1, "messaging.nats.kv.operation": "PUT" },
        parent: "test",
        links: ["elsewhere"],
      }),
    ]);
  });

  it("stores the same as the client's", async () => {
    await using fixture = await instrumentClient(client, server);
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    await within(fixture.spans, () => kv.put("k", "1"));
    const manager = await client.jetstreamManager(fixture.raw);
    const stored = await manager.streams.getMessage(`KV_${bucket}`, { last_by_subj: `$KV.${bucket}.k` });
    expect(stored.header.keys()).toEqual([]);
  });

  it("is measured without a tracer", async () => {
    await using fixture = await instrumentClient(client, server, { tracer: false });
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    await kv.put("k", "1");
    expect((await kv.get("k")).string()).toBe("1");
    expect(await fixture.samples()).toEqual({
      nats_connection_status: 1,
      [counted(bucket, "put")]: 1,
      [counted(bucket, "get")]: 1,
    });
  });

  it("works with a tracer whose spans throw", async () => {
    const fail = () => {
      throw new Error("no");
    };
    const span = new Proxy({}, { get: () => fail });
    const tracer = { startSpan: () => span, startActiveSpan: fail } as never;
    await using fixture = await instrumentClient(client, server, { tracer, onProblem: () => {} });
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    expect(await kv.put("k", "1")).toBe(1);
    expect((await kv.get("k")).string()).toBe("1");
    expect(await fixture.samples()).toMatchObject({
      [counted(bucket, "put")]: 1,
      [counted(bucket, "get")]: 1,
    });
  });

  it("has the label _other above the limit", async () => {
    await using fixture = await instrumentClient(client, server, { subjects: { limit: 1 } });
    const names = Array.from({ length: 6 }, newBucket);
    for (const name of names) await (await client.keyValue(fixture.connection, name)).put("k", "1");
    expect(await fixture.samples()).toMatchObject({
      ...Object.fromEntries(names.slice(0, 4).map((name) => [counted(name, "put"), 1])),
      [counted("_other", "put", "_other").replace('operation="put"', 'operation="_other"')]: 2,
    });
    const spanNames = fixture.spans.ended.map(({ name }) => name);
    expect(spanNames).toEqual([`put KV_${names[0]}`, ...Array(5).fill("put")]);
  });

  it("leaves an unhandled rejection unhandled", async () => {
    await using fixture = await instrumentClient(client, server);
    const kv = await client.keyValue(fixture.connection, newBucket());
    await fixture.connection.close();
    // The listener of the test runner would fail the test.
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    try {
      const unhandled = once(process, "unhandledRejection");
      kv.put("k", "1");
      const [reason] = await unhandled;
      expect(String(reason)).toMatch(/closed/i);
    } finally {
      for (const other of others) process.on("unhandledRejection", other);
    }
  });
});

describe.each(["2.9", "2.10"])("a key-value bucket of nats-server %s", (version) => {
  let old: RunningNatsServer;
  beforeAll(async () => {
    old = await runNatsServer({ version });
  });
  afterAll(() => old.stop());

  it.each(CLIENTS)("is instrumented in the same way ($name)", async (client) => {
    await using fixture = await instrumentClient(client, old);
    const bucket = newBucket();
    const kv = await client.keyValue(fixture.connection, bucket);
    await kv.put("k", "1");
    await failureOf(() => kv.create("k", "2"));
    expect((await kv.get("k")).string()).toBe("1");
    const keys: string[] = [];
    for await (const key of await kv.keys()) keys.push(key);
    expect(keys).toEqual(["k"]);
    expect(await fixture.samples()).toEqual({
      nats_connection_status: 1,
      [counted(bucket, "put")]: 1,
      [counted(bucket, "create", "conflict")]: 1,
      [counted(bucket, "get")]: 1,
      [counted(bucket, "keys")]: 1,
      [`nats_kv_entries_received_total{bucket="${bucket}",operation="keys"}`]: 1,
    });
    expect(fixture.spans.ended.map(({ name }) => name)).toEqual(
      ["put", "create", "get", "keys"].map((operation) => `${operation} KV_${bucket}`),
    );
  });
});
