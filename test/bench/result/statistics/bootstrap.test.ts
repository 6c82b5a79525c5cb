import { describe, expect, it } from "vitest";
import { mergeAll, PERCENTILE_NAMES, PERCENTILES, percentileOf } from "../../../../src/bench/measure/hdr.ts";
import { Histogram } from "../../../../src/bench/measure/histogram.ts";
import { type Interval, percentileIntervals } from "../../../../src/bench/result/statistics/bootstrap.ts";
import { randomOf } from "../../../../src/bench/scenario/random.ts";
import { series, shareOfSeeds } from "./series.ts";

/** Seconds of exponentially distributed latencies with these means. */
function secondsOf(means: readonly number[], each: number, seed: number): Histogram[] {
  const random = randomOf(seed);
  return means.map((mean) => {
    const histogram = new Histogram();
    for (let i = 0; i < each; i++) histogram.record(-mean * Math.log(1 - random()));
    return histogram;
  });
}

const flat = (length: number) => Array<number>(length).fill(1e6);
const width = ({ from, until }: Interval) => until - from;
const one = (seconds: readonly Histogram[], share: number, seed = 1): Interval =>
  (percentileIntervals(seconds, [share], { seed, times: 400 }) as readonly [Interval])[0];

describe("the confidence interval of a percentile", () => {
  it("contains the percentile of the run", () => {
    const seconds = secondsOf(flat(30), 1000, 1);
    const merged = mergeAll(seconds);
    const shares = PERCENTILE_NAMES.map((name) => PERCENTILES[name]);
    const intervals = percentileIntervals(seconds, shares, { seed: 1, times: 400 }) ?? [];
    expect(intervals.length).toBe(shares.length);
    for (const [i, share] of shares.entries()) {
      const percentile = percentileOf(merged, share) as number;
      expect(intervals[i]?.from).toBeLessThanOrEqual(percentile);
      expect(intervals[i]?.until).toBeGreaterThanOrEqual(percentile);
    }
  });

  it("contains the true percentile in about 95 of 100 runs", () => {
    const truth = -1e6 * Math.log(0.1);
    const covered = shareOfSeeds(100, (seed) => {
      const { from, until } = one(secondsOf(flat(40), 200, seed), 0.9, seed);
      return from <= truth && until >= truth;
    });
    expect(covered).toBeGreaterThanOrEqual(0.9);
    expect(covered).toBeLessThan(1);
  });

  it("contains it nearly as often if neighbouring seconds resemble each other", () => {
    // The median of exponential latencies whose mean itself has a deviation of 20 %.
    const spread = series(3000, { seed: 999, deviation: 0.2 }, () => 1e6);
    const truth = percentileOf(mergeAll(secondsOf(spread, 30, 1)), 0.5) as number;
    const covered = shareOfSeeds(200, (seed) => {
      const means = series(60, { seed, deviation: 0.2, memory: 0.5 }, () => 1e6);
      const { from, until } = one(secondsOf(means, 100, seed), 0.5, seed);
      return from <= truth && until >= truth;
    });
    // Without blocks it would be 75 of 100.
    expect(covered).toBeGreaterThanOrEqual(0.86);
  });

  it("is the same as that of merged resamples", () => {
    // Every second has a value of its own, so the percentile shows which seconds were drawn.
    const seconds = Array.from({ length: 10 }, (_, i) => {
      const histogram = new Histogram();
      for (let n = 0; n < 100; n++) histogram.record((i + 1) * 100);
      return histogram;
    });
    const { from, until } = one(seconds, 0.5);
    expect([from % 100, until % 100]).toEqual([0, 0]);
    expect(from).toBeGreaterThanOrEqual(100);
    expect(from).toBeLessThan(500);
    expect(until).toBeGreaterThan(500);
    expect(until).toBeLessThanOrEqual(1000);
  });

  it("is a single value if every second is the same", () => {
    const same = Array.from({ length: 20 }, () => secondsOf([1e6], 100, 5)[0] as Histogram);
    const percentile = percentileOf(mergeAll(same), 0.9);
    expect(one(same, 0.9)).toEqual({ from: percentile, until: percentile });
  });

  it("is narrower for a longer run and wider for an uneven one", () => {
    const short = one(secondsOf(flat(20), 200, 3), 0.9);
    const long = one(secondsOf(flat(200), 200, 3), 0.9);
    const uneven = one(
      secondsOf(
        flat(20).map((mean, i) => (i % 5 === 0 ? 5 * mean : mean)),
        200,
        3,
      ),
      0.9,
    );
    expect(width(long)).toBeLessThan(width(short) / 2);
    expect(width(uneven)).toBeGreaterThan(width(short) * 2);
  });

  it("is wide if a single freeze caused the whole tail", () => {
    const seconds = secondsOf(flat(30), 1000, 4);
    for (let n = 0; n < 500; n++) seconds[17]?.record(n * 1e6);
    const { from, until } = one(seconds, 0.99);
    expect(from).toBeLessThan(10e6);
    expect(until).toBeGreaterThan(200e6);
  });

  it("depends on the seed alone", () => {
    const seconds = secondsOf(flat(30), 100, 1);
    expect(one(seconds, 0.9, 7)).toEqual(one(seconds, 0.9, 7));
    const intervals = [1, 2, 3, 4, 5].map((seed) => JSON.stringify(one(seconds, 0.99, seed)));
    expect(new Set(intervals).size).toBeGreaterThan(1);
  });

  it("is absent if fewer than ten seconds have a value", () => {
    expect(percentileIntervals(secondsOf(flat(9), 1000, 1), [0.5], { seed: 1 })).toBeUndefined();
    const idle = [...secondsOf(flat(9), 1000, 1), ...Array.from({ length: 20 }, () => new Histogram())];
    expect(percentileIntervals(idle, [0.5], { seed: 1 })).toBeUndefined();
    expect(percentileIntervals([], [0.5], { seed: 1 })).toBeUndefined();
  });

  it("is computed although some seconds have no value", () => {
    const some = secondsOf(flat(30), 100, 1).map((second, i) => (i % 3 === 0 ? new Histogram() : second));
    expect(width(one(some, 0.5))).toBeGreaterThan(0);
  });

  it("is computed from groups of seconds in a long run", () => {
    const { from, until } = one(secondsOf(flat(500), 20, 1), 0.5);
    expect(from).toBeLessThan(1e6 * Math.LN2);
    expect(until).toBeGreaterThan(1e6 * Math.LN2 * 0.99);
    expect(until / from).toBeLessThan(1.1);
  });
});
