import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "nats";
import { describe, expect, it } from "vitest";
import { readStamp } from "../../../src/bench/measure/stamp.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer, SERVER_VERSIONS } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";
import { classesOf, run, STREAM, scenarioOf } from "./scenarios.ts";

/** 500 operations a second for two seconds, with a short timeout. */
function steady(workload: string, different: Partial<Scenario> = {}): Scenario {
  return scenarioOf(workload, {
    amount: { seconds: 2 },
    load: {
      kind: "open",
      stages: [{ from: 500, to: 500, seconds: 2 }],
      arrival: "uniform",
      maxInFlight: 100,
    },
    timeoutMs: 500,
    drainSeconds: 2,
    ...different,
  });
}

/** Number of messages of a run in a stream, counted independently of the run. */
async function storedIn(clientUrl: string, stream: string, ofRun: number): Promise<number> {
  const connection = await connect({ servers: clientUrl });
  try {
    const js = connection.jetstream();
    const { state } = await (await connection.jetstreamManager()).streams.info(stream);
    const found = new Set<string>();
    const consumer = await js.consumers.get(stream);
    const messages = await consumer.fetch({ max_messages: state.messages, expires: 5000 });
    for await (const { data } of messages) {
      const stamp = readStamp(data);
      if (stamp?.run === ofRun) found.add(`${stamp.publisher} ${stamp.sequence}`);
    }
    return found.size;
  } finally {
    await connection.close();
  }
}

async function makeStream(clientUrl: string): Promise<void> {
  const connection = await connect({ servers: clientUrl });
  await (await connection.jetstreamManager()).streams.add({ name: STREAM.name, subjects: ["bench"] });
  await connection.close();
}

/** Kills the server after the first second of the run, and starts it again. */
function killedInTheMiddle(server: RunningNatsServer) {
  let back: Promise<void> | undefined;
  const kill = async () => {
    await server.stop("SIGKILL");
    await sleep(200);
    await server.restart();
  };
  const second = () => {
    back ??= kill();
  };
  return { progress: { second }, back: () => back };
}

const theirs = { ...STREAM, create: false };

describeEachServer("a server that is killed and comes back", ({ version }) => {
  async function runThrough(scenario: Scenario) {
    await using server = await runNatsServer({ version });
    await makeStream(server.clientUrl);
    const { progress, back } = killedInTheMiddle(server);
    const ofRun = 4711;
    const record = await run(server.clientUrl, scenario, { progress, run: ofRun });
    await back();
    expect(record.leftovers).toEqual([]);
    expect(record.interrupted).toBeUndefined();
    const { account } = record;
    expect(account.sent).toBe(1000);
    expect(classesOf(account)).toBe(account.sent);
    expect(record.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["lost", "regained"]));
    return { account, stored: await storedIn(server.clientUrl, STREAM.name, ofRun) };
  }

  it("leaves every message of pubsub in one class", async () => {
    const { account, stored } = await runThrough(steady("pubsub"));
    // Messages that the client discarded did not arrive.
    expect(account.dropped).toBeGreaterThan(0);
    expect(account.completed).toBeGreaterThan(500);
    expect(stored).toBeLessThanOrEqual(account.sent - account.dropped);
    expect(account.lost).toBeGreaterThanOrEqual(account.sent - account.dropped - stored - account.completed);
  });

  it("leaves every message of js pub async in one class, and the stream contains the expected messages", async () => {
    const { account, stored } = await runThrough(steady("js pub async", { stream: theirs }));
    expect(Object.keys(account.failed).length).toBeGreaterThan(0);
    expect(account.completed).toBeGreaterThan(500);
    expect(account.completed + (account.storedUnacked as number)).toBe(stored);
    expect(account.crossCheck).toEqual([
      { what: "messages added to the stream", expected: stored, found: stored },
    ]);
    expect(account.lost).toBe(account.lostAfterAck);
  });

  it("leaves every message of js e2e in one class, and the stream contains the expected messages", async () => {
    const { account, stored } = await runThrough(steady("js e2e", { stream: theirs }));
    expect(account.completed).toBeGreaterThan(500);
    // The file storage survives, and delivered messages had been stored.
    expect(account.lostAfterAck).toBe(0);
    expect(account.completed + account.unanswered).toBeGreaterThanOrEqual(stored);
    expect(account.completed).toBeLessThanOrEqual(stored);
    expect(account.crossCheck[0]).toEqual({
      what: "messages added to the stream",
      expected: stored,
      found: stored,
    });
  });

  it("has lost all acknowledged messages of a stream in memory", async () => {
    await using server = await runNatsServer({ version });
    const { progress, back } = killedInTheMiddle(server);
    const scenario = steady("js pub async", { stream: { ...STREAM, storage: "memory" } });
    const record = await run(server.clientUrl, scenario, { progress });
    await back();
    const { account } = record;
    expect(classesOf(account)).toBe(account.sent);
    expect(account.lostAfterAck).toBeGreaterThan(100);
    expect(account.completed).toBe(0);
    expect(record.notes).toEqual([`stream ${STREAM.name} no longer exists; all its messages are lost`]);
  });
});

