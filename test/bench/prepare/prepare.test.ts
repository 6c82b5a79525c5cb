import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, connect, type JetStreamManager, type NatsConnection } from "nats";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { SERVER_VERSIONS } from "../../outside-programs.ts";
import { BUCKET, classesOf, refusalOf, run, STREAM, scenarioOf } from "../workloads/scenarios.ts";

const version = SERVER_VERSIONS[0]?.version;
const theirs = { ...STREAM, create: false };

describe("the preparation of a run", () => {
  let server: RunningNatsServer;
  let plain: NatsConnection;
  let manager: JetStreamManager;

  beforeAll(async () => {
    server = await runNatsServer({ version, config: "jetstream: {}\nmax_payload: 4096\nmax_pending: 1MB" });
    plain = await connect({ servers: server.clientUrl });
    manager = await plain.jetstreamManager();
  });
  afterAll(async () => {
    await plain?.close();
    await server?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
  });

  const refuse = (workload: string, different: Partial<Scenario> = {}) =>
    refusalOf(run(server.clientUrl, scenarioOf(workload, different)));

  async function streams(): Promise<readonly [name: string, messages: number][]> {
    const all = await manager.streams.list().next();
    return all.map(({ config, state }) => [config.name, state.messages]);
  }

  it("rejects a missing stream, bucket, consumer or amount, and creates nothing", async () => {
    expect(await refuse("js pub sync", { stream: theirs })).toEqual({
      type: "stream_missing",
      message:
        "stream benchstream does not exist: set another name with --stream, or create it with --create",
    });
    expect(await refuse("kv get", { bucket: { ...BUCKET, create: false } })).toMatchObject({
      type: "bucket_missing",
    });
    expect(await refuse("obj get", { bucket: { ...BUCKET, create: false } })).toMatchObject({
      type: "bucket_missing",
    });
    const named = { ...STREAM, consumer: "c", consumerExists: true };
    expect(await refuse("js consume", { stream: named })).toEqual({
      type: "consumer_missing",
      message: "stream benchstream has no consumer c",
    });
    expect(await refuse("js consume", { amount: { seconds: 1 } })).toMatchObject({
      type: "messages_missing",
    });
    expect(await streams()).toEqual([]);
  });

  it("rejects payloads, replicas and sizes that the server does not accept", async () => {
    const large = { size: { kind: "fixed", bytes: 5000 }, randomShare: 1 } as const;
    expect(await refuse("pub", { payload: large })).toEqual({
      type: "max_payload_exceeded",
      message: "messages have up to 5000 bytes including headers, more than the server's max_payload of 4096",
    });
    const small = { size: { kind: "fixed", bytes: 8 }, randomShare: 1 } as const;
    expect(await refuse("kv watch", { payload: small })).toMatchObject({ type: "payload_too_small" });
    expect(await refuse("js e2e", { stream: { ...STREAM, replicas: 3 } })).toMatchObject({
      message: expect.stringContaining("create stream benchstream: replicas > 1 not supported"),
    });
    expect(await refuse("js e2e", { stream: { ...STREAM, maxBytes: 2 ** 52 } })).toMatchObject({
      type: "no_room",
    });
    expect(await streams()).toEqual([]);
  });

  it("does not touch existing streams and consumers", async () => {
    await manager.streams.add({ name: "benchstream", subjects: ["bench"] });
    await plain.jetstream().publish("bench");
    expect(await refuse("js pub sync")).toMatchObject({ type: "stream_exists" });
    await manager.consumers.add("benchstream", {
      durable_name: "nats-bench",
      ack_policy: AckPolicy.Explicit,
    });
    expect(await refuse("js consume", { stream: theirs })).toMatchObject({ type: "consumer_exists" });
    expect(await refuse("js pub sync", { stream: { ...STREAM, name: "another" } })).toMatchObject({
      type: "subject_taken",
    });
    expect(
      await refuse("js pub sync", { stream: theirs, subject: { base: "x", count: 1, order: "random" } }),
    ).toEqual({
      type: "subject_not_stored",
      message: "stream benchstream does not store x: it stores bench",
    });
    expect(await streams()).toEqual([["benchstream", 1]]);
    expect(await manager.consumers.info("benchstream", "nats-bench")).toBeDefined();
  });

  it("rejects a bucket without the keys that it should read", async () => {
    await plain.jetstream().views.kv("benchbucket");
    const bucket = { ...BUCKET, create: false, keys: 2 };
    expect(await refuse("kv put", { bucket: BUCKET })).toMatchObject({ type: "bucket_exists" });
    expect(await refuse("kv get", { bucket })).toEqual({
      type: "keys_missing",
      message: "benchbucket has no key 0: fill it with kv put, or set --keys below 2",
    });
    await run(server.clientUrl, scenarioOf("kv put", { bucket, amount: { messages: 2 } }));
    const record = await run(server.clientUrl, scenarioOf("kv get", { bucket }));
    expect(record.account.completed).toBe(300);
    expect(await streams()).toEqual([["KV_benchbucket", 2]]);
  });

  it("uses an existing stream and consumer and keeps them", async () => {
    await manager.streams.add({ name: "benchstream", subjects: ["bench"] });
    await plain.jetstream().publish("bench");
    await run(server.clientUrl, scenarioOf("js pub async", { stream: theirs }));
    expect(await streams()).toEqual([["benchstream", 301]]);
    const e2e = await run(server.clientUrl, scenarioOf("js e2e", { stream: theirs }));
    expect(e2e.account).toMatchObject({ completed: 300, received: 300 });
    await manager.consumers.add("benchstream", { durable_name: "c", ack_policy: AckPolicy.Explicit });
    const named = { ...theirs, consumer: "c", consumerExists: true };
    const record = await run(server.clientUrl, scenarioOf("js fetch", { stream: named }));
    expect(record.account).toMatchObject({ completed: 300, received: 300 });
    expect((await manager.consumers.list("benchstream").next()).map(({ name }) => name)).toEqual(["c"]);
    await run(server.clientUrl, scenarioOf("js pub sync", { stream: { ...theirs, purge: true } }));
    expect(await streams()).toEqual([["benchstream", 300]]);
  });

  it("removes its assets when the run fails or is stopped", async () => {
    const stop = new AbortController();
    stop.abort(new Error("^C"));
    expect(
      await refusalOf(run(server.clientUrl, scenarioOf("kv get"), { signal: stop.signal })),
    ).toMatchObject({ type: "interrupted" });
    const late = new AbortController();
    const began = () => late.abort(new Error("^C"));
    const scenario = scenarioOf("js e2e", {
      amount: { seconds: 30 },
      load: {
        kind: "open",
        stages: [{ from: 10, to: 10, seconds: 30 }],
        arrival: "uniform",
        maxInFlight: 9,
      },
    });
    const record = await run(server.clientUrl, scenario, { signal: late.signal, progress: { began } });
    expect(record.interrupted).toContain("^C");
    expect(classesOf(record.account)).toBe(record.account.sent);
    expect(await streams()).toEqual([]);
  });

  describe("for a stream that another program replaces during the run", () => {
    async function replacedInTheMiddle(stream: Scenario["stream"]) {
      let replaced: Promise<void> | undefined;
      const began = () => {
        replaced = (async () => {
          await sleep(300);
          await manager.streams.delete("benchstream");
          await manager.streams.add({ name: "benchstream", subjects: ["bench"], description: "theirs" });
        })();
      };
      const scenario = scenarioOf("js pub sync", {
        amount: { seconds: 0.6 },
        load: {
          kind: "open",
          stages: [{ from: 500, to: 500, seconds: 0.6 }],
          arrival: "uniform",
          maxInFlight: 100,
        },
        ...(stream && { stream }),
      });
      const record = await run(server.clientUrl, scenario, { progress: { began } });
      await replaced;
      expect(classesOf(record.account)).toBe(300);
      return record.account;
    }

    it("does not remove the new stream", async () => {
      await replacedInTheMiddle(STREAM);
      expect((await streams()).map(([name]) => name)).toEqual(["benchstream"]);
    });

    it("finds messages in the new stream by their stamps, because sequence numbers start again", async () => {
      await manager.streams.add({ name: "benchstream", subjects: ["bench"] });
      for (let i = 0; i < 20; i++) await plain.jetstream().publish("bench");
      const account = await replacedInTheMiddle(theirs);
      expect(account.lostAfterAck).toBeGreaterThan(0);
      expect(await streams()).toEqual([
        ["benchstream", account.completed + (account.storedUnacked as number)],
      ]);
    });
  });

  it("counts rejections of a full stream by their type", async () => {
    const full = { ...STREAM, maxBytes: 20_000 };
    const record = await run(server.clientUrl, scenarioOf("js pub async", { stream: full }));
    const { account, events } = record;
    expect(classesOf(account)).toBe(300);
    expect(account.failed.jetstream_10077).toBeGreaterThan(100);
    expect(account.crossCheck[0]?.found).toBe(account.completed);
    expect(events.map(({ what }) => what)).toEqual([
      "publish to the stream of bench: maximum bytes exceeded",
    ]);
    expect(record.leftovers).toEqual([]);
  });
});

