/**
 * The point at which a series has settled, so that earlier values are best left out. MSER (White, "An Effective
 * Truncation Heuristic for Bias Reduction in Simulation Output", 1997) selects the point with the smallest confidence
 * interval of the values after it; MSER-5 (Spratt, 1998) does so with means of five values each.
 *
 * This is no test by itself: in a short series of noise the smallest interval is often near the end. To decide that a
 * series had not settled, compare the levels before and after the point, too.
 */
import { median, spread } from "./rank.ts";

/** Maximum number of values in a batch; fewer if the series is short. */
const BATCH = 5;
const BATCHES = 20;
/** Minimum length of a series. */
const MIN_LENGTH = 10;
/** The last batches are no candidates: the interval of a few values is often small by chance. */
const LAST_BATCHES = 3;
/** Values farther from the median are moved to this distance, in spreads: a single freeze is no new level. */
const FAR = 6;

/** Number of values at the beginning that are best left out; undefined if the series is too short. */
export function settledAt(series: readonly number[]): number | undefined {
  if (series.length < MIN_LENGTH) return undefined;
  const size = Math.min(BATCH, Math.max(1, Math.floor(series.length / BATCHES)));
  const batches = batchMeans(withoutOutliers(series), size);
  let best = 0;
  let narrowest = Number.POSITIVE_INFINITY;
  for (let cut = 0; cut <= batches.length - LAST_BATCHES; cut++) {
    const rest = batches.slice(cut);
    const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
    const squares = rest.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const width = squares / (rest.length * rest.length);
    if (width < narrowest) {
      narrowest = width;
      best = cut;
    }
  }
  return best * size;
}

/** The spread of a series with two levels is their distance, so neither level counts as outliers. */
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
