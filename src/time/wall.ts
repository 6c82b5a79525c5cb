/**
 * The wall clock at a run's zero, for the one thing that needs it: a stream's time stamps. `Date.now()` has whole
 * milliseconds and `performance.timeOrigin` is as old as the process; an edge between two milliseconds is exact.
 */
import { type Clock, MILLISECOND } from "./clock.ts";

/** Two are looked for, and the one that was seen at once is taken. */
const EDGES = 2;

/**
 * Takes up to three milliseconds, in which the thread does nothing else.
 * @returns milliseconds since 1970 at the run's zero, with a fraction
 */
export function wallAtZero(clock: Clock): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let edge = 0; edge < EDGES; edge++) {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    // Seen late, if at all: then the zero seems to be earlier than it was.
    best = Math.max(best, now - clock.now() / MILLISECOND);
  }
  return best;
}
