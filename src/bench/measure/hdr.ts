/**
 * Our histograms and hdr-histogram-js's: counted here, where it has to be quick, and read there. Both have the
 * same buckets, so nothing is lost on the way. Also the numbers of a histogram that a person is told.
 */
import { Float64Histogram } from "hdr-histogram-js";
import type { Nanos } from "../../time/clock.ts";
import { BUCKETS, Histogram, leastOf, MOST } from "./histogram.ts";

/** A value is told to within a thousandth of itself. */
export const SIGNIFICANT_DIGITS = 3;

/** Percentiles that are told, as shares of the values that are at most as great. */
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

/** In ascending order. */
export const PERCENTILE_NAMES = Object.keys(PERCENTILES) as readonly PercentileName[];

/** Numbers of a histogram, nanoseconds; whether there are enough samples for each is another question. */
export interface Summary extends Readonly<Record<PercentileName, Nanos>> {
  readonly count: number;
  /** The least value of the lowest bucket that has a count. */
  readonly min: Nanos;
  readonly mean: Nanos;
  /** Of the whole population: divided by the count. */
  readonly stddev: Nanos;
  /** The greatest value of the highest bucket that has a count, as all percentiles are. */
  readonly max: Nanos;
}

/**
 * A copy, for hdr-histogram-js to read. Its counts are 64 bits wide (at 32 it wraps, and then says that p99 is
 * 0), it has its full size from the start, and it never has to grow.
 */
export function toHdr(histogram: Histogram): Float64Histogram {
  const hdr = new Float64Histogram(1, MOST, SIGNIFICANT_DIGITS);
  for (let i = 0; i < BUCKETS; i++) {
    const count = histogram.counts[i] as number;
    if (count > 0) hdr.setCountAtIndex(i, count);
  }
  hdr.establishInternalTackingValues();
  return hdr;
}

/** All values of several histograms: exact, whatever the order. */
export function mergeAll(histograms: Iterable<Histogram>): Histogram {
  const merged = new Histogram();
  for (const histogram of histograms) merged.add(histogram);
  return merged;
}

/**
 * The value that a share of all values does not exceed, to three digits: the greatest of its bucket, so never
 * too small. Undefined if nothing was recorded.
 * @param share above 0, at most 1
 */
export function percentileOf(histogram: Histogram, share: number): Nanos | undefined {
  const hdr = toHdr(histogram);
  return hdr.totalCount > 0 ? hdr.getValueAtPercentile(share * 100) : undefined;
}

/** Undefined if nothing was recorded. */
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

/** As hdr-histogram-js has them, with each value in the middle of its bucket; it takes thirty times as long. */
function momentsOf(histogram: Histogram): { readonly mean: number; readonly stddev: number } {
  const count = sumOf(histogram, () => 1);
  const mean = totalOf(histogram) / count;
  return { mean, stddev: Math.sqrt(sumOf(histogram, (value) => (value - mean) ** 2) / count) };
}

/** All values added up, each as the middle of its bucket. */
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
  return leastOf(bucket) + Math.floor((leastOf(bucket + 1) - leastOf(bucket)) / 2);
}
