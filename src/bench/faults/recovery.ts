/**
 * How long a run needed to recover from an event, by tenths of a second. Pure.
 *
 * - First success: from the event to the end of the outage it caused. An outage is a stretch without a single
 *   success that is longer than every such stretch in the ten seconds before the event, and begins within ten
 *   seconds after it. Without one it is 0: operations succeeded throughout. Absent: the run ended in the outage.
 *   Of the drain, in which nothing more is sent, no stretch is part of that: it may as well be empty by itself.
 * - Latency: from the event until half a second began in which latency was what it had been before. Latency is
 *   the p90 of a tenth of a second; what it had been is the highest in the ten seconds before the event, without
 *   the highest twentieth, and half as much again; it was disturbed if it exceeded that within ten seconds. Never
 *   before the first success; 0: it was not disturbed. Absent: it was not back at the end, or nothing is timed.
 *
 * Both look no further than the next event.
 */

import { type Nanos, SECOND } from "../../time/clock.ts";
import type { RunEvent } from "../result/schema.ts";
import { MOMENT, type Moment } from "../runner/moments.ts";

type Recovery = NonNullable<RunEvent["recovery"]>;

const BEFORE: Nanos = 10 * SECOND;
const CAUSED_WITHIN: Nanos = 10 * SECOND;
const CALM: Nanos = SECOND / 2;
const TOLERANCE = 1.5;
const ORDINARY = 0.95;

/** When the next event began, or the run ended; and when everything had been sent. */
export interface Until {
  readonly next: Nanos;
  readonly sent: Nanos;
}

/**
 * @param at when the event began
 * @returns undefined where nothing is known of after it, or nothing had succeeded before
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

interface Stretch {
  readonly from: Nanos;
  readonly until: Nanos;
  readonly isOver: boolean;
}

/** Neighbouring moments that are so. */
function stretches(moments: readonly Moment[], isSo: (moment: Moment) => boolean): readonly Stretch[] {
  const found: Stretch[] = [];
  let from: Nanos | undefined;
  for (const [i, moment] of moments.entries()) {
    if (isSo(moment)) from ??= moment.from;
    const isLast = i === moments.length - 1;
    if (from === undefined || (isSo(moment) && !isLast)) continue;
    found.push({ from, until: isSo(moment) ? moment.until : moment.from, isOver: !isSo(moment) });
    from = undefined;
  }
  return found;
}

const isEmpty = ({ successes }: Moment): boolean => successes === 0;
const length = ({ from, until }: Stretch): Nanos => until - from;

function firstSuccessOf(
  before: readonly Moment[],
  after: readonly Moment[],
  at: Nanos,
  sent: Nanos,
): number | undefined {
  const usual = Math.max(0, ...stretches(before, isEmpty).map(length));
  const outage = stretches(after, isEmpty).find(({ from, until }) => {
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
  // Where operations are rare, a moment without any is neither calm nor the end of calm.
  const timed = after.filter(({ p90 }) => p90 !== undefined);
  const isSlow = ({ p90 = 0 }: Moment) => p90 > limit;
  const first = timed.findIndex(isSlow);
  if (first === -1 || (timed[first] as Moment).from >= at + CAUSED_WITHIN) return 0;
  const calm = stretches(timed.slice(first), (moment) => !isSlow(moment)).find(
    (stretch) => length(stretch) >= CALM,
  );
  return calm && seconds(calm.from - at);
}

/** To the millisecond: moments are not finer. */
function seconds(nanos: Nanos): number {
  return Math.max(0, Math.round(nanos / 1e6) / 1000);
}
