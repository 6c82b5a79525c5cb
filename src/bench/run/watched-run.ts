/** One scenario's run with what is noted of it from outside: looks at the machine, moments, the run's zero. */
import { type Disturbance, disturbanceBetween, type Look, type Observers } from "../observe/observers.ts";
import { type PreparedRun, runPrepared } from "../prepare/prepared-run.ts";
import type { StageHistograms } from "../result/result.ts";
import { MILLISECOND } from "../time/clock.ts";
import type { Moment } from "./moments.ts";
import type { RunListener, RunOptions } from "./run-options.ts";

/** A scenario that has been run. */
export interface FinishedRun {
  readonly watched: WatchedRun;
  readonly prepared: PreparedRun;
  /** The same load against nothing, if somebody wanted to know. */
  readonly floor: StageHistograms | undefined;
  /** Of `performance.now()`: from before it was prepared until after it was over. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** See the file's comment. */
export class WatchedRun {
  readonly #options: RunOptions;
  readonly #observers: Observers;
  readonly moments: Moment[] = [];
  #zeroMs = Number.NaN;
  #from: Look | undefined;
  #until: Look | undefined;
  #windowTimer: NodeJS.Timeout | undefined;

  constructor(options: RunOptions, observers: Observers) {
    this.#options = options;
    this.#observers = observers;
  }

  /** @param hasMoments whether somebody will ask for them: they are not free */
  async run(hasMoments: boolean): Promise<PreparedRun> {
    const { listener } = this.#options;
    const moment = (one: Moment) => this.moments.push(one);
    const watching: RunListener = {
      ...listener,
      ...(hasMoments && { moment }),
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
    try {
      return await runPrepared({ ...this.#options, listener: watching });
    } finally {
      clearTimeout(this.#windowTimer);
    }
  }

  /** Seconds since the run's zero of a time of `performance.now()`. */
  secondOf(atMs: number): number {
    return (atMs - this.#zeroMs) / 1000;
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
