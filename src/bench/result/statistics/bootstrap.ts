/**
 * Confidence intervals of the percentiles of one run, by a block bootstrap: the seconds of the run are drawn again
 * with replacement, and the percentile of what was drawn is read, a thousand times. Formulas for independent samples
 * would give intervals that are far too narrow: operations of the same moment share what happened in it, and so do
 * neighbouring seconds, which are therefore drawn in blocks. The interval does not tell how much another run would
 * differ, which is usually more.
 *
 * (Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979; circular blocks: Politis and Romano, "A Circular
 * Block-Resampling Procedure for Stationary Data", 1992.)
 */

import type { Nanos } from "../../../time/clock.ts";
import { mergeAll } from "../../measure/hdr.ts";
import { BUCKETS, type Histogram, highestOf } from "../../measure/histogram.ts";
import { type Random, randomOf } from "../../scenario/random.ts";

/** The percentile lies between these values with 95 % confidence. */
export interface Interval {
  readonly from: Nanos;
  readonly until: Nanos;
}

/** How the seconds are drawn. */
interface Drawing {
  /** The same seed gives the same groups. */
  readonly seed: number;
  /** Number of resamples. Default: 1,000. */
  readonly times?: number;
}

const TIMES = 1000;
/** Quantile of the standard normal distribution for 95 % confidence. */
const Z = 1.959964;
/** Minimum number of seconds with a value: resamples of fewer are mostly the same. */
export const MIN_GROUPS = 10;
/** In longer runs neighbouring seconds are merged, so that time and memory stay bounded. */
const MAX_GROUPS = 120;
/** Maximum number of groups in a block; fewer if there would not be enough blocks. */
const MAX_BLOCK = 5;
const MIN_BLOCKS = 6;

/**
 * @param seconds histograms of the seconds of the window
 * @param shares percentiles as shares, such as 0.99
 * @returns an interval for each share, in their order; undefined if there are too few seconds
 */
export function percentileIntervals(
  seconds: readonly Histogram[],
  shares: readonly number[],
  drawing: Drawing,
): readonly Interval[] | undefined {
  const groups = groupsOf(seconds);
  if (groups.filter(({ count }) => count > 0).length < MIN_GROUPS) return undefined;
  const sums = new CumulatedCounts(groups);
  const random = randomOf(drawing.seed);
  const times = drawing.times ?? TIMES;
  const found = shares.map(() => new Float64Array(times));
  for (let time = 0; time < times; time++) {
    const weights = drawn(groups.length, random);
    for (const [i, share] of shares.entries()) {
      (found[i] as Float64Array)[time] = sums.percentile(weights, share);
    }
  }
  const outside = shareOutside(Math.floor(groups.length / blockOf(groups.length)));
  return found.map((values) => {
    values.sort();
    const at = (share: number) => values[Math.round(share * (times - 1))] as number;
    return { from: at(outside), until: at(1 - outside) };
  });
}

/** Seconds, or groups of neighbouring seconds if there are many. */
function groupsOf(seconds: readonly Histogram[]): readonly Histogram[] {
  const size = Math.ceil(seconds.length / MAX_GROUPS);
  if (size <= 1) return seconds;
  return Array.from({ length: Math.ceil(seconds.length / size) }, (_, i) =>
    mergeAll(seconds.slice(i * size, (i + 1) * size)),
  );
}

function blockOf(count: number): number {
  return Math.min(MAX_BLOCK, Math.max(1, Math.floor(count / MIN_BLOCKS)));
}

/**
 * Share of the resamples outside the interval on each side: less than 2.5 %, because the interval of a few blocks
 * would be too narrow. (Hesterberg, "What Teachers Should Know About the Bootstrap", 2015: the expanded percentile interval,
 * as wide as Student's; the quantile by the expansion of Cornish and Fisher.)
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

/** How often each group was drawn. Blocks continue at the beginning, so that all groups are equally likely. */
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
 * Cumulated counts: for each bucket with a count, how many values of each group are in it or below. The percentile of
 * a resample is then found by bisection, without merging histograms.
 */
class CumulatedCounts {
  readonly #buckets: readonly number[];
  readonly #groupCount: number;
  /** One row for each bucket, with one number for each group. */
  readonly #sums: Float64Array;

  constructor(groups: readonly Histogram[]) {
    this.#groupCount = groups.length;
    this.#buckets = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter((bucket) =>
      groups.some(({ counts }) => (counts[bucket] as number) > 0),
    );
    this.#sums = new Float64Array(this.#buckets.length * groups.length);
    for (const [column, { counts }] of groups.entries()) {
      let sum = 0;
      for (const [row, bucket] of this.#buckets.entries()) {
        sum += counts[bucket] as number;
        this.#sums[row * groups.length + column] = sum;
      }
    }
  }

  percentile(weights: Float64Array, share: number): Nanos {
    const last = this.#buckets.length - 1;
    const total = this.#upTo(last, weights);
    // As for the percentile of a histogram: at least the first value, without the rounding error of the product.
    const rank = Math.max(1, Math.ceil(Number((share * total).toPrecision(14))));
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#upTo(middle, weights) >= rank) high = middle;
      else low = middle + 1;
    }
    return highestOf(this.#buckets[low] as number);
  }

  #upTo(row: number, weights: Float64Array): number {
    const from = row * this.#groupCount;
    let sum = 0;
    for (let i = 0; i < this.#groupCount; i++) {
      sum += (weights[i] as number) * (this.#sums[from + i] as number);
    }
    return sum;
  }
}
