/**
 * One scenario from beginning to end: its threads, its window, its drain, its account. What is done before and
 * after it (streams made and removed, servers watched) and what is thought of it is done elsewhere.
 */

import { clockSince, type Nanos, SECOND } from "../../time/clock.ts";
import type { ServerFacts } from "../driver/driver.ts";
import { Histogram } from "../measure/histogram.ts";
import type { Phase, StageName } from "../measure/stage.ts";
import type { Account, ClientResult, RunEvent, SavedSecond } from "../result/schema.ts";
import { dueOf } from "../scenario/due.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { windowOf } from "../scenario/window.ts";
import type { ThreadOutcome } from "../worker/protocol.ts";
import { RunError } from "../worker/run-error.ts";
import { deliveryOf, stampedIn, workloadOf } from "../workloads/workloads.ts";
import { accountOf } from "./account.ts";
import { measuredWindow } from "./measured-window.ts";
import { Course, reasonOf } from "./phases.ts";
import { planOf } from "./plan.ts";
import type { RunOptions } from "./run-options.ts";
import { Timeline } from "./timeline.ts";
import { Crew, type ThreadEnd } from "./worker-pool.ts";

/** What a run leaves. */
export interface RunRecord {
  readonly scenario: Scenario;
  readonly driver: string;
  readonly carrier: "payload" | "header" | "none";
  /** By the wall clock: only a label. */
  readonly startedAt: Date;
  readonly window: { readonly from: Nanos; readonly until: Nanos; readonly drained: Nanos };
  /** Not encoded yet. */
  readonly histograms: Readonly<Record<Phase, ReadonlyMap<StageName, Histogram>>>;
  readonly seconds: readonly SavedSecond[];
  readonly account: Account;
  readonly clients: readonly ClientResult[];
  readonly events: readonly RunEvent[];
  readonly outcomes: readonly ThreadOutcome[];
  readonly servers: readonly ServerFacts[];
  /** Sentences for the reader of the figures: what was not timed, what could not be compared. */
  readonly notes: readonly string[];
  /** Why it ended before its time, if it did. */
  readonly interrupted: string | undefined;
}

/** Kept of a run: many clients that lose their connection every second make more. */
const MOST_EVENTS = 10_000;

/** Rejects with a `RunError` if it cannot begin, or is interrupted before it has. */
export async function runScenario(options: RunOptions): Promise<RunRecord> {
  const { scenario, reach, run, processors, listener = {} } = options;
  const events: RunEvent[] = [];
  let unkept = 0;
  const note = (event: RunEvent) => {
    if (events.length < MOST_EVENTS) events.push(event);
    else unkept++;
    listener.event?.(event);
  };
  const crew = new Crew(scenario, planOf(scenario, processors), reach, run, ({ kind, what, at }) =>
    note({ second: at / SECOND, kind, what }),
  );
  try {
    await begun(crew, options);
    const startedAt = new Date();
    const clock = clockSince(crew.begin());
    listener.began?.(clock);
    const { stages } = workloadOf(scenario.workload);
    const due = dueOf(scenario, windowOf(scenario).until);
    const timeline = new Timeline(crew.recordings, stages, due);
    const course = new Course(options, crew, clock, timeline);
    await course.send();
    const sentAt = clock.now();
    listener.sent?.();
    await course.drain();
    const drained = clock.now();
    const ends = await crew.finish();
    // After that: the last acks are recorded while threads end.
    course.endSecond();
    const outcomes = ends.map((end) => end.outcome ?? supposed(end));
    const senders = outcomes.flatMap((outcome) => outcome.senders);
    const receivers = outcomes.flatMap((outcome) => outcome.receivers);
    const compared = await options.compare?.(senders);
    return {
      scenario,
      driver: crew.driver,
      carrier: stampedIn(scenario),
      startedAt,
      window: {
        ...measuredWindow(scenario, {
          sentAt,
          isInterrupted: course.interrupted !== undefined,
          senders,
          receivers,
        }),
        drained,
      },
      histograms: { warmup: merged(crew, "warmup", stages), window: merged(crew, "window", stages) },
      seconds: timeline.seconds,
      account: served(
        believable(accountOf(senders, receivers, deliveryOf(scenario), compared), ends),
        options,
        crew,
      ),
      clients: clientsOf(outcomes),
      events: withRepetitions(events, outcomes),
      outcomes,
      servers: crew.servers,
      notes: [
        ...notesOf(outcomes, compared?.notes ?? []),
        ...timeline.notes,
        ...(unkept > 0 ? [`${unkept} more events are not among those that were kept`] : []),
      ],
      interrupted: course.interrupted,
    };
  } finally {
    await crew.abandon();
  }
}

