/** The record of a run, from which its result is built. Pure. */
import { type Nanos, SECOND } from "../../time/clock.ts";
import type { ServerFacts } from "../driver/driver.ts";
import type { Histogram } from "../measure/histogram.ts";
import { countersOf, histogramOf } from "../measure/recordings.ts";
import type { Phase, StageName } from "../measure/stage.ts";
import type { StoredState } from "../prepare/stored-state.ts";
import type { Account, ClientResult, RunEvent, SavedSecond } from "../result/schema.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ThreadOutcome } from "../worker/protocol.ts";
import { deliveryOf, stampedIn, workloadOf } from "../workloads/workloads.ts";
import { accountOf } from "./account.ts";
import type { EventLog } from "./event-log.ts";
import { measuredWindow } from "./measured-window.ts";
import type { Timeline } from "./timeline.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** The record of a run. */
export interface RunRecord {
  readonly scenario: Scenario;
  /** Client library of the driver, with its version. */
  readonly driver: string;
  readonly carrier: "payload" | "header" | "none";
  /** By the wall clock; for display only. */
  readonly startedAt: Date;
  readonly window: { readonly from: Nanos; readonly until: Nanos; readonly drained: Nanos };
  readonly histograms: Readonly<Record<Phase, ReadonlyMap<StageName, Histogram>>>;
  readonly seconds: readonly SavedSecond[];
  readonly account: Account;
  readonly clients: readonly ClientResult[];
  readonly events: readonly RunEvent[];
  readonly outcomes: readonly ThreadOutcome[];
  readonly servers: readonly ServerFacts[];
  /** Notes for the result, such as messages that were not timed or a comparison that failed. */
  readonly notes: readonly string[];
  /** Why the run ended early, if it did. */
  readonly interrupted: string | undefined;
  /** A sentence for each asset of the run that could not be removed. */
  readonly leftovers: readonly string[];
}

/** A run that has ended. */
interface EndedRun {
  readonly scenario: Scenario;
  readonly pool: WorkerPool;
  readonly timeline: Timeline;
  readonly events: EventLog;
  readonly outcomes: readonly ThreadOutcome[];
  readonly stored: StoredState;
  readonly startedAt: Date;
  /** When everything was sent, as the main thread noticed it. */
  readonly sentAt: Nanos;
  readonly drainedAt: Nanos;
  /** False if a thread with receivers broke. */
  readonly haveReceiversEnded: boolean;
  readonly interrupted: string | undefined;
}

/** @param run whose threads have ended */
export function recordOf(run: EndedRun): RunRecord {
  const { scenario, pool, timeline, events, outcomes, stored, sentAt, interrupted } = run;
  const senders = outcomes.flatMap((outcome) => outcome.senders);
  const receivers = outcomes.flatMap((outcome) => outcome.receivers);
  const window = measuredWindow(scenario, {
    sentAt,
    isInterrupted: interrupted !== undefined,
    senders,
    receivers,
  });
  return {
    scenario,
    driver: pool.driver,
    carrier: stampedIn(scenario),
    startedAt: run.startedAt,
    window: { ...window, drained: run.drainedAt },
    histograms: { warmup: histogramsOf(run, "warmup"), window: histogramsOf(run, "window") },
    seconds: timeline.seconds,
    account: accountOfRun(run),
    clients: clientsOf(outcomes),
    events: events.merged(outcomes),
    outcomes,
    servers: pool.servers,
    notes: [...new Set([...threadNotes(outcomes), ...stored.notes]), ...timeline.notes, ...events.notes],
    interrupted,
    leftovers: [],
  };
}

function accountOfRun({ scenario, pool, outcomes, stored, haveReceiversEnded }: EndedRun): Account {
  const account = accountOf(
    outcomes.flatMap(({ senders }) => senders),
    outcomes.flatMap(({ receivers }) => receivers),
    deliveryOf(scenario),
    stored,
  );
  // A service only responds: each request that it received is completed.
  if (workloadOf(scenario.workload).service) {
    return { ...account, completed: countersOf(pool.recordings).received };
  }
  // The messages of a broken receiver are unknown, so no message can be called lost.
  if (!haveReceiversEnded) return { ...account, lost: 0, unanswered: account.unanswered + account.lost };
  return account;
}

function histogramsOf({ scenario, pool }: EndedRun, phase: Phase): ReadonlyMap<StageName, Histogram> {
  const { stages } = workloadOf(scenario.workload);
  return new Map(stages.map((stage) => [stage, histogramOf(pool.recordings, stage, [phase])]));
}

function threadNotes(outcomes: readonly ThreadOutcome[]): readonly string[] {
  return outcomes.flatMap(({ notes, receivers }) => [
    ...notes,
    ...receivers.flatMap((receiver) => receiver.notes),
  ]);
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
