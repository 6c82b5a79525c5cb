/**
 * The clock of a run: nanoseconds since the run's zero, the same in every thread of this host.
 *
 * `process.hrtime` is the host's monotonic clock and common to all threads and processes; `performance.now()`
 * is cheaper and makes no garbage, but each thread may have a zero of its own, so each measures the distance
 * between the two once.
 */

/** Nanoseconds. A number holds 104 days of them exactly. */
export type Nanos = number;

/** Nanoseconds in a second. */
export const SECOND: Nanos = 1e9;
/** Nanoseconds in a millisecond. */
export const MILLISECOND: Nanos = 1e6;

/** Tells the time since the run's zero; negative before it. */
export interface Clock {
  now(): Nanos;
  /** The run's zero on the host's own clock, which other processes of the host have, too. NaN before it is known. */
  readonly zero: Nanos;
}

/** The zero of a run that begins now, to be given to every thread of it. */
export function zeroNow(): bigint {
  return process.hrtime.bigint();
}

/** @param zero as `zeroNow` gave it, in this process or another one of this host */
export function clockSince(zero: bigint): Clock {
  const base = distance(zero);
  return { now: () => base + performance.now() * MILLISECOND, zero: Number(zero) };
}

/** Of several measurements the one with the least between its readings. */
function distance(zero: bigint): Nanos {
  let shortest = Number.POSITIVE_INFINITY;
  let base = 0;
  for (let i = 0; i < 16; i++) {
    const before = performance.now();
    const monotonic = Number(process.hrtime.bigint() - zero);
    const after = performance.now();
    if (after - before >= shortest) continue;
    shortest = after - before;
    base = monotonic - ((before + after) / 2) * MILLISECOND;
  }
  return base;
}
