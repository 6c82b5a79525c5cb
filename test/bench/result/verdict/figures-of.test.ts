import { describe, expect, it } from "vitest";
import { encode } from "../../../../src/bench/measure/encoding.ts";
import { Histogram } from "../../../../src/bench/measure/histogram.ts";
import type { SecondOf } from "../../../../src/bench/result/result.ts";
import { figuresOf, operationsOf } from "../../../../src/bench/result/verdict/figures-of.ts";
import { scenarioOf, scenarioResultOf } from "../../report/results.ts";

function samples(count: number): string {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) histogram.record(1_000_000);
  return encode(histogram);
}

describe("figures", () => {
  it("have a rate of what was due in the window, not of what ended in it", () => {
    const result = scenarioResultOf(4, 1000, {
      scenario: scenarioOf(4, { warmupSeconds: 1 }),
      window: { from: 1, until: 4, drained: 4.5 },
      measured: { service: samples(2950), response: samples(2950) },
    });
    const { rate, offered, bytesRate } = figuresOf(result);
    expect(rate).toBeCloseTo(2950 / 3, 9);
    expect(offered).toBe(1000);
    expect(bytesRate).toBeCloseTo((2950 / 3) * 128, 6);
  });

  it("count whole seconds where nothing was timed, and parts of those at the window's ends", () => {
    const result = scenarioResultOf(4, 1000, { measured: {}, window: { from: 0.5, until: 3, drained: 4 } });
    expect(figuresOf(result).rate).toBeCloseTo(1000, 9);
  });

  it("count a message that everybody receives once", () => {
    const scenario = scenarioOf(2, { workload: "pubsub", receivers: 3 });
    expect(figuresOf(scenarioResultOf(2, 1, { scenario, measured: { service: samples(600) } })).rate).toBe(
      100,
    );
    const shared = { ...scenario, queue: "q" };
    expect(
      figuresOf(scenarioResultOf(2, 1, { scenario: shared, measured: { service: samples(600) } })).rate,
    ).toBe(300);
    const [row] = scenarioResultOf(1, 1).seconds as [SecondOf];
    const second = { ...row, counters: { ...row.counters, received: 300 } };
    expect([scenario, shared].map((one) => operationsOf(second, one))).toEqual([100, 300]);
  });

  it("leave out percentiles that have too few samples, and stages without any", () => {
    const measured = { service: samples(1000), delay: samples(0) };
    const { stages } = figuresOf(scenarioResultOf(1, 1000, { measured }));
    expect(Object.keys(stages)).toEqual(["service"]);
    expect(Object.keys(stages.service ?? {}).sort()).toEqual(
      ["count", "max", "mean", "min", "p50", "p90", "p95", "p99"].sort(),
    );
  });

  it("offer no more than the messages that there are, and nothing in a closed loop", () => {
    const few = scenarioOf(4, { amount: { seconds: 4, messages: 1000 } });
    expect(figuresOf(scenarioResultOf(4, 1000, { scenario: few })).offered).toBe(250);
    const closed = scenarioOf(4, { load: { kind: "closed", inFlight: 1 } });
    expect(figuresOf(scenarioResultOf(4, 1000, { scenario: closed }))).not.toHaveProperty("offered");
  });

  it("are zero of a window that was never reached", () => {
    const { rate, offered } = figuresOf(
      scenarioResultOf(1, 1, { window: { from: 0, until: 0, drained: 0 } }),
    );
    expect([rate, offered]).toEqual([0, 0]);
  });
});
