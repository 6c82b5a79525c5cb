import { connect, type NatsConnection } from "nats";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { BUCKET, flawless, run, STREAM, samplesOf, scenarioOf } from "./scenarios.ts";

const OPERATIONS = { response: 300, service: 300, delay: 300 };
const STORED = { what: "messages added to the stream", expected: 300, found: 300 };
const DELIVERED = [
  { what: "messages delivered by the consumer", expected: 300, found: 300 },
  { what: "deliveries without an ack", expected: 0, found: 0 },
];

describeEachServer("a workload on an undisturbed server", ({ version }) => {
  let server: RunningNatsServer;
  let plain: NatsConnection;

  beforeAll(async () => {
    server = await runNatsServer({ version });
    plain = await connect({ servers: server.clientUrl });
    const manager = await plain.jetstreamManager();
    // A stream of another program, which natscope must not touch.
    await manager.streams.add({ name: "other", subjects: ["other.>"] });
    await plain.jetstream().publish("other.a", new Uint8Array(100));
    await manager.consumers.add("other", { durable_name: "theirs" });
  });
  afterAll(async () => {
    await plain?.close();
    await server?.[Symbol.asyncDispose]();
  });

  async function flawlessRun(workload: string, different: Partial<Scenario> = {}) {
    const ran = await run(server.clientUrl, scenarioOf(workload, different));
    expect(ran.leftovers).toEqual([]);
    expect(ran.events).toEqual([]);
    expect(ran.interrupted).toBeUndefined();
    await expectTheOthersAlone();
    return ran;
  }

  async function expectTheOthersAlone(): Promise<void> {
    const manager = await plain.jetstreamManager();
    const streams = await manager.streams.list().next();
    expect(streams.map(({ config, state }) => [config.name, state.messages])).toEqual([["other", 1]]);
    const consumers = await manager.consumers.list("other").next();
    expect(consumers.map(({ name }) => name)).toEqual(["theirs"]);
  }

  it.each(["pub", "request", "kv get"] as const)("%s accounts for each operation", async (workload) => {
    const ran = await flawlessRun(workload);
    expect(ran.account).toMatchObject({ ...flawless(300), crossCheck: [] });
    expect(samplesOf(ran)).toEqual(OPERATIONS);
  });

  it.each(["obj put", "obj get"] as const)("%s accounts for each object", async (workload) => {
    const ran = await flawlessRun(workload, {
      amount: { messages: 20 },
      load: { kind: "closed", inFlight: 2 },
      // More than one chunk.
      payload: { size: { kind: "fixed", bytes: 200_000 }, randomShare: 1 },
      bucket: { ...BUCKET, keys: 5 },
    });
    expect(ran.account).toMatchObject(flawless(20));
    expect(samplesOf(ran)).toEqual({ response: 20, service: 20, delay: 20 });
    expect(ran.carrier).toBe("none");
  });

  it("kv put agrees with the revisions of the bucket", async () => {
    const ran = await flawlessRun("kv put", { clients: 2, bucket: { ...BUCKET, keys: 7, order: "random" } });
    const revisions = { what: "revisions added to the bucket", expected: 300, found: 300 };
    expect(ran.account).toMatchObject({ ...flawless(300), crossCheck: [revisions] });
    expect(samplesOf(ran)).toEqual(OPERATIONS);
  });

  it("kv delete counts a revision of the bucket for each key that it deletes", async () => {
    const ran = await flawlessRun("kv delete", {
      clients: 2,
      amount: { messages: 40 },
      bucket: { ...BUCKET, keys: 40, history: 5 },
    });
    const revisions = { what: "revisions added to the bucket", expected: 40, found: 40 };
    expect(ran.account).toMatchObject({ ...flawless(40), crossCheck: [revisions] });
    expect(samplesOf(ran)).toEqual({ response: 40, service: 40, delay: 40 });
  });

  it("kv delete deletes keys of an existing bucket", async () => {
    const bucket = await plain.jetstream().views.kv("theirs");
    for (const key of ["0", "1", "2"]) await bucket.put(key, new Uint8Array(10));
    const ran = await run(
      server.clientUrl,
      scenarioOf("kv delete", {
        amount: { messages: 3 },
        bucket: { ...BUCKET, name: "theirs", create: false, keys: 3 },
      }),
    );
    expect(ran.account).toMatchObject(flawless(3));
    expect((await bucket.get("1"))?.operation).toBe("DEL");
    await bucket.destroy();
  });

  it("pubsub delivers to each subscriber", async () => {
    const ran = await flawlessRun("pubsub", {
      clients: 3,
      receivers: 2,
      subject: { base: "bench", count: 11, order: "random" },
    });
    expect(ran.account).toMatchObject({ ...flawless(300), received: 600, outOfOrder: 0 });
    expect(samplesOf(ran)).toEqual({ response: 600, service: 600, delay: 600 });
  });

  it("pubsub delivers to one of a queue group, with stamps in headers if payloads are small", async () => {
    const ran = await flawlessRun("pubsub", {
      receivers: 2,
      queue: "q",
      payload: { size: { kind: "fixed", bytes: 4 }, randomShare: 1 },
    });
    expect(ran.account).toMatchObject({ ...flawless(300), received: 300 });
    expect(ran.carrier).toBe("header");
  });

  it.each(["js pub sync", "js pub async"] as const)(
    "%s agrees with the contents of the stream",
    async (workload) => {
      const ran = await flawlessRun(workload, {
        clients: 2,
        load: { kind: "closed", inFlight: workload === "js pub sync" ? 1 : 50 },
        stream: { ...STREAM, dedupSeconds: 60 },
      });
      expect(ran.account).toMatchObject({ ...flawless(300), storedUnacked: 0, crossCheck: [STORED] });
      expect(samplesOf(ran)).toEqual(OPERATIONS);
    },
  );

  it.each([
    ["js consume", { acks: "explicit", doubleAck: false }],
    ["js consume", { acks: "all", doubleAck: false }],
    ["js consume", { acks: "none", doubleAck: false }],
    ["js consume", { acks: "explicit", doubleAck: true }],
    ["js fetch", { acks: "explicit", doubleAck: false }],
    ["js fetch", { acks: "explicit", doubleAck: true }],
  ] as const)("%s reads all messages that the run has stored: %o", async (workload, acks) => {
    const ran = await flawlessRun(workload, { clients: 2, stream: { ...STREAM, ...acks } });
    expect(ran.account).toMatchObject({
      ...flawless(0),
      completed: 300,
      received: 300,
      crossCheck: DELIVERED,
    });
    // Messages published before the run are not timed.
    expect(samplesOf(ran)).toEqual(acks.doubleAck ? { settled: 300 } : {});
  });

  it("js ordered reads the whole stream with each client, in order", async () => {
    const ran = await flawlessRun("js ordered", { clients: 2 });
    expect(ran.account).toMatchObject({ completed: 600, received: 600, outOfOrder: 0, lost: 0 });
    expect(ran.clients.map(({ messages }) => messages)).toEqual([300, 300]);
  });

  it("js e2e times each stage of each message", async () => {
    const ran = await flawlessRun("js e2e", { clients: 2, receivers: 2 });
    expect(ran.account).toMatchObject({
      ...flawless(300),
      received: 300,
      storedUnacked: 0,
      crossCheck: [STORED, ...DELIVERED],
    });
    const stages = { acknowledged: 300, stored: 300, delivered: 300, settled: 300 };
    expect(samplesOf(ran)).toEqual({ ...OPERATIONS, ...stages });
    expect(ran.notes).toEqual([expect.stringMatching(/^an acknowledged message may not be on disk yet/)]);
  });

  it("kv watch receives each value that is put", async () => {
    const ran = await flawlessRun("kv watch", { receivers: 2 });
    expect(ran.account).toMatchObject({ ...flawless(300), received: 600 });
    expect(samplesOf(ran)).toEqual({ response: 600, service: 600, delay: 600 });
  });

  it("js e2e sends at a rate and records the warm-up separately", async () => {
    const ran = await flawlessRun("js e2e", {
      amount: { seconds: 0.8 },
      warmupSeconds: 0.4,
      load: {
        kind: "open",
        stages: [{ from: 250, to: 250, seconds: 1.2 }],
        arrival: "uniform",
        maxInFlight: 1000,
      },
    });
    expect(ran.account).toMatchObject(flawless(300));
    expect(samplesOf(ran)).toMatchObject({ response: 200, stored: 200, acknowledged: 200, settled: 200 });
    expect(ran.histograms.warmup.get("settled")?.count).toBe(100);
  });

  it("sub times what another run publishes on this host", async () => {
    const amount = { messages: 300 };
    let publishing: ReturnType<typeof run> | undefined;
    const began = () => {
      publishing = run(server.clientUrl, scenarioOf("pub", { amount }));
    };
    const ran = await run(server.clientUrl, scenarioOf("sub", { amount, clients: 2 }), {
      progress: { began },
    });
    await publishing;
    expect(ran.account).toMatchObject({ sent: 0, completed: 600, received: 600, lost: 0 });
    expect(samplesOf(ran)).toEqual({ response: 600, service: 600, delay: 600 });
    expect(ran.notes).toEqual([]);
  });

  it("serve responds to the requests of another run and counts them", async () => {
    const stop = new AbortController();
    let asking: ReturnType<typeof run> | undefined;
    const began = () => {
      const request = scenarioOf("request", { isExternal: true, receivers: 0 });
      asking = run(server.clientUrl, request).finally(() => stop.abort());
    };
    const ran = await run(server.clientUrl, scenarioOf("serve", { amount: {}, clients: 2 }), {
      progress: { began },
      signal: stop.signal,
    });
    expect((await asking)?.account).toMatchObject(flawless(300));
    expect(ran.account).toMatchObject({ sent: 0, completed: 300, failed: {}, lost: 0 });
    expect(ran.interrupted).toBeUndefined();
  });
});
