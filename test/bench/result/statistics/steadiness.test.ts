import { describe, expect, it } from "vitest";
import { Histogram } from "../../../../src/bench/measure/histogram.ts";
import { median } from "../../../../src/bench/result/statistics/rank.ts";
import { settledAt } from "../../../../src/bench/result/statistics/settling.ts";
import {
  latencySeries,
  type Steadiness,
  steadinessOf,
  worstSteadiness,
} from "../../../../src/bench/result/statistics/steadiness.ts";
import { type Noise, series, shareOfSeeds } from "./series.ts";

const SEEDS = 100;
const found = (
  is: Steadiness,
  length: number,
  noise: Omit<Noise, "seed">,
  level: (second: number) => number,
) => shareOfSeeds(SEEDS, (seed) => steadinessOf(series(length, { ...noise, seed }, level)).steadiness === is);

describe("settling", () => {
  it("is where a beginning of another level ends", () => {
    for (const end of [6, 15, 36]) {
      const level = (second: number) => (second < end ? 300 : 100);
      const cuts = Array.from(
        { length: SEEDS },
        (_, seed) => settledAt(series(60, { seed, deviation: 0.05 }, level)) as number,
      );
      expect([end, Math.min(...cuts)]).toEqual([end, end]);
      // By chance it is later, as what is left is less.
      expect([end, median(cuts) < end + (60 - end) / 3]).toEqual([end, true]);
    }
  });

  it("is at the beginning if the level never changed", () => {
    expect(settledAt(Array(50).fill(7))).toBe(0);
  });

  it("is not after a single frozen second", () => {
    const frozen = shareOfSeeds(SEEDS, (seed) => {
      const calm = series(100, { seed, deviation: 0.1 }, () => 100);
      const cut = settledAt(calm) as number;
      return Math.abs((settledAt(calm.with(70, 1e6)) as number) - cut) <= 5;
    });
    expect(frozen).toBeGreaterThan(0.5);
  });

  it("is undefined for a short series", () => {
    expect(settledAt(Array(9).fill(7))).toBeUndefined();
    expect(settledAt(Array(10).fill(7))).toBe(0);
  });
});

describe("a series", () => {
  for (const length of [15, 30, 60, 600]) {
    it(`is steady with noise at one level for ${length} seconds`, () => {
      for (const deviation of [0, 0.05, 0.3]) {
        expect(found("steady", length, { deviation }, () => 200)).toBeGreaterThanOrEqual(0.95);
      }
      expect(found("steady", length, { deviation: 0.2, memory: 0.4 }, () => 200)).toBeGreaterThanOrEqual(
        0.88,
      );
    });

    it(`is drifting if it rises or falls for ${length} seconds`, () => {
      const up = (second: number) => 100 * (1 + second / length);
      expect(found("drifting", length, { deviation: 0.05 }, up)).toBeGreaterThanOrEqual(0.95);
      const down = (second: number) => 300 - (100 * second) / length;
      expect(found("drifting", length, { deviation: 0.05 }, down)).toBeGreaterThanOrEqual(0.95);
    });

    it(`is unsteady if its level changes in the second half of ${length} seconds`, () => {
      for (const [at, level] of [
        [0.6, 2],
        [0.7, 1.5],
        [0.65, 0.5],
      ] as const) {
        const step = (second: number) => (second < at * length ? 100 : 100 * level);
        expect(found("unsteady", length, { deviation: 0.05 }, step)).toBeGreaterThanOrEqual(0.9);
      }
    });

    it(`is steady with a freeze within ${length} seconds`, () => {
      for (const at of [0.3, 0.5, 0.8]) {
        const freeze = (second: number) => (second === Math.floor(at * length) ? 50_000 : 100);
        expect(found("steady", length, { deviation: 0.1 }, freeze)).toBeGreaterThanOrEqual(0.95);
      }
    });
  }

  it("is steady if it changes by less than 10 %", () => {
    const slow = Array.from({ length: 60 }, (_, i) => 1000 + i);
    expect(steadinessOf(slow)).toMatchObject({
      steadiness: "steady",
      slope: { perStep: 1, from: 1, until: 1 },
    });
    const step = Array.from({ length: 60 }, (_, i) => (i < 40 ? 1000 : 1090));
    expect(steadinessOf(step).steadiness).toBe("steady");
  });

  it("says by how much it changed", () => {
    const drift = Array.from({ length: 41 }, (_, i) => 80 + i);
    expect(steadinessOf(drift)).toMatchObject({ steadiness: "drifting", change: 0.41 });
    const step = series(60, { seed: 1, deviation: 0.001 }, (second) => (second < 40 ? 100 : 200));
    expect(steadinessOf(step)).toMatchObject({ steadiness: "unsteady" });
    expect(steadinessOf(step).settledAt).toBeGreaterThanOrEqual(40);
    expect(steadinessOf(step).settledAt).toBeLessThan(50);
    expect(steadinessOf(step).change).toBeCloseTo(1, 1);
  });

  it("has slopes and times in the original steps of a thinned series", () => {
    const long = Array.from({ length: 1200 }, (_, i) => 100 + i);
    expect(steadinessOf(long).slope?.perStep).toBeCloseTo(1, 9);
    const step = series(1200, { seed: 1, deviation: 0.01 }, (second) => (second < 900 ? 100 : 200));
    expect(steadinessOf(step)).toMatchObject({ steadiness: "unsteady" });
    expect(steadinessOf(step).settledAt).toBeGreaterThanOrEqual(900);
    expect(steadinessOf(step).settledAt).toBeLessThan(1100);
  });

  it("is too short to tell where there are fewer than ten seconds with a value", () => {
    expect(steadinessOf(Array(9).fill(5))).toEqual({ steadiness: "too_short" });
    expect(steadinessOf([...Array(9).fill(5), undefined, undefined]).steadiness).toBe("too_short");
    expect(steadinessOf([...Array(10).fill(5), undefined]).steadiness).toBe("steady");
    expect(steadinessOf([])).toEqual({ steadiness: "too_short" });
  });

  it("is steady if all values are 0", () => {
    expect(steadinessOf(Array(30).fill(0)).steadiness).toBe("steady");
  });
});

describe("several series", () => {
  it("report the largest change of those that are the worst", () => {
    const found = (steadiness: Steadiness, change: number) => ({ steadiness, change });
    expect(worstSteadiness([found("unsteady", 3), found("drifting", 1), found("drifting", 2)])).toEqual({
      steadiness: "drifting",
      change: 2,
    });
  });

  it("are as steady as the worst of them", () => {
    const of = (...all: Steadiness[]) =>
      worstSteadiness(all.map((steadiness) => ({ steadiness }))).steadiness;
    expect(of()).toBe("steady");
    expect(of("steady", "too_short")).toBe("too_short");
    expect(of("too_short", "unsteady", "steady")).toBe("unsteady");
    expect(of("unsteady", "drifting")).toBe("drifting");
  });
});

describe("the latency of each second", () => {
  const second = (count: number) => {
    const histogram = new Histogram();
    for (let i = 1; i <= count; i++) histogram.record(i * 10);
    return histogram;
  };

  it("consists of median and p99, without values for empty seconds", () => {
    expect(latencySeries([second(100), second(200), second(0), second(200)])).toEqual([
      [500, 1000, undefined, 1000],
      [990, 1980, undefined, 1980],
    ]);
  });

  it("has no p99 where most seconds have fewer values than a hundred", () => {
    expect(latencySeries([second(99), second(99), second(500)])).toEqual([[500, 500, 2501]]);
  });
});
