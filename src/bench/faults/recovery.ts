/**
 * How long a run took to recover from an event, in tenths of a second. Pure.
 *
 * - First success: time from the event to the end of the outage that it caused. An outage is a period without a
 *   success that is longer than every such period in the ten seconds before the event, and begins within ten seconds
 *   after it. 0 if there was no outage. Absent if the run ended in the outage. The drain is never part of an outage:
 *   nothing is sent in it, so a period without a success is normal.
 * - Latency: time from the event until latency was back to normal for half a second. Latency is the p90 of a tenth
 *   of a second. Normal is up to 1.5 times the highest p90 in the ten seconds before the event, without the highest
 *   5 %. 0 if latency stayed normal for ten seconds after the event. Never less than the first success. Absent if
 *   latency was not back at the end of the run, or is not timed.
 *
 * Both end at the next event.
 */

import { MILLISECOND, type Nanos, SECOND } from "../../time/clock.ts";
import type { RunEvent } from "../result/schema.ts";

/** A tenth of a second of a run, or a little more if the main thread was late. */
export interface Moment {
  /** Since the run's zero. */
  readonly from: Nanos;
  readonly until: Nanos;
  /** Operations that ended successfully. */
  readonly successes: number;
  /** Response time that 10 % of them exceeded; undefined without a success, or if nothing is timed. */
  readonly p90: Nanos | undefined;
}

/** Length of a moment. */
export const MOMENT: Nanos = 100 * MILLISECOND;

type Recovery = NonNullable<RunEvent["recovery"]>;

const BEFORE: Nanos = 10 * SECOND;
const CAUSED_WITHIN: Nanos = 10 * SECOND;
const CALM: Nanos = SECOND / 2;
const TOLERANCE = 1.5;
const ORDINARY = 0.95;

/** Ends of the period in which a recovery is looked for. */
interface Until {
  /** When the next event began, or the run ended. */
  readonly next: Nanos;
  /** When the last operation was sent. */
  readonly sent: Nanos;
}

/**
 * @param at when the event began
 * @returns undefined if the run ended with the event, or nothing had succeeded before it
 */
export function recoveryOf(moments: readonly Moment[], at: Nanos, until: Until): Recovery | undefined {
  const before = moments.filter((moment) => moment.until <= at && moment.from >= at - BEFORE);
  const after = moments.filter((moment) => moment.until > at && moment.from < until.next);
  if (after.length === 0 || !before.some(({ successes }) => successes > 0)) return undefined;
  const firstSuccess = firstSuccessOf(before, after, at, until.sent);
  const latency = latencyOf(before, after, at);
  if (firstSuccess === undefined) return {};
  return { firstSuccess, ...(latency !== undefined && { latency: Math.max(latency, firstSuccess) }) };
}

interface Period {
  readonly from: Nanos;
  readonly until: Nanos;
  readonly isOver: boolean;
}

/** Periods of consecutive moments that meet a condition. */
function periods(moments: readonly Moment[], meets: (moment: Moment) => boolean): readonly Period[] {
  const found: Period[] = [];
  let from: Nanos | undefined;
  for (const [i, moment] of moments.entries()) {
    if (meets(moment)) from ??= moment.from;
    const isLast = i === moments.length - 1;
    if (from === undefined || (meets(moment) && !isLast)) continue;
    found.push({ from, until: meets(moment) ? moment.until : moment.from, isOver: !meets(moment) });
    from = undefined;
  }
  return found;
}

const isEmpty = ({ successes }: Moment): boolean => successes === 0;
const length = ({ from, until }: Period): Nanos => until - from;

function firstSuccessOf(
  before: readonly Moment[],
  after: readonly Moment[],
  at: Nanos,
  sent: Nanos,
): number | undefined {
  const usual = Math.max(0, ...periods(before, isEmpty).map(length));
  const outage = periods(after, isEmpty).find(({ from, until }) => {
    const isDrain = from + MOMENT > sent;
    return !isDrain && Math.min(until, sent) - from > usual && from < at + CAUSED_WITHIN;
  });
  if (!outage) return 0;
  return outage.isOver ? seconds(outage.until - at) : undefined;
}

function latencyOf(before: readonly Moment[], after: readonly Moment[], at: Nanos): number | undefined {
  const usual = before.flatMap(({ p90 }) => p90 ?? []).sort((a, b) => a - b);
  const highest = usual[Math.floor((usual.length - 1) * ORDINARY)];
  if (highest === undefined) return undefined;
  const limit = TOLERANCE * highest;
  // A moment without operations is neither calm nor slow.
  const timed = after.filter(({ p90 }) => p90 !== undefined);
  const isSlow = ({ p90 = 0 }: Moment) => p90 > limit;
  const first = timed.findIndex(isSlow);
  if (first === -1 || (timed[first] as Moment).from >= at + CAUSED_WITHIN) return 0;
  const calm = periods(timed.slice(first), (moment) => !isSlow(moment)).find(
    (period) => length(period) >= CALM,
  );
  return calm && seconds(calm.from - at);
}

/** Rounded to milliseconds. */
function seconds(nanos: Nanos): number {
  return Math.max(0, Math.round(nanos / 1e6) / 1000);
}
