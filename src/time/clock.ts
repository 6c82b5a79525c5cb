/**
 * The clock of a run: nanoseconds since the run's zero, the same in all threads of this host.
 *
 * `process.hrtime` is the host's monotonic clock, common to all threads and processes. `performance.now()` is cheaper
 * and does not allocate, but may have another zero in each thread. So each thread measures their distance once.
 */

/** Nanoseconds. A number represents up to 104 days of them exactly. */
export type Nanos = number;

/** Nanoseconds in a second. */
export const SECOND: Nanos = 1e9;
/** Nanoseconds in a millisecond. */
export const MILLISECOND: Nanos = 1e6;

/** The time since the run's zero; negative before it. */
export interface Clock {
  now(): Nanos;
  /** The run's zero on the host's monotonic clock, which is common to all processes. NaN before it is known. */
  readonly zero: Nanos;
}

/** Zero of a run that begins now, to be passed to all its threads. */
export function zeroNow(): bigint {
  return process.hrtime.bigint();
}

/** @param zero from `zeroNow` in this process or another one on this host */
export function clockSince(zero: bigint): Clock {
  const base = distance(zero);
  return { now: () => base + performance.now() * MILLISECOND, zero: Number(zero) };
}

/** The best of several measurements: the one with the shortest time between its readings. */
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
