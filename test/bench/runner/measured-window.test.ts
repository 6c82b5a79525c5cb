import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { figuresOf } from "../../../src/bench/result/figures.ts";
import { measuredWindow } from "../../../src/bench/runner/measured-window.ts";
import type { ReceiverAccount } from "../../../src/bench/worker/receiver.ts";
import type { SenderAccount } from "../../../src/bench/worker/sender.ts";
import { MILLISECOND, SECOND } from "../../../src/time/clock.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { SERVER_VERSIONS } from "../../outside-programs.ts";
import { run, scenarioOf } from "../workloads/scenarios.ts";
import { benchmark, onlyResult, steadily } from "./benchmarks.ts";

const sender = (lastAt: number) => ({ lastAt }) as SenderAccount;
const receiver = (firstAt: number, lastAt: number) => ({ firstAt, lastAt, messages: 2 }) as ReceiverAccount;
const NONE = { senders: [], receivers: [], isInterrupted: false };

describe("the measured window", () => {
  it("equals the scenario's window if a duration ends the run, also if its end is noticed late", () => {
    const scenario = scenarioOf("request", { amount: { seconds: 2 }, warmupSeconds: 1 });
    const ending = { ...NONE, sentAt: 3.1 * SECOND, senders: [sender(4 * SECOND)] };
    expect(measuredWindow(scenario, ending)).toEqual({ from: SECOND, until: 3 * SECOND });
  });

  it("ends with the last operation if the number of messages ends the run", () => {
    const ending = { ...NONE, sentAt: 20e6, senders: [sender(4e6), sender(6e6)] };
    expect(measuredWindow(scenarioOf("pub"), ending)).toEqual({ from: 0, until: 6e6 });
    const received = { ...ending, receivers: [receiver(1e6, 9e6)] };
    expect(measuredWindow(scenarioOf("pubsub"), received)).toEqual({ from: 0, until: 9e6 });
  });

  it("ends when the next message would be due if the messages have a rate", () => {
    const scenario = scenarioOf("request", { amount: { messages: 100 }, load: steadily(1000, 60) });
    const ending = { ...NONE, sentAt: 115e6, senders: [sender(400e6)] };
    expect(measuredWindow(scenario, ending)).toEqual({ from: 0, until: 100e6 });
  });

  it("lasts from the first to the last message if the workload only receives", () => {
    const ending = { ...NONE, sentAt: 9e9, receivers: [receiver(2e9, 3e9), receiver(1e9, 4e9)] };
    expect(measuredWindow(scenarioOf("sub"), ending)).toEqual({ from: 1e9, until: 4e9 });
  });

  it("ends at the interruption", () => {
    const ending = { ...NONE, isInterrupted: true, sentAt: 5e9, senders: [sender(1e9)] };
    expect(measuredWindow(scenarioOf("request"), ending)).toEqual({ from: 0, until: 5e9 });
    const timed = scenarioOf("request", { amount: { seconds: 60 }, warmupSeconds: 10 });
    expect(measuredWindow(timed, ending)).toEqual({ from: 5e9, until: 5e9 });
  });
});

describe("a run of a hundred messages", () => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  const amount = { messages: 100 };

  it("has the rate of its clients", async () => {
    const load = { kind: "closed", inFlight: 10 } as const;
    const one = onlyResult(await benchmark(server, [scenarioOf("request", { amount, clients: 2, load })]));
    const times = one.clients.map(({ seconds }) => seconds);
    expect(one.window.until).toBe(Math.max(...times));
    expect(figuresOf(one).rate).toBeCloseTo(100 / one.window.until, 6);
    expect(times).toHaveLength(2);
  });

  it("measures how busy its threads are in the window only", async () => {
    const scenario = scenarioOf("request", {
      amount: { seconds: 1 },
      warmupSeconds: 2,
      load: steadily(100, 3),
    });
    const record = await run(server.clientUrl, scenario);
    const afterWarmupMs = (record.window.drained - record.window.from) / MILLISECOND;
    for (const { ranMs } of record.outcomes) {
      expect(ranMs).toBeGreaterThan(0);
      expect(ranMs).toBeLessThan(afterWarmupMs + 1000);
    }
  });

  it("offers exactly its rate", async () => {
    const one = onlyResult(
      await benchmark(server, [scenarioOf("pub", { amount, load: steadily(1000, 60) })]),
    );
    expect(figuresOf(one)).toMatchObject({ rate: 1000, offered: 1000 });
  });
});
