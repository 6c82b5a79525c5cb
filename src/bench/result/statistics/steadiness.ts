/**
 * Whether the system was in one state during the window. Virtual machines often never settle (Barrett et al., "Virtual
 * Machine Warmup Blows Hot and Cold", OOPSLA 2017), so this is checked rather than assumed. A single disturbance, such
 * as a freeze, does not make a window unsteady if the level before and after it is the same.
 */
import { percentileOf } from "../../measure/hdr.ts";
import type { Histogram } from "../../measure/histogram.ts";
import { median, spread } from "./rank.ts";
import { settledAt } from "./settling.ts";
import { type Slope, slopeOf, thin } from "./slope.ts";

/** A value for each second; undefined if a second has none. */
type Series = readonly (number | undefined)[];

/** The state of a series. */
export type Steadiness =
  | "steady"
  /** The level changed in the second half. */
  | "unsteady"
  /** The values kept changing in one direction. */
  | "drifting"
  | "too_short";

/** The state of a series with its evidence. */
interface SteadinessFound {
  readonly steadiness: Steadiness;
  /** Slope per step of the series. */
  readonly slope?: Slope;
  /** Steps from the beginning until the series settled. */
  readonly settledAt?: number;
  /** Drift over the window, or the distance of the two levels, as a share of the level. */
  readonly change?: number;
}

/** Minimum change that is reported, as a share of the level. */
const MIN_CHANGE = 0.1;
/** Minimum difference of two levels, in standard errors: many, because the cut was chosen to make them differ. */
const MIN_ERRORS = 6;
/** Maximum length of a series; longer ones are thinned. */
const MAX_POINTS = 300;
/** Minimum number of values in a second for a p99 that is not its maximum. */
const ENOUGH_FOR_P99 = 100;

/** Determines the state of one series. */
export function steadinessOf(given: Series): SteadinessFound {
  const { series, step } = thin(given, MAX_POINTS);
  const values = series.filter((value) => value !== undefined);
  // A window has several series: at 95 % each, one window in six would drift by chance.
  const slope = slopeOf(series, "99 %");
  const cut = settledAt(values);
  if (!slope || cut === undefined) return { steadiness: "too_short" };
  const level = Math.abs(median(values));
  const found = {
    slope: { perStep: slope.perStep / step, from: slope.from / step, until: slope.until / step },
    settledAt: cut * step,
  };
  const drift = Math.abs(slope.perStep * series.length);
  const isDrift = (slope.from > 0 || slope.until < 0) && drift > MIN_CHANGE * level;
  const jump = cut >= values.length / 2 ? jumpAt(values, cut) : 0;
  const isJump = jump > MIN_CHANGE * level;
  if (isJump && (!isDrift || deviationFromLevels(values, cut) < deviationFromLine(values, slope))) {
    return { ...found, steadiness: "unsteady", change: level > 0 ? jump / level : 1 };
  }
  if (isDrift) return { ...found, steadiness: "drifting", change: level > 0 ? drift / level : 1 };
  return { ...found, steadiness: "steady" };
}

/** Distance of the levels before and after the cut; 0 if it may be chance. */
function jumpAt(values: readonly number[], cut: number): number {
  const before = values.slice(0, cut);
  const after = values.slice(cut);
  const jump = Math.abs(median(before) - median(after));
  const error = Math.max(spread(before), spread(after)) * Math.sqrt(1 / before.length + 1 / after.length);
  return jump > MIN_ERRORS * error ? jump : 0;
}

/** Sum of the deviations from two levels. */
function deviationFromLevels(values: readonly number[], cut: number): number {
  const deviation = (part: readonly number[]) => {
    const middle = median(part);
    return part.reduce((sum, value) => sum + Math.abs(value - middle), 0);
  };
  return deviation(values.slice(0, cut)) + deviation(values.slice(cut));
}

/** Sum of the deviations from a line. */
function deviationFromLine(values: readonly number[], { perStep }: Slope): number {
  const flat = values.map((value, i) => value - perStep * i);
  const middle = median(flat);
  return flat.reduce((sum, value) => sum + Math.abs(value - middle), 0);
}

/** The median latency of each second, and its p99 if seconds have enough values for it. */
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
