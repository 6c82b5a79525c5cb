/**
 * Observation of one scenario's run: disturbances of the machine, moments, and the servers' counters, which are read
 * just before and just after the run so that they can be compared with it.
 */
import { type Clock, MILLISECOND } from "../../time/clock.ts";
import { type Disturbance, disturbanceBetween, type Look, type Observers } from "../environment/observers.ts";
import type { ServerSample } from "../environment/server-sample.ts";
import type { Moment } from "../faults/recovery.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ProgressReporter } from "./progress-reporter.ts";

/** Twelve hours. Recovery times of later events are not measured. */
const MAX_MOMENTS = 432_000;

/** Observes one run; `reporter` and `onMoment` are passed to it. */
export class Observation {
  readonly #scenario: Scenario;
  readonly #observers: Observers;
  readonly moments: Moment[] = [];
  #zeroMs = Number.NaN;
  /** By `performance.now()`: before the preparation and after the removal. */
  #fromMs = Number.NaN;
  #untilMs = Number.NaN;
  #from: Look | undefined;
  #until: Look | undefined;
  #windowTimer: NodeJS.Timeout | undefined;

  constructor(scenario: Scenario, observers: Observers) {
    this.#scenario = scenario;
    this.#observers = observers;
  }

  /** Call before the run. */
  async begin(): Promise<void> {
    this.#fromMs = performance.now();
    await this.#observers.monitor.ask();
  }

  readonly reporter: ProgressReporter = {
    began: (_, clock) => this.#began(clock),
    phase: (phase) => {
      if (phase === "draining") this.#until = this.#observers.look();
    },
  };

  readonly onMoment = (moment: Moment): void => {
    if (this.moments.length < MAX_MOMENTS) this.moments.push(moment);
  };

  /** Call after the run, also if it failed. */
  async end(): Promise<void> {
    clearTimeout(this.#windowTimer);
    await this.#observers.monitor.ask();
    this.#untilMs = performance.now();
  }

  /** Seconds from the run's zero to a time of `performance.now()`. */
  secondOf(atMs: number): number {
    return (atMs - this.#zeroMs) / 1000;
  }

  /** Whether a time of `performance.now()` lies between begin and end. */
  includes(atMs: number): boolean {
    return atMs >= this.#fromMs && atMs <= this.#untilMs;
  }

  /** The servers' counters meanwhile, in the order of time. */
  get samples(): readonly ServerSample[] {
    return this.#observers.monitor.samples.filter(({ atMs }) => this.includes(atMs));
  }

  /** During the window, or during the whole run if that ended before its window began. */
  get disturbance(): Disturbance {
    return this.#from && this.#until ? disturbanceBetween(this.#from, this.#until) : {};
  }

  #began(clock: Clock): void {
    this.#zeroMs = performance.now() - clock.now() / MILLISECOND;
    this.#from = this.#observers.look();
    const untilWindowMs = this.#zeroMs + this.#scenario.warmupSeconds * 1000 - performance.now();
    this.#windowTimer = setTimeout(
      () => {
        this.#from = this.#observers.look();
      },
      Math.max(0, untilWindowMs),
    );
  }
}
