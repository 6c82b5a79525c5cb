/**
 * Whether the system kept up with what was offered. In an open loop what it does not do in time waits, and what
 * waits grows: then every latency is as long as the run made it, and none is the system's.
 *
 * What was done counts when it was done, not when it was due: the drain catches up with everything, and a rate
 * that includes it is the offered one, always.
 */
import { type Slope, slopeOf, thin } from "./slope.ts";

/** A second of the window. */
export interface Turnover {
  /** Operations that were due. */
  readonly due: number;
  /** Operations that ended, well or not: of what was received, each message once. */
  readonly done: number;
}

/** What waited at the end of each second, beside what waited before the first. */
export function backlogOf(seconds: readonly Turnover[]): readonly number[] {
  let waiting = 0;
  return seconds.map(({ due, done }) => {
    waiting += due - done;
    return waiting;
  });
}

/** How what waits grew. */
export interface BacklogFound {
  readonly isOverloaded: boolean;
  /** Operations a second; absent where the window was too short. */
  readonly growth?: Slope;
}

/** Operations by which a backlog has to have grown to be one. */
const LEAST_GROWTH = 10;
/** Share of what was due that has to have been left: less is within the rounding of seconds. */
const LEAST_SHARE = 0.001;
const MOST_POINTS = 300;

/**
 * Overloaded is what waits growing all through the window. A freeze, after which it is worked off, is not; nor is
 * what is lost at once. Messages lost all the time look the same from here: the account tells them apart.
 */
export function backlogGrowth(seconds: readonly Turnover[]): BacklogFound {
  const backlog = backlogOf(seconds);
  const { series, step } = thin(backlog, MOST_POINTS);
  const slope = slopeOf(series, "99 %");
  if (!slope) return { isOverloaded: false };
  const growth = { perStep: slope.perStep / step, from: slope.from / step, until: slope.until / step };
  const grown = growth.perStep * seconds.length;
  const due = seconds.reduce((sum, second) => sum + second.due, 0);
  const isOverloaded = growth.from > 0 && grown > Math.max(LEAST_GROWTH, LEAST_SHARE * due);
  return { isOverloaded, growth };
}

/** Rates of a window, operations a second. */
export interface RatesFound {
  readonly offered: number;
  readonly achieved: number;
  /** Achieved, of what was offered; above 1 where a backlog from before was worked off. */
  readonly share: number;
}

/**
 * What was achieved of what was offered. Where a window begins with nothing under way, what is under way at its
 * end is missing without anything being wrong: rates are counted from the end of the first second on.
 * @param seconds of the window, whole ones @returns undefined with fewer than three, or where nothing was due
 */
export function ratesOf(seconds: readonly Turnover[]): RatesFound | undefined {
  const counted = seconds.slice(1);
  if (counted.length < 2) return undefined;
  const due = counted.reduce((sum, second) => sum + second.due, 0);
  const done = counted.reduce((sum, second) => sum + second.done, 0);
  if (due === 0) return undefined;
  return { offered: due / counted.length, achieved: done / counted.length, share: done / due };
}
