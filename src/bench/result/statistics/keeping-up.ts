/**
 * Whether the system kept up with an open loop. Operations that it cannot do in time form a backlog, and a growing
 * backlog makes every latency as long as the run: none of them is the system's.
 *
 * Operations count when they end, not when they were due: the drain catches up with everything, so a rate that
 * includes it always equals the offered one.
 */
import { type Slope, slopeOf, thin } from "./slope.ts";

/** The load in one second of the window. */
export interface LoadSecond {
  /** Operations that were due. */
  readonly due: number;
  /** Operations that ended, successfully or not. */
  readonly done: number;
}

/** Size of the backlog at the end of each second, relative to its size before the first. */
export function backlogOf(seconds: readonly LoadSecond[]): readonly number[] {
  let backlog = 0;
  return seconds.map(({ due, done }) => {
    backlog += due - done;
    return backlog;
  });
}

/** Growth of a backlog. */
interface BacklogGrowth {
  readonly isOverloaded: boolean;
  /** Operations per second; absent if the window was too short. */
  readonly growth?: Slope;
}

/** Minimum growth over the window, in operations. */
const MIN_GROWTH = 10;
/** Minimum growth over the window as a share of the operations due: less is the rounding of seconds. */
const MIN_SHARE = 0.001;
const MAX_POINTS = 300;

/**
 * The system is overloaded if the backlog grew throughout the window. A freeze that was worked off afterwards is no
 * overload. Messages that are lost all the time look like a backlog here; the account tells them apart.
 */
export function backlogGrowth(seconds: readonly LoadSecond[]): BacklogGrowth {
  const { series, step } = thin(backlogOf(seconds), MAX_POINTS);
  const slope = slopeOf(series, "99 %");
  if (!slope) return { isOverloaded: false };
  const growth = { perStep: slope.perStep / step, from: slope.from / step, until: slope.until / step };
  const grown = growth.perStep * seconds.length;
  const due = seconds.reduce((sum, second) => sum + second.due, 0);
  const isOverloaded = growth.from > 0 && grown > Math.max(MIN_GROWTH, MIN_SHARE * due);
  return { isOverloaded, growth };
}

/**
 * Operations that ended as a share of those that were due; above 1 if an earlier backlog was worked off. The first
 * second is left out: if nothing was in flight when it began, operations in flight at the end of the window are
 * missing although the system keeps up.
 * @param seconds whole seconds of the window @returns undefined if there are fewer than three, or nothing was due
 */
export function doneShare(seconds: readonly LoadSecond[]): number | undefined {
  const counted = seconds.slice(1);
  if (counted.length < 2) return undefined;
  const due = counted.reduce((sum, second) => sum + second.due, 0);
  const done = counted.reduce((sum, second) => sum + second.done, 0);
  return due > 0 ? done / due : undefined;
}
