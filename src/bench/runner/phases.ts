/**
 * The main thread's way through a run: it looks, cuts seconds, and decides when it is over. Neither a thread
 * that hangs nor a server that is away makes it wait for longer than the scenario says.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage } from "../../text/wording.ts";
import { type Clock, MILLISECOND, type Nanos, SECOND } from "../../time/clock.ts";
import { windowOf } from "../scenario/window.ts";
import { deliveryOf, workloadOf } from "../workloads/workloads.ts";
import { Moments } from "./moments.ts";
import type { RunOptions } from "./run-options.ts";
import { endOfSecond, type Timeline } from "./timeline.ts";
import type { Crew } from "./worker-pool.ts";

/** How often the main thread looks. */
const LOOK_MS = 20;

/** See the file's comment. */
export class Course {
  readonly #options: RunOptions;
  readonly #crew: Crew;
  readonly #clock: Clock;
  readonly #timeline: Timeline;
  readonly #moments: Moments | undefined;
  interrupted: string | undefined;

  constructor(options: RunOptions, crew: Crew, clock: Clock, timeline: Timeline) {
    this.#options = options;
    this.#crew = crew;
    this.#clock = clock;
    this.#timeline = timeline;
    if (options.listener?.moment) this.#moments = new Moments(crew.recordings, options.scenario);
  }

  /** Until everything is sent, or received by those who only receive. */
  async send(): Promise<void> {
    const { scenario, signal } = this.#options;
    const { sends } = workloadOf(scenario.workload);
    const { until } = windowOf(scenario);
    const idle = new Idle(scenario.drainSeconds * SECOND);
    const isOver = () =>
      sends
        ? // The last operation is due before the window's end, and the window goes on until then.
          this.#crew.haveSent && (scenario.amount.messages !== undefined || this.#clock.now() >= until)
        : this.#haveAll() ||
          this.#clock.now() >= until ||
          // Of what was to come something is lost: it ends by that, and does not hang.
          (scenario.amount.messages !== undefined && idle.isOver(this.#count("received"), this.#clock.now()));
    while (!isOver()) {
      if (signal.aborted) {
        // Responders have no other end.
        if (workloadOf(scenario.workload).service) break;
        this.interrupted ??= reasonOf(signal);
      }
      if (this.#crew.broken) this.interrupted ??= this.#crew.broken.message;
      if (this.interrupted !== undefined) break;
      await this.#look();
    }
    this.#crew.stop();
  }

  /** Until nothing is out, or nothing has come for as long as the scenario waits. */
  async drain(): Promise<void> {
    const { scenario, signal } = this.#options;
    if (!workloadOf(scenario.workload).sends || this.#crew.broken) return;
    let last = this.#progress();
    let lastAt = this.#clock.now();
    while (this.#clock.now() - lastAt < scenario.drainSeconds * SECOND) {
      if (this.#crew.haveSent && this.#crew.inFlight === 0 && this.#haveAll()) return;
      if (signal.aborted) this.interrupted ??= reasonOf(signal);
      if (this.interrupted !== undefined && this.#clock.now() - lastAt > SECOND) return;
      await this.#look();
      const now = this.#progress();
      if (now !== last) lastAt = this.#clock.now();
      last = now;
    }
  }

  /** The last second is a short one. */
  endSecond(): void {
    const second = this.#timeline.cut(this.#clock.now());
    this.#options.listener?.second?.(second);
  }

  async #look(): Promise<void> {
    const now = this.#clock.now();
    const moment = this.#moments?.look(now);
    if (moment) this.#options.listener?.moment?.(moment);
    if (now >= endOfSecond(this.#timeline.count)) this.endSecond();
    else await sleep(Math.min(LOOK_MS, (endOfSecond(this.#timeline.count) - now) / MILLISECOND));
  }

  /** Whether those who receive have as many messages as there are for them. */
  #haveAll(): boolean {
    const { scenario } = this.#options;
    const { sends, receives } = workloadOf(scenario.workload);
    if (!receives) return true;
    const received = this.#count("received");
    if (!sends) {
      const each = scenario.amount.messages;
      return (
        each !== undefined && received >= each * (deliveryOf(scenario) === "shared" ? 1 : scenario.clients)
      );
    }
    const copies = deliveryOf(scenario) === "shared" ? 1 : scenario.receivers;
    // Through a stream, what failed for its sender may arrive all the same: it is waited for.
    const hopeless = workloadOf(scenario.workload).on === "subject" ? this.#count("failed") : 0;
    return received >= (this.#count("sent") - hopeless) * copies;
  }

  #progress(): number {
    return this.#count("received") + this.#count("completed") + this.#count("failed");
  }

  #count(name: "sent" | "received" | "completed" | "failed"): number {
    return this.#crew.recordings.reduce((sum, recording) => sum + recording.counter(name), 0);
  }
}

/** Nothing has come for a while, after something had. */
class Idle {
  readonly #longest: Nanos;
  #count = 0;
  #since: Nanos = 0;

  constructor(longest: Nanos) {
    this.#longest = longest;
  }

  isOver(count: number, now: Nanos): boolean {
    if (count !== this.#count) this.#since = now;
    this.#count = count;
    return count > 0 && now - this.#since > this.#longest;
  }
}

/** Why a run was told to end. */
export function reasonOf({ reason }: AbortSignal): string {
  // Without a reason it is an AbortError, which says nothing.
  return reason === undefined || reason?.name === "AbortError" ? "it was stopped" : errorMessage(reason);
}
