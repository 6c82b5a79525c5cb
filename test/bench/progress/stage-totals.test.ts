import fc from "fast-check";
import { expect, it } from "vitest";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import { BOUNDARIES, StageTotals } from "../../../src/bench/progress/stage-totals.ts";

const nanos = fc.oneof(
  fc.nat(1_000_000),
  fc.nat(2 ** 31 - 1),
  fc.integer({ min: 1, max: 60_000 }).map((ms) => ms * 1e6),
);

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

it("has boundaries in steps of 1, 2 and 5", () => {
  expect(BOUNDARIES.map((nanoseconds) => nanoseconds / 1e9)).toEqual([
    0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
  ]);
});

it("counts each value up to its boundaries, to 0.1 %, however the seconds are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.array(nanos, { maxLength: 30 }), { maxLength: 5 }), (seconds) => {
      const totals = new StageTotals();
      for (const values of seconds) totals.add(histogramOf(values));
      const all = seconds.flat();
      expect(totals.count).toBe(all.length);
      for (const [i, boundary] of BOUNDARIES.entries()) {
        const upTo = (limit: number) => all.filter((value) => value <= limit).length;
        expect(totals.counts[i]).toBeGreaterThanOrEqual(upTo(boundary));
        expect(totals.counts[i]).toBeLessThanOrEqual(upTo(boundary * 1.001));
      }
      const sum = all.reduce((one, other) => one + other, 0) / 1e9;
      expect(Math.abs(totals.sum - sum)).toBeLessThanOrEqual(sum * 0.0005 + 1e-9 * all.length);
    }),
  );
});

it("counts every boundary's own value as within it", () => {
  const totals = new StageTotals();
  totals.add(histogramOf(BOUNDARIES));
  expect(totals.counts).toEqual(BOUNDARIES.map((_, i) => i + 1));
});

it("never shrinks, because Prometheus would see a restart", () => {
  fc.assert(
    fc.property(fc.array(nanos, { maxLength: 50 }), (values) => {
      const totals = new StageTotals();
      for (const value of [3_600e9, ...values]) {
        const before = totals.sum;
        totals.add(histogramOf([value]));
        expect(totals.sum).toBeGreaterThanOrEqual(before);
      }
    }),
  );
});
