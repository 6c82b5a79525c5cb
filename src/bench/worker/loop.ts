/**
 * The loop, written once. It asks the schedule how many operations are due and hands each sender the range of
 * its own; without a schedule it keeps each sender's operations in flight at a number. It knows no client.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, MILLISECOND, type Nanos } from "../../time/clock.ts";
import type { Recorder } from "../measure/recorder.ts";
import type { Schedule } from "../scenario/schedule.ts";
import type { Sender } from "./sender.ts";

/** A sender and how much of what it sends. */
export interface SenderShare {
  readonly sender: Sender;
  /** Its own operations: see `shareOf`. Undefined: a closed loop. */
  readonly schedule: Schedule | undefined;
  /** Operations that it sends in all; Infinity where time decides. */
  readonly total: number;
}

/** How to drive. */
export interface Drive {
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** No operation is sent at or after it. Infinity where the number of operations decides. */
  readonly until: Nanos;
  /** Most operations in flight of one sender; in a closed loop, how many always are. */
  readonly maxInFlight: number;
  /** Ends the sending early. */
  readonly signal: AbortSignal;
  /** Told of turns in which there was nothing to do: to the event loop they look as busy as any other. */
  readonly idled?: (time: Nanos) => void;
}

/** Most operations in one go, so that replies are read and time is looked at between. */
const BURST = 256;
/** A timer's resolution is a millisecond, and it is late by about one. */
const TIMER_SLACK: Nanos = 2 * MILLISECOND;
const WORTH_A_TIMER: Nanos = 3 * MILLISECOND;
/** A turn that reads anything takes longer. */
const IDLE_TURN: Nanos = 20_000;

/** Sends everything that is to be sent; resolves when nothing more is, with operations still in flight. */
export async function drive(shares: readonly SenderShare[], how: Drive): Promise<void> {
  const senders = shares.map((share) => new PacedSender(share, how));
  // Threads hear that it begins one after the other, and begin together: at the zero.
  while (!how.signal.aborted && how.clock.now() < 0) await pause(0, how);
  while (!how.signal.aborted) {
    const now = how.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const sender of senders) next = Math.min(next, sender.advance(now));
    if (next === Number.POSITIVE_INFINITY) return;
    await pause(next, how);
  }
}

/**
 * Until shortly before a time: a timer for what is far, turns of the event loop for what is near. Turns read
 * what arrives, and burn a processor while they wait. They are callbacks: of promises there would be garbage.
 */
async function pause(until: Nanos, { clock, idled }: Drive): Promise<void> {
  const gap = until - clock.now();
  if (gap >= WORTH_A_TIMER) return sleep((gap - TIMER_SLACK) / MILLISECOND);
  await new Promise<void>((resolve) => {
    let before = clock.now();
    const look = () => {
      const now = clock.now();
      if (idled && now - before < IDLE_TURN) idled(now - before);
      before = now;
      if (now >= until) resolve();
      else setImmediate(look);
    };
    setImmediate(look);
  });
}

/** One sender's progress. */
class PacedSender {
  readonly #share: SenderShare;
  readonly #how: Drive;
  readonly #intended: (n: number) => Nanos;
  #sent = 0;
  /** Operations below were counted as blocked already. */
  #blocked = 0;

  constructor(share: SenderShare, how: Drive) {
    this.#share = share;
    this.#how = how;
    const { schedule } = share;
    // In a closed loop an operation is meant to be sent when it is.
    this.#intended = schedule ? (n) => schedule.intended(n) : () => how.clock.now();
  }

  /** Sends what is due and fits. @returns when to come again; Infinity when there is nothing more to send */
  advance(now: Nanos): Nanos {
    const { sender } = this.#share;
    const due = this.#due(now);
    const room = Math.max(0, this.#how.maxInFlight - sender.inFlight);
    const to = Math.min(due, this.#sent + room, this.#sent + BURST);
    if (to > this.#sent) {
      sender.send(this.#sent, to, this.#intended);
      this.#sent = to;
    }
    if (this.#share.schedule) this.#countBlocked(due, room);
    if (this.#sent < due) return now;
    return this.#next(now);
  }

  #due(now: Nanos): number {
    const { schedule, total } = this.#share;
    if (!schedule) return now < this.#how.until ? total : this.#sent;
    // What was due before the end is sent, however late.
    return Math.min(schedule.due(Math.min(now, this.#how.until - 1)), total);
  }

  #next(now: Nanos): Nanos {
    const { schedule, total } = this.#share;
    if (this.#sent >= total) return Number.POSITIVE_INFINITY;
    if (!schedule) return now < this.#how.until ? now : Number.POSITIVE_INFINITY;
    const next = schedule.intended(this.#sent);
    return next < this.#how.until ? next : Number.POSITIVE_INFINITY;
  }

  #countBlocked(due: number, room: number): void {
    if (this.#sent >= due || room > BURST) return;
    const from = Math.max(this.#blocked, this.#sent);
    if (due > from) this.#how.recorder.count("blocked", due - from);
    this.#blocked = Math.max(this.#blocked, due);
  }
}
