/**
 * How sure a percentile of one run is: the run's seconds are drawn again, with replacement, and the percentile
 * read from what was drawn, two thousand times. Formulas for independent samples give intervals that are far too
 * narrow: operations of the same moment share what happened in it, and so do neighbouring seconds, which are
 * therefore drawn in blocks. It says nothing of how another run would differ, which is usually more.
 *
 * (Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979; blocks that go round the end: Politis and
 * Romano, "A Circular Block-Resampling Procedure for Stationary Data", 1992.)
 */

import type { Nanos } from "../../../time/clock.ts";
import { BUCKETS, greatestOf, Histogram } from "../../measure/histogram.ts";
import { type Random, randomOf } from "../../scenario/random.ts";

/** Between these the percentile is, at 95 %. */
export interface Range {
  readonly from: Nanos;
  readonly until: Nanos;
}

/** How it is drawn. */
export interface Drawing {
  /** The same seed, the same intervals. */
  readonly seed: number;
  /** How many times; 2,000. */
  readonly times?: number;
}

const TIMES = 2000;
/** Of a standard normal distribution: 2.5 % are above. */
const Z = 1.959964;
/** Of fewer seconds, what is drawn again is mostly the same again. */
export const LEAST_INTERVALS = 10;
/** Longer runs have longer intervals instead: time and memory stay what they are. */
const MOST_INTERVALS = 240;
/** Intervals drawn together; fewer where so many would not be drawn independently of each other. */
const LONGEST_BLOCK = 5;
const LEAST_BLOCKS = 6;

/**
 * @param seconds of the window, each with its values
 * @param shares of the percentiles, such as 0.99
 * @returns a range for each share, in their order; undefined if there are too few seconds
 */
export function percentileRanges(
  seconds: readonly Histogram[],
  shares: readonly number[],
  drawing: Drawing,
): readonly Range[] | undefined {
  const intervals = joined(seconds);
  if (intervals.filter(({ count }) => count > 0).length < LEAST_INTERVALS) return undefined;
  const sums = new CumulatedCounts(intervals);
  const random = randomOf(drawing.seed);
  const times = drawing.times ?? TIMES;
  const found = shares.map(() => new Float64Array(times));
  for (let time = 0; time < times; time++) {
    const weights = drawn(intervals.length, random);
    for (const [i, share] of shares.entries()) {
      (found[i] as Float64Array)[time] = sums.percentile(weights, share);
    }
  }
  const outside = shareOutside(Math.floor(intervals.length / blockOf(intervals.length)));
  return found.map((values) => {
    values.sort();
    const at = (share: number) => values[Math.round(share * (times - 1))] as number;
    return { from: at(outside), until: at(1 - outside) };
  });
}

/** Neighbouring seconds together, where there are many. */
function joined(seconds: readonly Histogram[]): readonly Histogram[] {
  const size = Math.ceil(seconds.length / MOST_INTERVALS);
  if (size <= 1) return seconds;
  return Array.from({ length: Math.ceil(seconds.length / size) }, (_, i) => {
    const interval = new Histogram();
    for (const second of seconds.slice(i * size, (i + 1) * size)) interval.add(second);
    return interval;
  });
}

function blockOf(count: number): number {
  return Math.min(LONGEST_BLOCK, Math.max(1, Math.floor(count / LEAST_BLOCKS)));
}

/**
 * Which share of what was read is left out on each side: less than 2.5 %, as of few blocks the range would be too
 * narrow. (Hesterberg, "What Teachers Should Know About the Bootstrap", 2015: the expanded percentile interval,
 * which is as wide as Student's; his quantile by Cornish and Fisher's expansion.)
 */
function shareOutside(blocks: number): number {
  const freedom = blocks - 1;
  const student =
    Z +
    (Z ** 3 + Z) / (4 * freedom) +
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2) +
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * freedom ** 3);
  return normalAbove(student * Math.sqrt(blocks / freedom));
}

/** Share of a standard normal distribution above a value (Abramowitz and Stegun, 26.2.17). */
function normalAbove(value: number): number {
  const t = 1 / (1 + 0.2316419 * value);
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-value * value) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}

/** How often each interval was drawn. Blocks go round the end, so that all are drawn equally often. */
function drawn(count: number, random: Random): Float64Array {
  const weights = new Float64Array(count);
  const block = blockOf(count);
  for (let taken = 0; taken < count; ) {
    const start = Math.floor(random() * count);
    for (let i = 0; i < block && taken < count; i++, taken++) {
      const at = (start + i) % count;
      weights[at] = (weights[at] as number) + 1;
    }
  }
  return weights;
}

/**
 * For each bucket that any interval has, how many values of each interval are in it or below. A percentile of any
 * mixture of the intervals is then found by bisection, without making the mixture.
 */
class CumulatedCounts {
  readonly #buckets: readonly number[];
  readonly #intervals: number;
  /** A row for each bucket, with a number for each interval. */
  readonly #sums: Float64Array;

  constructor(intervals: readonly Histogram[]) {
    this.#intervals = intervals.length;
    this.#buckets = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter((bucket) =>
      intervals.some(({ counts }) => (counts[bucket] as number) > 0),
    );
    this.#sums = new Float64Array(this.#buckets.length * intervals.length);
    for (const [column, { counts }] of intervals.entries()) {
      let sum = 0;
      for (const [row, bucket] of this.#buckets.entries()) {
        sum += counts[bucket] as number;
        this.#sums[row * intervals.length + column] = sum;
      }
    }
  }

  percentile(weights: Float64Array, share: number): Nanos {
    const last = this.#buckets.length - 1;
    const total = this.#upTo(last, weights);
    // As for a percentile of one histogram: without the rounding of the product, and at least the first value.
    const rank = Math.max(1, Math.ceil(Number((share * total).toPrecision(14))));
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#upTo(middle, weights) >= rank) high = middle;
      else low = middle + 1;
    }
    return greatestOf(this.#buckets[low] as number);
  }

  #upTo(row: number, weights: Float64Array): number {
    const from = row * this.#intervals;
    let sum = 0;
    for (let i = 0; i < this.#intervals; i++) {
      sum += (weights[i] as number) * (this.#sums[from + i] as number);
    }
    return sum;
  }
}
