/**
 * One scenario's run with what is noted of it from outside: looks at the machine, moments, when it was. The
 * servers' counters are asked for just before and just after it, so that they can be compared with the run's.
 */

import { MILLISECOND } from "../../time/clock.ts";
import { type Disturbance, disturbanceBetween, type Look, type Observers } from "../environment/observers.ts";
import type { ServerSample } from "../environment/server-sample.ts";
import type { Moment } from "../faults/recovery.ts";
import { type PreparedRun, runPrepared } from "./prepared-run.ts";
import type { RunListener, RunOptions } from "./run-options.ts";

/** Twelve hours: of what happens later nobody finds out how long it took to recover from. */
const MOST_MOMENTS = 432_000;

/** See the file's comment. */
export class WatchedRun {
  readonly #options: RunOptions;
  readonly #observers: Observers;
  readonly moments: Moment[] = [];
  #zeroMs = Number.NaN;
  /** Of `performance.now()`: before it was prepared, and after it was over. */
  #fromMs = Number.NaN;
  #untilMs = Number.NaN;
  #from: Look | undefined;
  #until: Look | undefined;
  #windowTimer: NodeJS.Timeout | undefined;

  constructor(options: RunOptions, observers: Observers) {
    this.#options = options;
    this.#observers = observers;
  }

  /** As `runPrepared`. */
  async run(): Promise<PreparedRun> {
    const { listener } = this.#options;
    const watching: RunListener = {
      ...listener,
      moment: (moment) => {
        if (this.moments.length < MOST_MOMENTS) this.moments.push(moment);
      },
      began: (clock) => {
        this.#zeroMs = performance.now() - clock.now() / MILLISECOND;
        this.#look();
        listener?.began?.(clock);
      },
      sent: () => {
        this.#until = this.#observers.look();
        listener?.sent?.();
      },
    };
    this.#fromMs = performance.now();
    await this.#observers.monitor.ask();
    try {
      return await runPrepared({ ...this.#options, listener: watching });
    } finally {
      clearTimeout(this.#windowTimer);
      await this.#observers.monitor.ask();
      this.#untilMs = performance.now();
    }
  }

  /** Seconds since the run's zero of a time of `performance.now()`. */
  secondOf(atMs: number): number {
    return (atMs - this.#zeroMs) / 1000;
  }

  /** Whether a time of `performance.now()` lies between the run's beginning and its end. */
  includes(atMs: number): boolean {
    return atMs >= this.#fromMs && atMs <= this.#untilMs;
  }

  /** What servers said meanwhile, in the order of time. */
  get samples(): readonly ServerSample[] {
    return this.#observers.monitor.samples.filter(({ atMs }) => this.includes(atMs));
  }

  /** Of the window; of all that was sent, if it ended before its window began. */
  get disturbance(): Disturbance {
    return this.#from && this.#until ? disturbanceBetween(this.#from, this.#until) : {};
  }

  #look(): void {
    this.#from = this.#observers.look();
    const untilWindowMs = this.#zeroMs + this.#options.scenario.warmupSeconds * 1000 - performance.now();
    this.#windowTimer = setTimeout(() => {
      this.#from = this.#observers.look();
    }, untilWindowMs);
  }
}
