import { describe, expect, it } from "vitest";
import { mergeAll, PERCENTILE_NAMES, PERCENTILES, percentileOf } from "../../../../src/bench/measure/hdr.ts";
import { Histogram } from "../../../../src/bench/measure/histogram.ts";
import { percentileRanges, type Range } from "../../../../src/bench/result/statistics/bootstrap.ts";
import { randomOf } from "../../../../src/bench/scenario/random.ts";
import { series, shareOfSeeds } from "./series.ts";

/** Seconds of exponential latencies with these means. */
function secondsOf(means: readonly number[], each: number, seed: number): Histogram[] {
  const random = randomOf(seed);
  return means.map((mean) => {
    const histogram = new Histogram();
    for (let i = 0; i < each; i++) histogram.record(-mean * Math.log(1 - random()));
    return histogram;
  });
}

const flat = (length: number) => Array<number>(length).fill(1e6);
const width = ({ from, until }: Range) => until - from;
const one = (seconds: readonly Histogram[], share: number, seed = 1): Range =>
  (percentileRanges(seconds, [share], { seed, times: 400 }) as readonly [Range])[0];

describe("the range of a percentile", () => {
  it("has the percentile of the run in it", () => {
    const seconds = secondsOf(flat(30), 1000, 1);
    const merged = mergeAll(seconds);
    const shares = PERCENTILE_NAMES.map((name) => PERCENTILES[name]);
    const ranges = percentileRanges(seconds, shares, { seed: 1, times: 400 }) ?? [];
    expect(ranges.length).toBe(shares.length);
    for (const [i, share] of shares.entries()) {
      const percentile = percentileOf(merged, share) as number;
      expect(ranges[i]?.from).toBeLessThanOrEqual(percentile);
      expect(ranges[i]?.until).toBeGreaterThanOrEqual(percentile);
    }
  });

  it("has the truth in it about as often as it says", () => {
    const truth = -1e6 * Math.log(0.1);
    const covered = shareOfSeeds(100, (seed) => {
      const { from, until } = one(secondsOf(flat(40), 200, seed), 0.9, seed);
      return from <= truth && until >= truth;
    });
    expect(covered).toBeGreaterThanOrEqual(0.9);
    expect(covered).toBeLessThan(1);
  });

  it("has it there also where neighbouring seconds resemble each other", () => {
    // The median of exponential latencies whose mean is itself spread by a fifth.
    const spread = series(3000, { seed: 999, deviation: 0.2 }, () => 1e6);
    const truth = percentileOf(mergeAll(secondsOf(spread, 30, 1)), 0.5) as number;
    const covered = shareOfSeeds(200, (seed) => {
      const means = series(60, { seed, deviation: 0.2, memory: 0.5 }, () => 1e6);
      const { from, until } = one(secondsOf(means, 100, seed), 0.5, seed);
      return from <= truth && until >= truth;
    });
    // Seconds drawn one by one would have it in three of four.
    expect(covered).toBeGreaterThanOrEqual(0.86);
  });

  it("is that of drawing seconds and merging them", () => {
    // Every second has one value of its own: what is drawn is known by the percentile.
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

  it("is no range where every second is the same", () => {
    const same = Array.from({ length: 20 }, () => secondsOf([1e6], 100, 5)[0] as Histogram);
    const percentile = percentileOf(mergeAll(same), 0.9);
    expect(one(same, 0.9)).toEqual({ from: percentile, until: percentile });
  });

  it("is narrower with more of the same, and wider where seconds differ", () => {
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

  it("says of a tail that is one freeze's that it is anything", () => {
    const seconds = secondsOf(flat(30), 1000, 4);
    for (let n = 0; n < 500; n++) seconds[17]?.record(n * 1e6);
    const { from, until } = one(seconds, 0.99);
    expect(from).toBeLessThan(10e6);
    expect(until).toBeGreaterThan(200e6);
  });

  it("repeats with its seed", () => {
    const seconds = secondsOf(flat(30), 100, 1);
    expect(one(seconds, 0.9, 7)).toEqual(one(seconds, 0.9, 7));
    const ranges = [1, 2, 3, 4, 5].map((seed) => JSON.stringify(one(seconds, 0.99, seed)));
    expect(new Set(ranges).size).toBeGreaterThan(1);
  });

  it("cannot be told of a few seconds, or of seconds with nothing in them", () => {
    expect(percentileRanges(secondsOf(flat(9), 1000, 1), [0.5], { seed: 1 })).toBeUndefined();
    const idle = [...secondsOf(flat(9), 1000, 1), ...Array.from({ length: 20 }, () => new Histogram())];
    expect(percentileRanges(idle, [0.5], { seed: 1 })).toBeUndefined();
    expect(percentileRanges([], [0.5], { seed: 1 })).toBeUndefined();
  });

  it("can be told though some seconds have nothing in them", () => {
    const some = secondsOf(flat(30), 100, 1).map((second, i) => (i % 3 === 0 ? new Histogram() : second));
    expect(width(one(some, 0.5))).toBeGreaterThan(0);
  });

  it("of a long run is told from longer intervals", () => {
    const { from, until } = one(secondsOf(flat(500), 20, 1), 0.5);
    expect(from).toBeLessThan(1e6 * Math.LN2);
    expect(until).toBeGreaterThan(1e6 * Math.LN2 * 0.99);
    expect(until / from).toBeLessThan(1.1);
  });
});
