import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Slope, slopeOf, thin } from "../../../../src/bench/result/statistics/slope.ts";
import { series, shareOfSeeds } from "./series.ts";

const slope = (...of: Parameters<typeof slopeOf>) => slopeOf(...of) as Slope;

describe("a slope", () => {
  it("equals the slope of a line", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.integer(),
        fc.integer({ min: 8, max: 40 }),
        (by, at, n) => {
          const line = Array.from({ length: n }, (_, i) => at + by * i);
          expect(slope(line)).toEqual({ perStep: by, from: by, until: by });
        },
      ),
    );
  });

  it("is not moved by a few outliers", () => {
    const line = Array.from({ length: 30 }, (_, i) => (i % 7 === 3 ? 1e9 : 100 + 2 * i));
    expect(slope(line).perStep).toBeCloseTo(2, 9);
  });

  it("knows of the gaps that a series has", () => {
    const line = Array.from({ length: 30 }, (_, i) => (i > 5 && i < 15 ? undefined : 3 * i));
    expect(slope(line)).toEqual({ perStep: 3, from: 3, until: 3 });
  });

  it("is that of Sen's own method, bounds and all", () => {
    // 10 values, no ties: variance 10 * 9 * 25 / 18 = 125, so 1.96 * 11.18 = 21.9 of 45 slopes lie between.
    const values = [10, 15, 14, 20, 19, 27, 25, 29, 33, 31];
    const slopes = values
      .flatMap((before, i) => values.slice(i + 1).map((after, j) => (after - before) / (j + 1)))
      .sort((a, b) => a - b);
    expect(slope(values)).toEqual({ perStep: slopes[22], from: slopes[11], until: slopes[34] });
  });

  it("is undefined for too few values", () => {
    expect(slopeOf([1, 2, 3, 4, 5, 6, 7])).toBeUndefined();
    expect(slopeOf(Array(50).fill(undefined))).toBeUndefined();
    expect(slopeOf([1, 2, 3, 4, 5, 6, 7, 8])).toBeDefined();
  });

  it("is 0 with a narrow interval for equal values", () => {
    expect(slope(Array(20).fill(5))).toEqual({ perStep: 0, from: 0, until: 0 });
  });

  it("has the truth in its interval about as often as it says", () => {
    for (const [confidence, least] of [
      ["95 %", 0.92],
      ["99 %", 0.97],
    ] as const) {
      const covered = shareOfSeeds(300, (seed) => {
        const { from, until } = slope(
          series(30, { seed, deviation: 0.1 }, () => 100).map((v, i) => v + i / 2),
          confidence,
        );
        return from <= 0.5 && until >= 0.5;
      });
      expect([confidence, covered >= least]).toEqual([confidence, true]);
    }
  });

  it("is less sure of itself where neighbours resemble each other", () => {
    const found = (memory: number) =>
      shareOfSeeds(200, (seed) => {
        const { from, until } = slope(series(120, { seed, deviation: 0.1, memory }, () => 100));
        return from > 0 || until < 0;
      });
    expect(found(0)).toBeLessThan(0.08);
    // Without the correction a third of these would be taken for trends.
    expect(found(0.6)).toBeLessThan(0.15);
  });
});

describe("a thinned series", () => {
  it("does not change a short series", () => {
    const given = [1, undefined, 3];
    expect(thin(given, 3)).toEqual({ series: given, step: 1 });
  });

  it("has the medians of neighbours, and of nothing nothing", () => {
    const given = [1, 2, 900, 4, undefined, 6, undefined, undefined, undefined, 10];
    expect(thin(given, 4)).toEqual({ series: [2, 5, undefined, 10], step: 3 });
  });

  it("keeps its slope", () => {
    const { series: thinned, step } = thin(
      series(3600, { seed: 3, deviation: 0.01 }, (i) => 100 + i),
      300,
    );
    expect(thinned.length).toBe(300);
    expect(slope(thinned).perStep / step).toBeCloseTo(1, 1);
  });
});
