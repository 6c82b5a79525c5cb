/**
 * One scenario from beginning to end: its threads, its window, its drain, its account. What is done before and
 * after it (streams made and removed, servers watched) and what is thought of it is done elsewhere.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Reach, ServerFacts } from "../driver/driver.ts";
import { carrierOf } from "../load/messages.ts";
import { Histogram } from "../measure/histogram.ts";
import type { Phase, StageName } from "../measure/stage.ts";
import type { Account, ClientResult, RunEvent } from "../result/result.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { workloadOf } from "../scenario/workload.ts";
import { type Clock, clockSince, MILLISECOND, type Nanos, SECOND } from "../time/clock.ts";
import { scheduleOf } from "../time/schedule.ts";
import { accountOf, type Sharing } from "./account.ts";
import { Crew } from "./crew.ts";
import { planOf } from "./plan.ts";
import type { ThreadOutcome } from "./protocol.ts";
import { windowOf } from "./thread.ts";
import { endOfSecond, type SecondRecorded, Timeline } from "./timeline.ts";

/** What a run is given. */
export interface RunOptions {
  readonly scenario: Scenario;
  readonly reach: Reach;
  /** 16 bits. */
  readonly run: number;
  /** Processors that the load may use. */
  readonly processors: number;
  /** Ends the run early; what there is by then is the result. */
  readonly signal: AbortSignal;
  readonly listener?: RunListener;
}

/** Told while a run goes on. Has to be quick. */
export interface RunListener {
  readonly began?: (clock: Clock) => void;
  readonly second?: (second: SecondRecorded) => void;
  readonly event?: (event: RunEvent) => void;
}

/** What a run leaves. Histograms are not encoded yet. */
export interface RunRecord {
  readonly scenario: Scenario;
  readonly driver: string;
  readonly carrier: "payload" | "header" | "none";
  /** By the wall clock: only a label. */
  readonly startedAt: Date;
  readonly window: { readonly from: Nanos; readonly until: Nanos; readonly drained: Nanos };
  readonly histograms: Readonly<Record<Phase, ReadonlyMap<StageName, Histogram>>>;
  readonly seconds: readonly SecondRecorded[];
  readonly account: Account;
  readonly clients: readonly ClientResult[];
  readonly events: readonly RunEvent[];
  readonly outcomes: readonly ThreadOutcome[];
  readonly servers: readonly ServerFacts[];
  /** Why it ended before its time, if it did. */
  readonly interrupted: string | undefined;
}

/** Rejects with a `CrewError` if it cannot begin. */
export async function runScenario(options: RunOptions): Promise<RunRecord> {
  const { scenario, reach, run, processors, listener = {} } = options;
  const events: RunEvent[] = [];
  const note = (event: RunEvent) => {
    events.push(event);
    listener.event?.(event);
  };
  const crew = new Crew(scenario, planOf(scenario, processors), reach, run, ({ kind, what, at }) =>
    note({ second: at / SECOND, kind, what }),
  );
  try {
    await crew.ready();
    const startedAt = new Date();
    const clock = clockSince(crew.begin());
    listener.began?.(clock);
    const { stages } = workloadOf(scenario.workload);
    const { load } = scenario;
    const schedule = load.kind === "open" ? scheduleOf(load.stages, load.arrival, scenario.seed) : undefined;
    const timeline = new Timeline(crew.recordings, stages, schedule);
    const course = new Course(options, crew, clock, timeline);
    await course.send();
    const sentAt = clock.now();
    await course.drain();
    const drained = clock.now();
    course.endSecond();
    const outcomes = await crew.finish();
    const { from, until } = windowOf(scenario);
    const reached = Math.min(until, sentAt);
    return {
      scenario,
      driver: crew.driver,
      carrier: carrierOf(scenario.payload),
      startedAt,
      window: { from: Math.min(from, reached), until: reached, drained },
      histograms: { warmup: merged(crew, "warmup", stages), window: merged(crew, "window", stages) },
      seconds: timeline.seconds,
      account: accountOf(
        outcomes.flatMap(({ lanes }) => lanes),
        outcomes.flatMap(({ receivers }) => receivers),
        sharingOf(scenario),
      ),
      clients: clientsOf(outcomes, reached),
      events,
      outcomes,
      servers: crew.servers,
      interrupted: course.interrupted,
    };
  } finally {
    await crew.abandon();
  }
}

