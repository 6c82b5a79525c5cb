import fc from "fast-check";
import { Float64Histogram } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { mergeAll } from "../../../src/bench/measure/hdr.ts";
import {
  BUCKETS,
  HISTOGRAM_BYTES,
  Histogram,
  highestOf,
  lowestOf,
  MAX_VALUE,
} from "../../../src/bench/measure/histogram.ts";
import { histogramOf, nanos } from "./values.ts";

/** The bucket of a value, found by its count. */
function bucketOf(value: number): number {
  return histogramOf([value]).counts.indexOf(1);
}

describe("buckets", () => {
  const hdr = new Float64Histogram(1, MAX_VALUE, 3);

  it("are those of hdr-histogram-js", () => {
    fc.assert(
      fc.property(nanos, (value) => {
        expect(bucketOf(value)).toBe(hdr.countsArrayIndex(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("are those of hdr-histogram-js at every power of two and next to it", () => {
    for (let power = 1; power < MAX_VALUE; power *= 2) {
      for (const value of [power - 1, power, power + 1]) {
        expect([value, bucketOf(value)]).toEqual([value, hdr.countsArrayIndex(value)]);
      }
    }
    expect(bucketOf(MAX_VALUE)).toBe(BUCKETS - 1);
  });

  it("have the bounds of hdr-histogram-js, without gaps", () => {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const least = lowestOf(bucket);
      if (least !== hdr.valueFromIndex(bucket) || highestOf(bucket) !== hdr.highestEquivalentValue(least)) {
        expect([bucket, least, highestOf(bucket)]).toEqual([
          bucket,
          hdr.valueFromIndex(bucket),
          hdr.highestEquivalentValue(least),
        ]);
      }
    }
  });

  it("are 1 or at most 0.1 % of their values wide", () => {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const least = lowestOf(bucket);
      const width = highestOf(bucket) - least + 1;
      if (width > Math.max(1, least / 1000)) expect([bucket, width]).toEqual([bucket, 1]);
    }
  });

  it("count the whole part of a value", () => {
    fc.assert(
      fc.property(nanos, fc.double({ min: 0, max: 0.999, noNaN: true }), (value, fraction) => {
        expect(bucketOf(Math.min(MAX_VALUE, value + fraction))).toBe(bucketOf(value));
      }),
    );
  });
});

describe("a histogram", () => {
  it("counts values above an hour as an hour, and as beyond", () => {
    const histogram = histogramOf([MAX_VALUE, MAX_VALUE + 1, Number.POSITIVE_INFINITY]);
    expect([...histogram.buckets()]).toEqual([{ value: lowestOf(BUCKETS - 1), count: 3 }]);
    expect(histogram).toMatchObject({ count: 3, beyond: 2, negative: 0 });
  });

  it("counts negative values and NaN separately", () => {
    const histogram = histogramOf([-1, -0.001, Number.NEGATIVE_INFINITY, Number.NaN]);
    expect(histogram).toMatchObject({ count: 0, beyond: 0, negative: 4 });
    expect([...histogram.buckets()]).toEqual([]);
  });

  it("lists each value once, in ascending order", () => {
    fc.assert(
      fc.property(fc.array(nanos), (values) => {
        const buckets = [...histogramOf(values).buckets()];
        expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        expect(buckets).toEqual(buckets.toSorted((a, b) => a.value - b.value));
      }),
    );
  });

  it("is the same if it is merged from parts in any order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(nanos, fc.nat(3))), (parts) => {
        const split = [0, 1, 2, 3].map((part) =>
          histogramOf(parts.filter(([, of]) => of === part).map(([value]) => value)),
        );
        const whole = histogramOf(parts.map(([value]) => value));
        expect(mergeAll(split).counts).toEqual(whole.counts);
        expect(mergeAll(split.toReversed()).counts).toEqual(whole.counts);
      }),
      { numRuns: 30 },
    );
  });

  it("returns the values recorded since a copy, with beyond and negative ones", () => {
    fc.assert(
      fc.property(fc.array(nanos), fc.array(nanos), (before, after) => {
        const histogram = histogramOf([...before, -1, MAX_VALUE + 1]);
        const copy = histogram.copy();
        for (const value of [...after, -1, -1]) histogram.record(value);
        expect(histogram.since(copy).counts).toEqual(histogramOf([...after, -1, -1]).counts);
        expect(copy.counts).toEqual(histogramOf([...before, -1, MAX_VALUE + 1]).counts);
      }),
      { numRuns: 30 },
    );
  });

  it("records into shared memory at its offset only", () => {
    const memory = new SharedArrayBuffer(3 * HISTOGRAM_BYTES);
    new Histogram(memory, HISTOGRAM_BYTES).record(42);
    const counts = [0, 1, 2].map((i) => new Histogram(memory, i * HISTOGRAM_BYTES).count);
    expect(counts).toEqual([0, 1, 0]);
    const copy = new Histogram(memory, HISTOGRAM_BYTES).copy();
    new Histogram(memory, HISTOGRAM_BYTES).record(43);
    expect(copy.count).toBe(1);
  });
});
