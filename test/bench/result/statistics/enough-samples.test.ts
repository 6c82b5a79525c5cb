import { expect, it } from "vitest";
import { PERCENTILE_NAMES, PERCENTILES, type Summary, summaryOf } from "../../../../src/bench/measure/hdr.ts";
import { Histogram } from "../../../../src/bench/measure/histogram.ts";
import {
  samplesFor,
  trustedPercentile,
  trustIn,
  withoutRefused,
} from "../../../../src/bench/result/statistics/enough-samples.ts";

const summaryOfMany = (count: number): Summary => {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) histogram.record(i);
  return summaryOf(histogram) as Summary;
};

it("refuses a percentile with fewer than ten samples above it, and marks it with fewer than a hundred", () => {
  const needed = { p50: 20, p90: 100, p95: 200, p99: 1000, "p99.9": 10_000, "p99.99": 100_000 };
  for (const name of PERCENTILE_NAMES) {
    const share = PERCENTILES[name];
    const least = needed[name];
    expect([name, samplesFor(share)]).toEqual([name, least]);
    expect([name, ...[least - 1, least, 10 * least - 1, 10 * least].map((n) => trustIn(share, n))]).toEqual([
      name,
      "refused",
      "weak",
      "weak",
      "good",
    ]);
  }
});

it("refuses every percentile without samples", () => {
  expect(trustIn(0.5, 0)).toBe("refused");
});

it("finds the highest percentile that the samples support", () => {
  const counts = [0, 19, 20, 99, 100, 999, 1000, 9999, 10_000, 100_000, 1e9];
  expect(counts.map(trustedPercentile)).toEqual([
    0, 0, 0.5, 0.5, 0.9, 0.95, 0.99, 0.99, 0.999, 0.9999, 0.9999,
  ]);
});

it("leaves out what is refused, and nothing else", () => {
  expect(Object.keys(withoutRefused(summaryOfMany(999)))).toEqual([
    "count",
    "min",
    "mean",
    "stddev",
    "p50",
    "p90",
    "p95",
    "max",
  ]);
  expect(Object.keys(withoutRefused(summaryOfMany(5)))).toEqual(["count", "min", "mean", "stddev", "max"]);
  const enough = summaryOfMany(100_000);
  expect(withoutRefused(enough)).toEqual(enough);
});
