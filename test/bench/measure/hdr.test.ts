import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  PERCENTILE_NAMES,
  PERCENTILES,
  percentileOf,
  summaryOf,
  toHdr,
} from "../../../src/bench/measure/hdr.ts";
import { Histogram, MAX_VALUE } from "../../../src/bench/measure/histogram.ts";
import { histogramOf, nanos } from "./values.ts";

const samples = fc.array(nanos, { minLength: 1, maxLength: 500, size: "max" });

/** The rank of a percentile, in whole numbers: 99.9 / 100 is not exact. */
const FRACTIONS = {
  p50: [1, 2],
  p90: [9, 10],
  p95: [19, 20],
  p99: [99, 100],
  "p99.9": [999, 1000],
  "p99.99": [9999, 10_000],
} as const;

/** Equal to three digits, and never too low. */
function expectWithin(found: number, exact: number): void {
  expect(found).toBeGreaterThanOrEqual(exact);
  expect(found - exact).toBeLessThanOrEqual(exact / 1000);
}

describe("a summary", () => {
  it("has the percentiles of the sorted samples, to three digits", () => {
    fc.assert(
      fc.property(samples, (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const summary = summaryOf(histogramOf(values));
        for (const name of PERCENTILE_NAMES) {
          const [of, parts] = FRACTIONS[name];
          const rank = Math.ceil((values.length * of) / parts);
          expectWithin(summary?.[name] ?? 0, sorted[rank - 1] as number);
        }
        expectWithin(summary?.max ?? 0, sorted.at(-1) as number);
        expect(summary?.min).toBeLessThanOrEqual(sorted[0] as number);
        expectWithin(sorted[0] as number, summary?.min ?? 0);
      }),
    );
  });

  it("takes the right value if the rank of a percentile is a whole number", () => {
    for (const name of PERCENTILE_NAMES) {
      const [of, parts] = FRACTIONS[name];
      for (const times of [1, 3, 7]) {
        const histogram = new Histogram();
        for (let i = 0; i < times * of; i++) histogram.record(1);
        for (let i = 0; i < times * (parts - of); i++) histogram.record(2);
        expect([name, percentileOf(histogram, PERCENTILES[name])]).toEqual([name, 1]);
        histogram.record(2);
        expect([name, percentileOf(histogram, PERCENTILES[name])]).toEqual([name, 2]);
      }
    }
  });

  it("has mean and standard deviation of the samples, to three digits", () => {
    fc.assert(
      fc.property(samples, (values) => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        const summary = summaryOf(histogramOf(values));
        expect(Math.abs((summary?.mean ?? 0) - mean)).toBeLessThanOrEqual(mean / 1000);
        // Each sample differs by at most 0.1 % of the largest.
        expect(Math.abs((summary?.stddev ?? 0) - Math.sqrt(square))).toBeLessThanOrEqual(
          Math.max(...values) / 1000,
        );
      }),
    );
  });

  it("has the mean and standard deviation of hdr-histogram-js", () => {
    fc.assert(
      fc.property(samples, (values) => {
        const histogram = histogramOf(values);
        const hdr = toHdr(histogram);
        expect(summaryOf(histogram)?.mean).toBeCloseTo(hdr.mean, 0);
        expect(Math.abs((summaryOf(histogram)?.stddev ?? 0) - hdr.stdDeviation)).toBeLessThanOrEqual(
          1e-9 * hdr.stdDeviation,
        );
      }),
      { numRuns: 20 },
    );
  });

  it("has a standard deviation of zero if all values are equal", () => {
    expect(summaryOf(histogramOf(Array(100).fill(100_000)))?.stddev).toBe(0);
  });

  it("is undefined if nothing was recorded", () => {
    expect(summaryOf(new Histogram())).toBeUndefined();
    expect(percentileOf(new Histogram(), 0.5)).toBeUndefined();
    expect(summaryOf(histogramOf([-1]))).toBeUndefined();
  });

  it("counts zero as a value", () => {
    expect(summaryOf(histogramOf([0, 0, 0]))).toMatchObject({ count: 3, min: 0, mean: 0, p50: 0, max: 0 });
  });
});

describe("the copy for hdr-histogram-js", () => {
  it("counts more than 32 bits in a bucket", () => {
    const histogram = histogramOf([1000]);
    for (let i = 0; i < 33; i++) histogram.add(histogram.copy());
    histogram.record(5_000_000);
    expect(summaryOf(histogram)).toMatchObject({ count: 2 ** 33 + 1, p50: 1000, p99: 1000, "p99.99": 1000 });
  });

  it("equals a histogram that hdr-histogram-js recorded", () => {
    const values = [0, 1, 2047, 2048, 123_456_789, MAX_VALUE];
    const recorded = toHdr(new Histogram());
    for (const value of values) recorded.recordValue(value);
    const ours = toHdr(histogramOf(values));
    expect(ours.totalCount).toBe(recorded.totalCount);
    for (const percentile of [0, 10, 40, 60, 80, 100]) {
      expect(ours.getValueAtPercentile(percentile)).toBe(recorded.getValueAtPercentile(percentile));
    }
  });
});
