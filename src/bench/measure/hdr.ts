/**
 * Percentiles and other statistics of a histogram, computed by hdr-histogram-js. Recording is ours (`histogram.ts`),
 * because it has to be fast; both have the same buckets, so the conversion loses nothing.
 */
import { Float64Histogram } from "hdr-histogram-js";
import type { Nanos } from "../../time/clock.ts";
import { BUCKETS, Histogram, lowestOf, MAX_VALUE } from "./histogram.ts";

/** Significant digits of a value: its bucket is at most 0.1 % wide. */
export const SIGNIFICANT_DIGITS = 3;

/** Percentiles that are reported, as shares of the values. */
export const PERCENTILES = {
  p50: 0.5,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
  "p99.9": 0.999,
  "p99.99": 0.9999,
} as const;

/** Names a percentile. */
export type PercentileName = keyof typeof PERCENTILES;

/** Names of all percentiles, ascending. */
export const PERCENTILE_NAMES = Object.keys(PERCENTILES) as readonly PercentileName[];

/** Statistics of a histogram in nanoseconds, whether or not there are enough samples for each percentile. */
export interface Summary extends Readonly<Record<PercentileName, Nanos>> {
  readonly count: number;
  /** Lowest value of the lowest bucket with a count. */
  readonly min: Nanos;
  readonly mean: Nanos;
  /** Population standard deviation: divided by the count. */
  readonly stddev: Nanos;
  /** Highest value of the highest bucket with a count; percentiles are highest values of buckets, too. */
  readonly max: Nanos;
}

/**
 * A copy as a histogram of hdr-histogram-js, of full size and with 64-bit counts: counts of 32 bits wrap around, and
 * the p99 is then 0.
 */
export function toHdr(histogram: Histogram): Float64Histogram {
  const hdr = new Float64Histogram(1, MAX_VALUE, SIGNIFICANT_DIGITS);
  for (let i = 0; i < BUCKETS; i++) {
    const count = histogram.counts[i] as number;
    if (count > 0) hdr.setCountAtIndex(i, count);
  }
  hdr.establishInternalTackingValues();
  return hdr;
}

/** The sum of several histograms: exact, in any order. */
export function mergeAll(histograms: Iterable<Histogram>): Histogram {
  const merged = new Histogram();
  for (const histogram of histograms) merged.add(histogram);
  return merged;
}

/**
 * A percentile: the highest value of its bucket, so never too low. Undefined if nothing was recorded.
 * @param share above 0, up to 1: 0.99 for p99
 */
export function percentileOf(histogram: Histogram, share: number): Nanos | undefined {
  const hdr = toHdr(histogram);
  return hdr.totalCount > 0 ? hdr.getValueAtPercentile(share * 100) : undefined;
}

/** All statistics; undefined if nothing was recorded. */
export function summaryOf(histogram: Histogram): Summary | undefined {
  const hdr = toHdr(histogram);
  if (hdr.totalCount === 0) return undefined;
  const percentiles = PERCENTILE_NAMES.map((name) => [
    name,
    hdr.getValueAtPercentile(PERCENTILES[name] * 100),
  ]);
  return {
    count: hdr.totalCount,
    min: hdr.getValueAtPercentile(0),
    ...momentsOf(histogram),
    ...(Object.fromEntries(percentiles) as Record<PercentileName, Nanos>),
    max: hdr.maxValue,
  };
}

/** The same numbers as from hdr-histogram-js, which takes 30 times as long: each value is the middle of its bucket. */
function momentsOf(histogram: Histogram): { readonly mean: number; readonly stddev: number } {
  const count = sumOf(histogram, () => 1);
  const mean = totalOf(histogram) / count;
  return { mean, stddev: Math.sqrt(sumOf(histogram, (value) => (value - mean) ** 2) / count) };
}

/** The sum of all values, each taken as the middle of its bucket. */
export function totalOf(histogram: Histogram): Nanos {
  return sumOf(histogram, (value) => value);
}

function sumOf({ counts }: Histogram, of: (value: Nanos) => number): number {
  let sum = 0;
  for (let i = 0; i < BUCKETS; i++) {
    const count = counts[i] as number;
    if (count > 0) sum += count * of(middleOf(i));
  }
  return sum;
}

function middleOf(bucket: number): Nanos {
  return lowestOf(bucket) + Math.floor((lowestOf(bucket + 1) - lowestOf(bucket)) / 2);
}