/** Failures of the same words are one event, of the first time, that says how often. */
function withRepetitions(
  events: readonly RunEvent[],
  outcomes: readonly ThreadOutcome[],
): readonly RunEvent[] {
  const more = new Map<string, number>();
  const add = (what: string, times: number) => more.set(what, (more.get(what) ?? 0) + times);
  for (const { what, more: times } of outcomes.flatMap(({ repetitions }) => repetitions)) add(what, times);
  const told = new Set<string>();
  const first = events.filter(({ kind, what }) => {
    if (kind !== "failed") return true;
    if (told.has(what)) add(what, 1);
    return !told.has(what) && told.add(what);
  });
  return first.map((event) => {
    const times = event.kind === "failed" ? more.get(event.what) : undefined;
    return times === undefined ? event : { ...event, times: times + 1 };
  });
}

/** Each sentence once: threads, and clients, say the same. */
function notesOf(outcomes: readonly ThreadOutcome[], more: readonly string[]): readonly string[] {
  const told = outcomes.flatMap(({ notes, receivers }) => [
    ...notes,
    ...receivers.flatMap((receiver) => receiver.notes),
  ]);
  return [...new Set([...told, ...more])];
}

/** Resolves when all threads are ready and the gate is open. */
async function begun(crew: Crew, { signal, gate }: RunOptions): Promise<void> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new RunError("interrupted", reasonOf(signal)));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  });
  try {
    await Promise.race([crew.ready().then(gate), aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Of a thread that broke: what it had counted. */
function supposed({ assignment, recording }: ThreadEnd): ThreadOutcome {
  const [sent, completed, failed] = [
    recording.counter("sent"),
    recording.counter("completed"),
    recording.counter("failed"),
  ];
  const sender = {
    publisher: assignment.clients[0] ?? 0,
    sent,
    bytes: recording.counter("sentBytes"),
    completed,
    failed: failed > 0 ? { unknown: failed } : {},
    dropped: 0,
    unanswered: Math.max(0, sent - completed - failed),
    lastAt: 0,
  };
  return {
    assignment,
    senders: assignment.role === "sender" ? [sender] : [],
    receivers: [],
    notes: [],
    repetitions: [],
    eventLoopUtilization: 0,
    gcMs: 0,
    longestGcMs: 0,
    ranMs: 0,
  };
}

/** Where a receiver broke, nobody knows what it had received: then nothing can be called lost. */
function believable(account: Account, ends: readonly ThreadEnd[]): Account {
  const isWhole = ends.every(({ assignment, outcome }) => outcome || assignment.role !== "receiver");
  if (isWhole) return account;
  return { ...account, lost: 0, unanswered: account.unanswered + account.lost };
}

/** Responders alone do nothing but respond: what they have answered is completed. */
function served(account: Account, { scenario }: RunOptions, { recordings }: Crew): Account {
  if (!workloadOf(scenario.workload).service) return account;
  return { ...account, completed: recordings.reduce((sum, one) => sum + one.counter("received"), 0) };
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

function clientsOf(outcomes: readonly ThreadOutcome[]): ClientResult[] {
  const senders = outcomes
    .flatMap((outcome) => outcome.senders)
    .map(({ publisher, completed, bytes, lastAt }) => ({
      id: `P${publisher}`,
      messages: completed,
      bytes,
      seconds: lastAt / SECOND,
    }));
  const receivers = outcomes
    .flatMap((outcome) => outcome.receivers)
    .map(({ receiver, messages, bytes, firstAt, lastAt }) => ({
      id: `S${receiver}`,
      messages,
      bytes,
      seconds: (lastAt - firstAt) / SECOND,
    }));
  return [...senders, ...receivers];
}