/** How often the main thread looks. */
const LOOK_MS = 20;

/** The main thread's way through a run: it looks, cuts seconds, and decides when it is over. */
class Course {
  readonly #options: RunOptions;
  readonly #crew: Crew;
  readonly #clock: Clock;
  readonly #timeline: Timeline;
  interrupted: string | undefined;

  constructor(options: RunOptions, crew: Crew, clock: Clock, timeline: Timeline) {
    this.#options = options;
    this.#crew = crew;
    this.#clock = clock;
    this.#timeline = timeline;
  }

  /** Until everything is sent, or received by those who only receive. */
  async send(): Promise<void> {
    const { scenario, signal } = this.#options;
    const { sends } = workloadOf(scenario.workload);
    const { until } = windowOf(scenario);
    const isOver = () => (sends ? this.#crew.haveSent : this.#haveAll() || this.#clock.now() >= until);
    while (!isOver()) {
      if (signal.aborted) this.interrupted ??= String(signal.reason ?? "interrupted");
      if (this.#crew.broken) this.interrupted ??= this.#crew.broken.message;
      if (this.interrupted !== undefined) break;
      await this.#look();
    }
    this.#crew.stop();
  }

  /** Until nothing is out, or nothing has come for as long as the scenario waits. */
  async drain(): Promise<void> {
    const { scenario } = this.#options;
    if (!workloadOf(scenario.workload).sends || this.#crew.broken) return;
    let last = this.#progress();
    let lastAt = this.#clock.now();
    while (this.#clock.now() - lastAt < scenario.drainSeconds * SECOND) {
      if (this.#crew.inFlight === 0 && this.#haveAll()) return;
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
    if (now >= endOfSecond(this.#timeline.seconds.length)) this.endSecond();
    else await sleep(Math.min(LOOK_MS, (endOfSecond(this.#timeline.seconds.length) - now) / MILLISECOND));
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
        each !== undefined && received >= each * (sharingOf(scenario) === "queue" ? 1 : scenario.clients)
      );
    }
    const copies = sharingOf(scenario) === "queue" ? 1 : scenario.receivers;
    return received >= (this.#count("sent") - this.#count("failed")) * copies;
  }

  #progress(): number {
    return this.#count("received") + this.#count("completed") + this.#count("failed");
  }

  #count(name: "sent" | "received" | "completed" | "failed"): number {
    return this.#crew.recordings.reduce((sum, recording) => sum + recording.counter(name), 0);
  }
}

/** Who gets what of a scenario's messages. */
export function sharingOf({ workload, queue }: Scenario): Sharing {
  const { receives } = workloadOf(workload);
  if (!receives || workload === "serve") return "none";
  if (workload === "js ordered" || workload === "kv watch") return "everybody";
  return workload.startsWith("js") || queue !== undefined ? "queue" : "everybody";
}

function merged(crew: Crew, phase: Phase, stages: readonly StageName[]): ReadonlyMap<StageName, Histogram> {
  return new Map(
    stages.map((stage) => {
      const histogram = new Histogram();
      for (const recording of crew.recordings) histogram.add(recording.histogram(phase, stage));
      return [stage, histogram];
    }),
  );
}

function clientsOf(outcomes: readonly ThreadOutcome[], sentAt: Nanos): ClientResult[] {
  const lanes = outcomes
    .flatMap((outcome) => outcome.lanes)
    .map(({ publisher, completed, bytes }) => ({
      id: `P${publisher}`,
      messages: completed,
      bytes,
      seconds: sentAt / SECOND,
    }));
  const receivers = outcomes
    .flatMap((outcome) => outcome.receivers)
    .map(({ receiver, messages, bytes, firstAt, lastAt }) => ({
      id: `S${receiver}`,
      messages,
      bytes,
      seconds: (lastAt - firstAt) / SECOND,
    }));
  return [...lanes, ...receivers];
}