describe("a server that is frozen", () => {
  it("stores messages after the timeout of their sender, which are failed and counted as storedUnacked", async () => {
    await using server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
    let thaw: Promise<void> | undefined;
    const second = () => {
      thaw ??= (async () => {
        process.kill(server.pid, "SIGSTOP");
        // Longer than the timeout of a publisher.
        await sleep(800);
        process.kill(server.pid, "SIGCONT");
      })();
    };
    const scenario = steady("js pub async", { timeoutMs: 300 });
    const record = await run(server.clientUrl, scenario, { progress: { second } });
    await thaw;
    const { account } = record;
    expect(classesOf(account)).toBe(account.sent);
    expect(account.failed.timeout).toBeGreaterThan(0);
    expect(account.storedUnacked).toBeGreaterThan(0);
    expect(account.crossCheck[0]?.found).toBe(account.crossCheck[0]?.expected);
    expect(account.lost).toBe(0);
  });

  it("does not change intended times, nor exceed the maximum in flight", async () => {
    await using server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
    let most = 0;
    let thaw: Promise<void> | undefined;
    const second = () => {
      thaw ??= (async () => {
        process.kill(server.pid, "SIGSTOP");
        await sleep(500);
        process.kill(server.pid, "SIGCONT");
      })();
    };
    const scenario = steady("request", { timeoutMs: 5000 });
    const record = await run(server.clientUrl, scenario, { progress: { second } });
    await thaw;
    for (const { counters } of record.seconds) most += counters.blocked;
    // 250 operations were due while it was frozen, and 100 may be in flight.
    expect(most).toBeGreaterThan(0);
    expect(record.account).toMatchObject({ sent: 1000, completed: 1000 });
    const response = record.histograms.window.get("response");
    expect(response?.count).toBe(1000);
  });
});

describe("a subscriber that the server disconnects as a slow consumer", () => {
  it("loses messages, and the run records when", async () => {
    const config = "max_pending: 128KB\nmax_payload: 64KB";
    await using server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version, config });
    const scenario = scenarioOf("pubsub", {
      amount: { messages: 2000 },
      load: { kind: "closed", inFlight: 2000 },
      payload: { size: { kind: "fixed", bytes: 60_000 }, randomShare: 1 },
      drainSeconds: 1,
    });
    const record = await run(server.clientUrl, scenario);
    expect(server.logTail()).toContain("Slow Consumer");
    expect(record.account.lost).toBeGreaterThan(0);
    expect(classesOf(record.account)).toBe(2000);
    expect(record.events.map(({ what }) => what)).toContain("receiver 0 lost its connection");
  });
});

describe("a reader", () => {
  it("ends when no more messages arrive", async () => {
    await using server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
    await using publisher = Object.assign(await connect({ servers: server.clientUrl }), {
      [Symbol.asyncDispose]: () => publisher.close(),
    });
    const began = () => {
      for (let i = 0; i < 10; i++) publisher.publish("bench", new Uint8Array(10));
    };
    const ran = run(server.clientUrl, scenarioOf("sub", { drainSeconds: 0.5 }), { progress: { began } });
    const record = await until("the end", () => ran);
    expect(record.account).toMatchObject({ received: 10, completed: 10, lost: 0 });
  });
});