describe("the preparation with a server that rejects it", () => {
  it("reports a refused connection and wrong credentials", async () => {
    const scenario = scenarioOf("js pub sync");
    expect(await refusalOf(run("nats://127.0.0.1:1", scenario))).toEqual({
      type: "connection_refused",
      message: "cannot connect to 127.0.0.1:1: connection refused",
    });
    await using server = await runNatsServer({ version, config: "authorization { user: a, password: b }" });
    expect(await refusalOf(run(server.clientUrl, scenarioOf("pub")))).toMatchObject({
      type: "authorization_violation",
    });
  });

  it("reports missing JetStream", async () => {
    await using server = await runNatsServer({ version, config: "max_payload: 1MB" });
    expect(await refusalOf(run(server.clientUrl, scenarioOf("js e2e")))).toMatchObject({
      type: "no_jetstream",
      message: expect.stringMatching(/^look for stream benchstream: /),
    });
  });

  it("reports denied API requests, subscriptions and publishes", async () => {
    const config = `jetstream: {}
      authorization { users: [{ user: u, password: p, permissions: {
        publish: { deny: ["$JS.API.STREAM.CREATE.>", "secret.*"] }, subscribe: { deny: ["hidden"] }
      } }] }`;
    await using server = await runNatsServer({ version, config });
    const reach = {
      options: { servers: [new URL(server.clientUrl).host], user: "u", pass: "p", reconnectTimeWait: 50 },
    };
    const attempt = (scenario: Scenario) => run(server.clientUrl, scenario, { reach });
    expect(await refusalOf(attempt(scenarioOf("js e2e", { timeoutMs: 1000 })))).toMatchObject({
      type: "permissions_violation",
    });
    const hidden = { base: "hidden", count: 1, order: "sequential" } as const;
    expect(await refusalOf(attempt(scenarioOf("pubsub", { subject: hidden })))).toMatchObject({
      type: "permissions_violation",
      message: expect.stringContaining("hidden"),
    });
    const secret = { base: "secret", count: 2, order: "sequential" } as const;
    const record = await attempt(scenarioOf("pub", { subject: secret }));
    expect(record.account).toMatchObject({ completed: 0, failed: { permissions_violation: 300 } });
    expect(record.events[0]?.what).toMatch(/Permissions Violation for Publish to "secret\.0"/i);
  });
});
