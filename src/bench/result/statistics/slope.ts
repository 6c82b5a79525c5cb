/**
 * The trend of a series: the slope of Theil and Sen, which is the median of the slopes between all pairs of points and
 * robust against outliers, with Sen's confidence interval.
 *
 * (Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", 1968. Neighbouring seconds resemble each
 * other, so that interval is too narrow; it is widened by the method of Hamed and Rao, "A modified Mann-Kendall trend
 * test for autocorrelated data", 1998.)
 */
import { median, ranks, ties } from "./rank.ts";

/** A slope per step of the series, with its confidence interval. */
export interface Slope {
  readonly perStep: number;
  readonly from: number;
  readonly until: number;
}

/** Minimum number of points. */
const MIN_POINTS = 8;

/** Confidence levels, with the quantiles of the normal distribution. */
const CONFIDENCES = { "95 %": 1.959964, "99 %": 2.575829 } as const;

/** A confidence level. */
type Confidence = keyof typeof CONFIDENCES;

/**
 * The slope of a series; undefined if it is too short. Time and memory grow with the square of the length: see `thin`.
 * @param series one value per step; undefined if a step has no value
 */
export function slopeOf(
  series: readonly (number | undefined)[],
  confidence: Confidence = "95 %",
): Slope | undefined {
  const points = series.flatMap((value, at) => (value === undefined ? [] : [{ at, value }]));
  const count = points.length;
  if (count < MIN_POINTS) return undefined;
  const slopes = new Float64Array((count * (count - 1)) / 2);
  let next = 0;
  for (const [i, before] of points.entries()) {
    for (let j = i + 1; j < count; j++) {
      const after = points[j] as (typeof points)[number];
      slopes[next++] = (after.value - before.value) / (after.at - before.at);
    }
  }
  slopes.sort();
  const perStep = middleOf(slopes);
  const residuals = points.map(({ at, value }) => value - perStep * at);
  const values = points.map(({ value }) => value);
  const reach = CONFIDENCES[confidence] * Math.sqrt(kendallVariance(values) * resemblance(residuals));
  const low = Math.floor((slopes.length - reach) / 2);
  const high = Math.ceil((slopes.length + reach) / 2);
  return {
    perStep,
    from: slopes[Math.max(0, low)] as number,
    until: slopes[Math.min(slopes.length - 1, high)] as number,
  };
}

function middleOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Variance of the number of rising pairs minus that of falling pairs, if there is no trend. */
function kendallVariance(values: readonly number[]): number {
  const of = (n: number) => n * (n - 1) * (2 * n + 5);
  return (of(values.length) - ties(values).reduce((sum, count) => sum + of(count), 0)) / 18;
}

/** Factor by which the variance is larger because neighbours resemble each other; at least 1. */
function resemblance(residuals: readonly number[]): number {
  const n = residuals.length;
  const ranked = ranks(residuals);
  const mean = (n + 1) / 2;
  const deviations = ranked.map((rank) => rank - mean);
  const variance = deviations.reduce((sum, deviation) => sum + deviation * deviation, 0);
  if (variance === 0) return 1;
  let sum = 0;
  for (let lag = 1; lag < n / 2; lag++) {
    let product = 0;
    for (let i = lag; i < n; i++) product += (deviations[i] as number) * (deviations[i - lag] as number);
    // Stops at the first lag whose correlation may be chance: higher lags are mostly noise.
    if (product / variance < CONFIDENCES["95 %"] / Math.sqrt(n)) break;
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * (product / variance);
  }
  return 1 + (2 / (n * (n - 1) * (n - 2))) * sum;
}

/**
 * Reduces a series to at most `max` values, the medians of neighbouring values.
 * @returns the shorter series, and the number of original steps in one of its steps
 */
export function thin(
  series: readonly (number | undefined)[],
  max: number,
): { readonly series: readonly (number | undefined)[]; readonly step: number } {
  const step = Math.max(1, Math.ceil(series.length / max));
  if (step === 1) return { series, step };
  const thinned: (number | undefined)[] = [];
  for (let i = 0; i < series.length; i += step) {
    const values = series.slice(i, i + step).filter((value) => value !== undefined);
    thinned.push(values.length > 0 ? median(values) : undefined);
  }
  return { series: thinned, step };
}
