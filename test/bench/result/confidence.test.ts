import { describe, expect, it } from "vitest";
import { encode } from "../../../src/bench/measure/encoding.ts";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import { intervalsOf } from "../../../src/bench/result/confidence.ts";
import { figuresOf } from "../../../src/bench/result/figures.ts";
import type { ScenarioResult } from "../../../src/bench/result/schema.ts";
import { scenarioResultOf } from "../report/results.ts";

const intervals = (result: ScenarioResult) => intervalsOf(result, figuresOf(result));

describe("confidence intervals", () => {
  it("contain each percentile that is reported, of each stage", () => {
    const result = scenarioResultOf(30, 500);
    const { stages } = figuresOf(result);
    const found = intervals(result);
    expect(Object.keys(found)).toEqual(["response", "service", "delay"]);
    for (const [stage, one] of Object.entries(found)) {
      expect(Object.keys(one)).toEqual(["p50", "p90", "p95", "p99", "p99.9"]);
      for (const [name, { from, until }] of Object.entries(one)) {
        const value = stages[stage as "response"]?.[name as "p50"] as number;
        expect(value).toBeGreaterThanOrEqual(from);
        expect(value).toBeLessThanOrEqual(until);
      }
    }
  });

  it("are the same in every report", () => {
    const result = scenarioResultOf(20, 100);
    expect(intervals(result)).toEqual(intervals(structuredClone(result)));
  });

  it("are absent if the window has fewer than 10 or more than 600 whole seconds", () => {
    expect(intervals(scenarioResultOf(9, 500))).toEqual({});
    const [row] = scenarioResultOf(1, 10).seconds;
    const seconds = Array.from({ length: 601 }, (_, second) => ({ ...row, second })) as never;
    const long = scenarioResultOf(1, 10, { seconds, window: { from: 0, until: 601, drained: 601 } });
    expect(intervals(long)).toEqual({});
  });

  it("are absent for a stage if its operations ended after the window, or its seconds were not kept", () => {
    const result = scenarioResultOf(20, 100);
    const late = new Histogram();
    for (let i = 0; i < 10_000; i++) late.record(1e9);
    const seconds = result.seconds.map((second) => ({
      ...second,
      stages: { response: second.stages.response as string },
    }));
    const measured = { ...result.measured, response: encode(late) };
    expect(Object.keys(intervals({ ...result, seconds }))).toEqual(["response"]);
    expect(intervals({ ...result, seconds, measured })).toEqual({});
  });
});
