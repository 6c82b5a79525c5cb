/**
 * When a series has settled: the point before which values are best left out. MSER (White, "An Effective
 * Truncation Heuristic for Bias Reduction in Simulation Output", 1997) takes the one that makes the confidence
 * interval of what is left smallest; MSER-5 (Spratt, 1998) does so for means of five values each.
 *
 * By itself it is no test: in a short series of nothing but noise the smallest interval is often near the end,
 * so whoever reads it as "not settled" also has to look whether the levels before and after differ.
 */
import { median, spread } from "./rank.ts";

/** Batches are of five values where there are enough; of fewer where the series is short. */
const BATCH = 5;
const BATCHES = 20;
/** A shorter series has no beginning and end. */
export const LEAST_LENGTH = 10;
/** The last batches are no candidates: the fewer are left, the smaller is their interval by chance. */
const LAST_BATCHES = 3;
/** Values farther from the median are counted as this far: one freeze is no beginning of a new level. */
const FAR = 6;

/**
 * How many values of the beginning are best left out.
 * @returns undefined if the series is too short
 */
export function settledAt(series: readonly number[]): number | undefined {
  if (series.length < LEAST_LENGTH) return undefined;
  const size = Math.min(BATCH, Math.max(1, Math.floor(series.length / BATCHES)));
  const batches = batchMeans(withoutOutliers(series), size);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let cut = 0; cut <= batches.length - LAST_BATCHES; cut++) {
    const left = batches.slice(cut);
    const mean = left.reduce((sum, value) => sum + value, 0) / left.length;
    const squares = left.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const width = squares / (left.length * left.length);
    if (width < least) {
      least = width;
      best = cut;
    }
  }
  return best * size;
}

/** Of a series with two levels the spread is their distance, so a level is never taken for outliers. */
function withoutOutliers(series: readonly number[]): readonly number[] {
  const middle = median(series);
  const far = FAR * spread(series, middle);
  if (far === 0) return series;
  return series.map((value) => Math.min(middle + far, Math.max(middle - far, value)));
}

function batchMeans(series: readonly number[], size: number): readonly number[] {
  return Array.from({ length: Math.floor(series.length / size) }, (_, batch) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += series[batch * size + i] as number;
    return sum / size;
  });
}
