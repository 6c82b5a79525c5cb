/**
 * The wall clock at a run's zero, to compare it with a stream's time stamps. `Date.now()` has whole milliseconds, and
 * `performance.timeOrigin` drifts while the process runs. The moment at which `Date.now()` changes is exact.
 */
import { type Clock, MILLISECOND } from "./clock.ts";

/** Number of changes to observe. The one that was noticed first after it happened is used. */
const EDGES = 2;

/**
 * Blocks the thread for up to three milliseconds.
 * @returns milliseconds since 1970 at the run's zero, with a fraction
 */
export function wallAtZero(clock: Clock): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let edge = 0; edge < EDGES; edge++) {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    // A change that is noticed late makes the zero seem earlier than it was.
    best = Math.max(best, now - clock.now() / MILLISECOND);
  }
  return best;
}
