/**
 * Whether a window saw one state of the system, or several. Virtual machines often never settle (Barrett et al.,
 * "Virtual Machine Warmup Blows Hot and Cold", OOPSLA 2017), so it is looked at and not assumed. A single
 * disturbance, such as a freeze in the middle, is no unsteadiness: before and after it the level is the same.
 */
import { percentileOf } from "../../measure/hdr.ts";
import type { Histogram } from "../../measure/histogram.ts";
import { median, spread } from "./rank.ts";
import { settledAt } from "./settling.ts";
import { type Slope, slopeOf, thin } from "./slope.ts";

/** What is looked at, second by second; undefined in a second that has no such value. */
export type Series = readonly (number | undefined)[];

/** What a series was found to be. */
export type Steadiness =
  | "steady"
  /** It had another level until some point in the second half. */
  | "unsteady"
  /** It went in one direction. */
  | "drifting"
  | "too_short";

/** What was found, and by what. */
export interface SteadinessFound {
  readonly steadiness: Steadiness;
  /** For each step of the series. */
  readonly slope?: Slope;
  /** Steps from the beginning until it settled. */
  readonly settledAt?: number;
  /** How far it drifted through the window, or how far its two levels are apart, as a share of its level. */
  readonly change?: number;
}

/** A change of less is not worth a word: a share of the level. */
const WORTH_SAYING = 0.1;
/** Standard errors by which two levels have to differ: many, as the cut was chosen to make them do so. */
const CLEARLY = 6;
/** Longer series are thinned to so many values. */
const MOST_POINTS = 300;
/** So many values of a second make its p99 more than its maximum. */
const ENOUGH_FOR_P99 = 100;

/** Of one series. */
export function steadinessOf(given: Series): SteadinessFound {
  const { series, step } = thin(given, MOST_POINTS);
  const values = series.filter((value) => value !== undefined);
  // Several series of a window are looked at: at 95 % each, one window in six would drift by chance.
  const slope = slopeOf(series, "99 %");
  const cut = settledAt(values);
  if (!slope || cut === undefined) return { steadiness: "too_short" };
  const level = Math.abs(median(values));
  const found = {
    slope: { perStep: slope.perStep / step, from: slope.from / step, until: slope.until / step },
    settledAt: cut * step,
  };
  const drift = Math.abs(slope.perStep * series.length);
  const isDrift = (slope.from > 0 || slope.until < 0) && drift > WORTH_SAYING * level;
  const jump = cut >= values.length / 2 ? jumpAt(values, cut) : 0;
  const isJump = jump > WORTH_SAYING * level;
  if (isJump && (!isDrift || leftByJump(values, cut) < leftByDrift(values, slope))) {
    return { ...found, steadiness: "unsteady", change: level > 0 ? jump / level : 1 };
  }
  if (isDrift) return { ...found, steadiness: "drifting", change: level > 0 ? drift / level : 1 };
  return { ...found, steadiness: "steady" };
}

/** How far the levels before and after are apart; 0 if that may be chance. */
function jumpAt(values: readonly number[], cut: number): number {
  const before = values.slice(0, cut);
  const after = values.slice(cut);
  const jump = Math.abs(median(before) - median(after));
  const error = Math.max(spread(before), spread(after)) * Math.sqrt(1 / before.length + 1 / after.length);
  return jump > CLEARLY * error ? jump : 0;
}

/** What two levels leave unexplained. */
function leftByJump(values: readonly number[], cut: number): number {
  const left = (part: readonly number[]) => {
    const middle = median(part);
    return part.reduce((sum, value) => sum + Math.abs(value - middle), 0);
  };
  return left(values.slice(0, cut)) + left(values.slice(cut));
}

/** What a line leaves unexplained. */
function leftByDrift(values: readonly number[], { perStep }: Slope): number {
  const flat = values.map((value, i) => value - perStep * i);
  const middle = median(flat);
  return flat.reduce((sum, value) => sum + Math.abs(value - middle), 0);
}

/** The latency of each second: its median, and its p99 where seconds have enough values for one. */
export function latencySeries(seconds: readonly Histogram[]): readonly Series[] {
  const counts = seconds.map(({ count }) => count);
  const series = (share: number) => seconds.map((histogram) => percentileOf(histogram, share));
  const isEnough = counts.length > 0 && median(counts) >= ENOUGH_FOR_P99;
  return isEnough ? [series(0.5), series(0.99)] : [series(0.5)];
}

/** The worst of several series: drifting, then unsteady, then too short to decide. */
export function worstSteadiness(
  found: readonly SteadinessFound[],
): Pick<SteadinessFound, "steadiness"> & { readonly change: number | undefined } {
  for (const steadiness of ["drifting", "unsteady", "too_short"] as const) {
    const those = found.filter((one) => one.steadiness === steadiness);
    if (those.length > 0) {
      const changes = those.flatMap(({ change }) => change ?? []);
      return { steadiness, change: changes.length > 0 ? Math.max(...changes) : undefined };
    }
  }
  return { steadiness: "steady", change: undefined };
}
