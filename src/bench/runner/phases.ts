/**
 * The phases of a run on the main thread: sending, then draining. Polls the recordings of the threads, ends seconds,
 * and decides when a phase is over. Neither a hanging thread nor a missing server delays it beyond what the scenario
 * allows.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage } from "../../text/wording.ts";
import { type Clock, MILLISECOND, type Nanos, SECOND } from "../../time/clock.ts";
import { windowOf } from "../scenario/window.ts";
import type { Workload } from "../workloads/workload.ts";
import { deliveryOf, workloadOf } from "../workloads/workloads.ts";
import { Moments } from "./moments.ts";
import type { RunOptions } from "./run-options.ts";
import { endOfSecond, type Timeline } from "./timeline.ts";
import type { WorkerPool } from "./worker-pool.ts";

const POLL_MS = 20;

/** Parameters of the phases. */
interface PhasesContext {
  readonly options: RunOptions;
  readonly pool: WorkerPool;
  readonly clock: Clock;
  readonly timeline: Timeline;
}

/** Call `send`, `drain` and `endSecond` once each, in this order. */
export class Phases {
  readonly #options: RunOptions;
  readonly #workload: Workload;
  readonly #pool: WorkerPool;
  readonly #clock: Clock;
  readonly #timeline: Timeline;
  readonly #moments: Moments | undefined;
  /** Why the run ended early, if it did. */
  interrupted: string | undefined;

  constructor({ options, pool, clock, timeline }: PhasesContext) {
    this.#options = options;
    this.#workload = workloadOf(options.scenario.workload);
    this.#pool = pool;
    this.#clock = clock;
    this.#timeline = timeline;
    if (options.onMoment) {
      const { stages, receives } = this.#workload;
      const counter = receives ? "received" : "completed";
      this.#moments = new Moments(pool.recordings, { stage: stages[0], counter });
    }
  }

  /** Until everything is sent, or received by a workload that only receives. */
  async send(): Promise<void> {
    const { signal } = this.#options;
    const isOver = this.#workload.sends ? () => this.#haveSent() : this.#receivingEnds();
    while (!isOver()) {
      if (signal.aborted) {
        // The normal end of a service.
        if (this.#workload.service) break;
        this.interrupted ??= reasonOf(signal);
      }
      if (this.#pool.broken) this.interrupted ??= this.#pool.broken.message;
      if (this.interrupted !== undefined) break;
      await this.#poll();
    }
    this.#pool.stop();
  }

  /** Until nothing is in flight, or nothing has arrived for as long as the scenario allows. */
  async drain(): Promise<void> {
    const { scenario, signal } = this.#options;
    if (!this.#workload.sends || this.#pool.broken) return;
    let last = this.#progress();
    let lastAt = this.#clock.now();
    while (this.#clock.now() - lastAt < scenario.drainSeconds * SECOND) {
      if (this.#pool.haveSent && this.#pool.inFlight === 0 && this.#haveAll()) return;
      if (signal.aborted) this.interrupted ??= reasonOf(signal);
      if (this.interrupted !== undefined && this.#clock.now() - lastAt > SECOND) return;
      await this.#poll();
      const now = this.#progress();
      if (now !== last) lastAt = this.#clock.now();
      last = now;
    }
  }

  /** Ends the current second; the last one is shorter than a second. */
  endSecond(): void {
    const { scenario, progress } = this.#options;
    // Not as an argument of an optional call: without a reporter it would not be evaluated.
    const second = this.#timeline.cut(this.#clock.now());
    progress?.second?.(scenario, second);
  }

  /** The last operation is due before the end of the window, and the window goes on until then. */
  #haveSent(): boolean {
    const { scenario } = this.#options;
    if (!this.#pool.haveSent) return false;
    return scenario.amount.messages !== undefined || this.#clock.now() >= windowOf(scenario).until;
  }

  #receivingEnds(): () => boolean {
    const { scenario } = this.#options;
    const idle = new IdleTimer(scenario.drainSeconds * SECOND);
    const { until } = windowOf(scenario);
    return () =>
      this.#haveAll() ||
      this.#clock.now() >= until ||
      // If messages are lost, the run ends by this and does not hang.
      (scenario.amount.messages !== undefined && idle.hasExpired(this.#count("received"), this.#clock.now()));
  }

  async #poll(): Promise<void> {
    const now = this.#clock.now();
    const moment = this.#moments?.next(now);
    if (moment) this.#options.onMoment?.(moment);
    if (now >= endOfSecond(this.#timeline.count)) this.endSecond();
    else await sleep(Math.min(POLL_MS, (endOfSecond(this.#timeline.count) - now) / MILLISECOND));
  }

  /** Whether the receivers have all messages that they can expect. */
  #haveAll(): boolean {
    const { scenario } = this.#options;
    const { sends, receives, on } = this.#workload;
    if (!receives) return true;
    const isShared = deliveryOf(scenario) === "shared";
    const received = this.#count("received");
    if (!sends) {
      const { messages } = scenario.amount;
      return messages !== undefined && received >= messages * (isShared ? 1 : scenario.clients);
    }
    // Through a stream, a message that failed for its sender may still arrive.
    const hopeless = on === "subject" ? this.#count("failed") : 0;
    return received >= (this.#count("sent") - hopeless) * (isShared ? 1 : scenario.receivers);
  }

  #progress(): number {
    return this.#count("received") + this.#count("completed") + this.#count("failed");
  }

  #count(name: "sent" | "received" | "completed" | "failed"): number {
    return this.#pool.recordings.reduce((sum, recording) => sum + recording.counter(name), 0);
  }
}

/** Expires when a count has stayed the same for a while, after it was above 0. */
class IdleTimer {
  readonly #max: Nanos;
  #count = 0;
  #since: Nanos = 0;

  constructor(max: Nanos) {
    this.#max = max;
  }

  hasExpired(count: number, now: Nanos): boolean {
    if (count !== this.#count) this.#since = now;
    this.#count = count;
    return count > 0 && now - this.#since > this.#max;
  }
}

/** Why a signal was aborted, as a sentence. */
export function reasonOf({ reason }: AbortSignal): string {
  // Without a reason it is an AbortError, whose message tells nothing.
  return reason === undefined || reason?.name === "AbortError" ? "it was stopped" : errorMessage(reason);
}
