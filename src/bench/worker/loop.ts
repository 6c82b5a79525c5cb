/**
 * The loop that drives the senders of a thread. In an open loop it asks the schedule how many operations are due and
 * passes each sender its range; in a closed loop it keeps a fixed number of operations in flight. It knows no client.
 *
 *     schedule.due(now) ──► PacedSender.advance(now) ──► sender.send(from, to, intended)
 *            ▲                        │ next intended time
 *            └────── pause: timer, then turns of the event loop ◄──┘
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, MILLISECOND, type Nanos } from "../../time/clock.ts";
import type { Recorder } from "../measure/recorder.ts";
import type { Schedule } from "../scenario/schedule.ts";
import type { Sender } from "./sender.ts";

/** A sender and its part of the load. */
interface SenderShare {
  readonly sender: Sender;
  /** Schedule of its own operations, from `shareOf`. Undefined in a closed loop. */
  readonly schedule: Schedule | undefined;
  /** Number of operations that it sends. Infinity if time ends the run. */
  readonly total: number;
}

/** How to drive the senders. */
interface Drive {
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Operations due at or after this time are not sent. Infinity if the number of operations ends the run. */
  readonly until: Nanos;
  /** Maximum number of operations in flight of each sender; in a closed loop, their constant number. */
  readonly maxInFlight: number;
  /** Ends the sending early. */
  readonly signal: AbortSignal;
  /** Called with the length of each turn of the event loop without work, which the event loop counts as busy. */
  readonly idled?: (time: Nanos) => void;
}

/** Maximum number of operations sent at once: between bursts, replies are read and the clock is checked. */
const BURST = 256;
/** A timer has a resolution of 1 ms and is late by about 1 ms. */
const TIMER_SLACK: Nanos = 2 * MILLISECOND;
const WORTH_A_TIMER: Nanos = 3 * MILLISECOND;
/** Turns of the event loop that read data take longer. */
const IDLE_TURN: Nanos = 20_000;

/** Resolves when everything is sent; operations may still be in flight. */
export async function drive(shares: readonly SenderShare[], how: Drive): Promise<void> {
  const senders = shares.map((share) => new PacedSender(share, how));
  // Threads receive the command to begin one after the other, and all begin at the run's zero.
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
 * Waits until a time: by a timer if it is far, by turns of the event loop if it is near. Turns read incoming data and
 * use the whole processor while they wait. They are callbacks because promises would create garbage.
 */
async function pause(until: Nanos, { clock, idled }: Drive): Promise<void> {
  const gap = until - clock.now();
  if (gap >= WORTH_A_TIMER) return sleep((gap - TIMER_SLACK) / MILLISECOND);
  await new Promise<void>((resolve) => {
    let before = clock.now();
    const turn = () => {
      const now = clock.now();
      if (idled && now - before < IDLE_TURN) idled(now - before);
      before = now;
      if (now >= until) resolve();
      else setImmediate(turn);
    };
    setImmediate(turn);
  });
}

/** Progress of one sender. */
class PacedSender {
  readonly #share: SenderShare;
  readonly #how: Drive;
  readonly #intended: (n: number) => Nanos;
  #sent = 0;
  /** Operations below this number are already counted as blocked. */
  #blocked = 0;

  constructor(share: SenderShare, how: Drive) {
    this.#share = share;
    this.#how = how;
    const { schedule } = share;
    // In a closed loop an operation is due when it is sent.
    this.#intended = schedule ? (n) => schedule.intended(n) : () => how.clock.now();
  }

  /** Sends operations that are due, up to the maximum in flight. Returns when to call it again; Infinity at the end. */
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
    // Operations due before the end are sent even if they are late.
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
