import { describe, expect, it } from "vitest";
import { encode } from "../../../src/bench/measure/encoding.ts";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import type { CounterName } from "../../../src/bench/measure/recorder.ts";
import { endedIn, figuresOf, ratesOf } from "../../../src/bench/result/figures.ts";
import type { ScenarioResult } from "../../../src/bench/result/schema.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { scenarioOf, scenarioResultOf } from "../report/results.ts";

function samples(count: number): string {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) histogram.record(1_000_000);
  return encode(histogram);
}

/** A run whose seconds have these counters. */
function runOf(
  rows: readonly Partial<Record<CounterName, number>>[],
  window: ScenarioResult["window"],
  given: Partial<Scenario> = {},
): ScenarioResult {
  const seconds = scenarioResultOf(rows.length, 1).seconds.map((row, i) => ({
    ...row,
    counters: { ...row.counters, sent: 0, completed: 0, ...rows[i] },
  }));
  return scenarioResultOf(rows.length, 1, { seconds, window, scenario: scenarioOf(rows.length, given) });
}

const rate = (result: ScenarioResult) => ratesOf(result).achieved;
const CLOSED = { kind: "closed", inFlight: 1 } as const;

describe("the achieved rate", () => {
  it("counts the operations that ended in the window, not those that were due in it", () => {
    const rows = [400, 400, 400, 400, 1400].map((completed, i) => ({ sent: i < 4 ? 750 : 0, completed }));
    const result = runOf(rows, { from: 1, until: 4, drained: 5 });
    expect(rate(result)).toBe(400);
    expect(figuresOf({ ...result, measured: { response: samples(3000) } }).rate).toBe(400);
  });

  it("does not count failed operations", () => {
    const rows = Array(4).fill({ sent: 100, completed: 90, failed: 10 });
    expect(rate(runOf(rows, { from: 0, until: 4, drained: 4 }))).toBe(90);
  });

  it("counts a message that each of several receivers gets once", () => {
    const rows = Array(2).fill({ sent: 100, completed: 100, received: 300 });
    const window = { from: 0, until: 2, drained: 2 };
    expect(rate(runOf(rows, window, { workload: "pubsub", receivers: 3 }))).toBe(100);
    expect(rate(runOf(rows, window, { workload: "pubsub", receivers: 3, queue: "q" }))).toBe(300);
    expect(endedIn(runOf(rows, window).seconds, scenarioOf(2))).toBe(200);
  });

  it("counts every message of receivers alone, from the first to the last if their number ends the run", () => {
    const rows = [{ received: 0 }, { received: 500 }, { received: 1500 }];
    const sub = { workload: "sub", load: CLOSED, receivers: 0 } as const;
    const counted = runOf(
      rows,
      { from: 1.5, until: 2.5, drained: 2.6 },
      { ...sub, amount: { messages: 2000 } },
    );
    expect(rate(counted)).toBe(2000);
    const timed = runOf(rows, { from: 1, until: 3, drained: 3 }, { ...sub, amount: { seconds: 3 } });
    expect(rate(timed)).toBe(1000);
  });

  it("covers a closed loop that its number of messages ends up to its last operation", () => {
    const rows = [
      { sent: 250, completed: 240 },
      { sent: 50, completed: 60 },
    ];
    const given = { load: CLOSED, amount: { messages: 300 } };
    expect(rate(runOf(rows, { from: 0, until: 1.2, drained: 1.25 }, given))).toBe(250);
  });

  it("counts none of the operations in flight when a window ends within a second", () => {
    const keepsUp = [
      { sent: 1000, completed: 990 },
      { sent: 1000, completed: 1000 },
      { sent: 500, completed: 510 },
    ];
    expect(rate(runOf(keepsUp, { from: 0, until: 2.5, drained: 2.51 }))).toBeCloseTo(996, 1);
    const overloaded = [1000, 1000, 500, 0].map((sent) => ({ sent, completed: 400 }));
    expect(rate(runOf(overloaded, { from: 0, until: 2.5, drained: 6 }))).toBe(400);
  });

  it("does not take lost messages for operations in flight", () => {
    const rows = [1000, 1000, 500].map((sent) => ({ sent, completed: sent * 0.9 }));
    expect(rate(runOf(rows, { from: 0, until: 2.5, drained: 7.5 }))).toBe(900);
  });

  it("takes the load for even if a warm-up ends within a second", () => {
    const rows = Array(3).fill({ sent: 1000, completed: 1000 });
    expect(rate(runOf(rows, { from: 0.5, until: 3, drained: 3 }))).toBe(1000);
  });

  it("is 0 for a window that was never reached", () => {
    const { rate: achieved, offered } = figuresOf(
      scenarioResultOf(1, 1, { window: { from: 0, until: 0, drained: 0 } }),
    );
    expect([achieved, offered]).toEqual([0, 0]);
  });
});

describe("the offered rate", () => {
  it("is computed from the schedule", () => {
    const result = scenarioResultOf(4, 900, {
      scenario: scenarioOf(4, { warmupSeconds: 1 }),
      window: { from: 1, until: 4, drained: 4.5 },
    });
    expect(figuresOf(result)).toMatchObject({ rate: 900, offered: 1000, bytesRate: 900 * 128 });
  });

  it("covers no more than the messages of the run, and is absent in a closed loop", () => {
    const few = scenarioOf(4, { amount: { seconds: 4, messages: 1000 } });
    expect(figuresOf(scenarioResultOf(4, 1000, { scenario: few })).offered).toBe(250);
    const closed = scenarioOf(4, { load: CLOSED });
    expect(figuresOf(scenarioResultOf(4, 1000, { scenario: closed }))).not.toHaveProperty("offered");
  });
});

describe("the figures of a stage", () => {
  it("leave out percentiles with too few samples, and stages without a value", () => {
    const measured = { service: samples(1000), delay: samples(0) };
    const { stages } = figuresOf(scenarioResultOf(1, 1000, { measured }));
    expect(Object.keys(stages)).toEqual(["service"]);
    expect(Object.keys(stages.service ?? {}).sort()).toEqual(
      ["count", "max", "mean", "min", "p50", "p90", "p95", "p99"].sort(),
    );
  });
});
