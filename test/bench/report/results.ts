/** Results of imaginary runs, with every fault and of every size. The same arguments give the same result. */
import { encode } from "../../../src/bench/measure/encoding.ts";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import type { StageName } from "../../../src/bench/measure/stage.ts";
import type { Account, Result, SavedSecond, ScenarioResult } from "../../../src/bench/result/schema.ts";
import { evidenceOf } from "../../../src/bench/result/verdict/evidence.ts";
import { verdictOf } from "../../../src/bench/result/verdict/verdict.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";

const STAGES = ["response", "service", "delay"] as const satisfies readonly StageName[];

/** Requests at 1,000 per second. @param seconds length of the window */
export function scenarioOf(seconds: number, given: Partial<Scenario> = {}): Scenario {
  return {
    name: "request",
    workload: "request",
    clients: 2,
    receivers: 2,
    amount: { seconds },
    load: {
      kind: "open",
      stages: [{ from: 1000, to: 1000, seconds }],
      arrival: "uniform",
      maxInFlight: 1000,
    },
    warmupSeconds: 0,
    drainSeconds: 5,
    subject: { base: "natscope.bench", count: 1, order: "sequential" },
    payload: { size: { kind: "fixed", bytes: 128 }, randomShare: 0 },
    headers: [],
    timeoutMs: 5000,
    isExternal: false,
    seed: 1,
    ...given,
  };
}

/** An account without losses. */
export function accountOf(sent: number, given: Partial<Account> = {}): Account {
  return {
    sent,
    completed: sent,
    failed: {},
    dropped: 0,
    lost: 0,
    lostAfterAck: 0,
    unanswered: 0,
    duplicates: 0,
    redelivered: 0,
    outOfOrder: 0,
    crossCheck: [],
    ...given,
  };
}

/** @param each operations per second */
export function scenarioResultOf(
  seconds: number,
  each = 1000,
  given: Partial<ScenarioResult> = {},
): ScenarioResult {
  const rows = Array.from({ length: seconds }, (_, second) => histogramsOf(second, each));
  return {
    scenario: scenarioOf(seconds),
    driver: "nats 2.29.3",
    carrier: "payload",
    window: { from: 0, until: seconds, drained: seconds },
    warmup: {},
    measured: encoded(merged(rows)),
    seconds: rows.map((row, second) => secondOf(second, each, row)),
    account: accountOf(seconds * each),
    clients: [
      { id: "P0", messages: (seconds * each) / 2, bytes: seconds * each * 64, seconds },
      { id: "P1", messages: (seconds * each) / 2, bytes: seconds * each * 64, seconds },
    ],
    server: [],
    events: [],
    interference: { threads: [], serverOnThisHost: true },
    verdict: { verdict: "valid", reasons: [] },
    ...given,
  };
}

/** The result of a benchmark. */
export function resultOf(scenarios: readonly ScenarioResult[], given: Partial<Result> = {}): Result {
  return {
    natscope: { result: 1, version: "0.1.0" },
    startedAt: "2026-03-01T10:20:30.456Z",
    environment: {
      host: {
        platform: "linux",
        kernel: "6.1",
        processor: "Example 3000",
        processors: 4,
        memoryBytes: 2 ** 34,
        container: false,
      },
      runtime: { node: "26.10.0", v8: "14.6" },
      servers: [{ name: "n1", version: "2.15.2", tls: false, local: true }],
      command: ["bench", "request"],
      fingerprint: "0123abcd",
    },
    scenarios,
    verdict: scenarios[0]?.verdict ?? { verdict: "valid", reasons: [] },
    ...given,
  };
}

/** Some of everything that can go wrong, in a run of six seconds with a bad third second. */
export function faultyScenario(): ScenarioResult {
  const result = scenarioResultOf(6, 1000, {
    account: accountOf(6000, {
      completed: 5500,
      failed: { timeout: 120, no_responders: 80 },
      dropped: 100,
      lost: 150,
      lostAfterAck: 3,
      unanswered: 50,
      received: 5510,
      duplicates: 10,
      redelivered: 7,
      outOfOrder: 4,
      crossCheck: [
        { what: "Messages received by the server", expected: 6000, found: 5900 },
        { what: "Messages in the stream", expected: 5500, found: 5500 },
      ],
    }),
    carrier: "header",
    server: Array.from({ length: 6 }, (_, second) => ({
      second,
      server: "n1",
      values: {
        cpu: 20 + 5 * second,
        mem: 2 ** 24 + second * 2 ** 20,
        slow_consumers: 3 + Number(second > 2),
      },
    })),
    events: [
      { second: 2.1, kind: "command", what: "kill n1", recovery: { firstSuccess: 0.42, latency: 1.3 } },
      { second: 2.15, kind: "lost", what: "P0 lost its connection" },
    ],
  });
  const seconds = result.seconds.map((second) => ({
    ...second,
    counters: { ...second.counters, completed: second.second === 2 ? 600 : 980, failed: 33 },
  }));
  const faulty = { ...result, seconds };
  return { ...faulty, verdict: verdictOf(evidenceOf(faulty, "^C")) };
}

/** Latencies around 0.4 ms; in every third second of six with a tail up to 300 ms. */
function histogramsOf(second: number, each: number): ReadonlyMap<StageName, Histogram> {
  const made = new Map<StageName, Histogram>(STAGES.map((stage) => [stage, new Histogram()]));
  for (let i = 0; i < each; i++) {
    const spread = (i * 7919) % 1000;
    const late = second % 6 === 2 && spread > 900 ? (spread - 900) * 3_000_000 : 0;
    const delay = 20_000 + 100 * spread;
    const service = 300_000 + 200 * spread + (spread % 100 === 0 ? 2_000_000 : 0);
    made.get("service")?.record(service);
    made.get("delay")?.record(delay + late);
    made.get("response")?.record(service + delay + late);
  }
  return made;
}

function merged(rows: readonly ReadonlyMap<StageName, Histogram>[]): ReadonlyMap<StageName, Histogram> {
  const sums = new Map<StageName, Histogram>(STAGES.map((stage) => [stage, new Histogram()]));
  for (const row of rows) for (const [stage, histogram] of row) sums.get(stage)?.add(histogram);
  return sums;
}

function encoded(histograms: ReadonlyMap<StageName, Histogram>): Partial<Record<StageName, string>> {
  return Object.fromEntries([...histograms].map(([stage, histogram]) => [stage, encode(histogram)]));
}

function secondOf(second: number, each: number, row: ReadonlyMap<StageName, Histogram>): SavedSecond {
  return {
    second,
    counters: {
      sent: each,
      sentBytes: each * 128,
      completed: each,
      received: 0,
      receivedBytes: 0,
      failed: 0,
      blocked: 0,
      errors: 0,
    },
    offered: each,
    stages: encoded(row),
  };
}
