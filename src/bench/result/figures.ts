/**
 * The figures of a scenario: its rates, the percentiles of its stages and its account, each with one name, one unit
 * and one function that computes it. A report prints them, a threshold names them (`response.p99`, `rate`, `lost`).
 *
 * The achieved rate is the number of operations that ended in the measurement window, divided by the length of the
 * window. An operation ends when it is answered, acknowledged, or received by every receiver that gets a copy. An
 * operation that ends in the drain does not count, or a system that cannot keep up would reach every rate in the end;
 * nor does an operation that failed.
 *
 * - Open loop: the achieved rate falls below the offered rate if the system cannot keep up.
 * - Closed loop: the load waits for the system, so the achieved rate is what the system did at that concurrency. If
 *   the number of messages ends the run, the window ends with the last operation.
 * - Receivers alone (`sub`, `js consume`): every message received is an operation. If the number of messages ends
 *   the run, the window lasts from the first message to the last.
 *
 * Operations are counted by the second (`SavedSecond`). If the window ends within a second, the operations that
 * ended after it are estimated: at that time nothing more is sent, so they are at most those in flight.
 */
import { SECOND } from "../../time/clock.ts";
import { summaryOf } from "../measure/hdr.ts";
import type { CounterName } from "../measure/recorder.ts";
import { STAGE_NAMES, type StageName } from "../measure/stage.ts";
import { dueOf } from "../scenario/due.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { deliveryOf, workloadOf } from "../workloads/workloads.ts";
import { endOfSecond, recorded } from "./histograms.ts";
import type { Account, SavedSecond, ScenarioResult } from "./schema.ts";
import { withoutRefused } from "./statistics/enough-samples.ts";

/** Unit of a figure. */
export type Unit = "nanoseconds" | "perSecond" | "bytesPerSecond" | "count";

/** Statistics of a stage that are reported. */
export const STATISTICS = ["min", "mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"] as const;

/** Names a statistic. */
type Statistic = (typeof STATISTICS)[number];

/** Statistics of one stage in nanoseconds; a percentile with too few samples is absent. */
export type StageFigures = Readonly<Partial<Record<Statistic, number>>> & { readonly count: number };

/** The figures of one scenario. */
export interface Figures {
  readonly stages: Readonly<Partial<Record<StageName, StageFigures>>>;
  /** Operations per second that ended in the measurement window. */
  readonly rate: number;
  /** Payload bytes per second of those operations. */
  readonly bytesRate: number;
  /** Operations per second that were due in the measurement window; absent in a closed loop. */
  readonly offered?: number;
  readonly account: Account;
}

/** Counts of the account that a threshold may name. */
export const COUNT_NAMES = [
  "sent",
  "completed",
  "received",
  "failed",
  "dropped",
  "lost",
  "lostAfterAck",
  "unanswered",
  "duplicates",
  "redelivered",
  "outOfOrder",
] as const;

/** Names of all figures. */
export const FIGURE_NAMES: readonly string[] = [
  "rate",
  "offered",
  "bytesRate",
  ...COUNT_NAMES,
  ...STAGE_NAMES.flatMap((stage) => [...STATISTICS, "count"].map((statistic) => `${stage}.${statistic}`)),
];

/** The unit of a figure; undefined if there is no figure of this name. */
export function unitOf(name: string): Unit | undefined {
  if (name === "rate" || name === "offered") return "perSecond";
  if (name === "bytesRate") return "bytesPerSecond";
  if ((COUNT_NAMES as readonly string[]).includes(name)) return "count";
  if (!FIGURE_NAMES.includes(name)) return undefined;
  return name.endsWith(".count") ? "count" : "nanoseconds";
}

/** Whether runs of a scenario have this figure, if they get that far. */
export function isMeasured(name: string, { workload, load }: Scenario): boolean {
  const { stages, receives, service, on } = workloadOf(workload);
  if (name === "offered") return load.kind === "open";
  if (name === "received") return receives && !service;
  if (name === "lostAfterAck") return on !== "subject";
  const [stage = ""] = name.split(".");
  return !(STAGE_NAMES as readonly string[]).includes(stage) || stages.includes(stage as StageName);
}

/** The value of a figure; undefined if it was not measured or has too few samples. */
export function figure(figures: Figures, name: string): number | undefined {
  if (name === "rate" || name === "offered" || name === "bytesRate") return figures[name];
  if (name === "failed") return failuresOf(figures.account);
  if ((COUNT_NAMES as readonly string[]).includes(name)) {
    return figures.account[name as Exclude<(typeof COUNT_NAMES)[number], "failed">];
  }
  const [stage = "", ...rest] = name.split(".");
  return figures.stages[stage as StageName]?.[rest.join(".") as Statistic];
}

/** Failed operations of all error types. */
export function failuresOf({ failed }: Account): number {
  return Object.values(failed).reduce((sum, one) => sum + one, 0);
}

/** Computes the figures. Throws if a histogram is damaged, which `readResult` refuses. */
export function figuresOf(result: ScenarioResult): Figures {
  const stages = Object.fromEntries(
    STAGE_NAMES.flatMap((name) => {
      const figures = stageFiguresOf(result.measured[name]);
      return figures ? [[name, figures]] : [];
    }),
  ) as Partial<Record<StageName, StageFigures>>;
  const { achieved, offered } = ratesOf(result);
  return {
    stages,
    rate: achieved,
    bytesRate: achieved * bytesOfAnOperation(result),
    ...(offered !== undefined && { offered }),
    account: result.account,
  };
}

/** Operations per second in the measurement window. */
interface Rates {
  /** Operations that ended in it: see the definition above. */
  readonly achieved: number;
  /** Operations that were due in it; absent in a closed loop. */
  readonly offered?: number;
}

/** The part of a result that the rates are computed from. */
type Rated = Pick<ScenarioResult, "scenario" | "seconds" | "window">;

/** The rates of a run; 0 if its window has no length. */
export function ratesOf(result: Rated): Rates {
  const { from, until } = result.window;
  const length = until - from;
  const offered = offeredIn(result);
  return {
    achieved: achievedRate(endedInWindow(result), length),
    ...(offered !== undefined && { offered: length > 0 ? offered / length : 0 }),
  };
}

/** Operations per second. @param ended operations that ended @param length in so many seconds */
export function achievedRate(ended: number, length: number): number {
  return length > 0 ? ended / length : 0;
}

/** Operations that ended in one second or in several. A message counts once, however many receivers get a copy. */
export function endedIn(seconds: readonly Pick<SavedSecond, "counters">[], scenario: Scenario): number {
  const { receives } = workloadOf(scenario.workload);
  const counter: CounterName = receives ? "received" : "completed";
  return seconds.reduce((sum, { counters }) => sum + counters[counter], 0) / copiesOf(scenario);
}

/** Number of receivers that each get a copy of every message of this run. */
export function copiesOf(scenario: Scenario): number {
  const { sends } = workloadOf(scenario.workload);
  return sends && deliveryOf(scenario) === "everyone" ? Math.max(1, scenario.receivers) : 1;
}

function endedInWindow(result: Rated): number {
  const { scenario, seconds, window } = result;
  if (endsWithItsLastOperation(result)) {
    const isReceiversAlone = !workloadOf(scenario.workload).sends;
    return partOf(seconds, { ...window, until: Infinity }, isReceiversAlone, scenario);
  }
  return partOf(seconds, window, false, scenario) - endedJustAfter(result);
}

/** Whether the number of messages ended the run, so that the window ends with the last operation. */
function endsWithItsLastOperation({ scenario, window: { until } }: Rated): boolean {
  const { amount, load, warmupSeconds, workload } = scenario;
  if (!workloadOf(workload).sends) return amount.seconds === undefined;
  if (load.kind === "open" || amount.messages === undefined) return false;
  return until < warmupSeconds + (amount.seconds ?? Infinity);
}

/** Operations of the seconds that begin before the window's end; the load is even at the beginning of the window. */
function partOf(
  seconds: readonly SavedSecond[],
  window: ScenarioResult["window"],
  isWhole: boolean,
  scenario: Scenario,
): number {
  return seconds.reduce((sum, row) => {
    if (row.second >= window.until) return sum;
    const end = endOfSecond(row.second, window);
    const share = isWhole ? 1 : Math.max(0, Math.min(1, (end - window.from) / (end - row.second)));
    return sum + share * endedIn([row], scenario);
  }, 0);
}

/** Operations that ended after the window, in the second in which it ends: at most those in flight. */
function endedJustAfter({ scenario, seconds, window }: Rated): number {
  const { until } = window;
  const at = seconds.findIndex(({ second }) => second < until - EPSILON && second + 1 > until + EPSILON);
  const row = seconds[at];
  // Receivers alone stop at the end of the window.
  if (!row || !workloadOf(scenario.workload).sends) return 0;
  const end = endOfSecond(row.second, window);
  const tail = Math.max(0, end - until) / (end - row.second);
  const outstanding = (rows: readonly SavedSecond[]) =>
    rows.reduce((sum, { counters: { sent, failed } }) => sum + sent - failed, 0) - endedIn(rows, scenario);
  // Operations in flight when this second began, without those that never ended.
  const before = outstanding(seconds.slice(0, at)) - Math.max(0, outstanding(seconds));
  const after = endedIn(seconds.slice(at + 1), scenario);
  return Math.min(Math.max(0, before, after), tail * endedIn([row], scenario));
}

/** A window that should end with a second may end a few milliseconds before or after it. */
const EPSILON = 0.05;

/** Mean payload of an operation in the run: of what is written or, if nothing is, of what is read. */
function bytesOfAnOperation({ seconds, scenario: { workload } }: ScenarioResult): number {
  const sum = (name: CounterName) => seconds.reduce((total, { counters }) => total + counters[name], 0);
  // A published message is counted when it is sent, a request when its answer arrives.
  const written = sum(workloadOf(workload).endsBy === "flush" ? "sent" : "completed");
  if (sum("sentBytes") > 0 && written > 0) return sum("sentBytes") / written;
  const read = Math.max(sum("received"), sum("completed"));
  return read > 0 ? sum("receivedBytes") / read : 0;
}

/** Maximum operations of a poisson schedule that are generated again to count them. */
const MAX_GENERATED = 1e7;

/** Operations that were due in the window, computed from the schedule. */
function offeredIn({ scenario, seconds, window: { from, until } }: Rated): number | undefined {
  const { load } = scenario;
  if (load.kind === "open" && load.arrival === "poisson") {
    const inRows = seconds
      .filter(({ second }) => second + 1 > from && second < until)
      .reduce((sum, { offered = 0 }) => sum + offered, 0);
    if (inRows > MAX_GENERATED) return inRows;
  }
  const [first, end] = [Math.round(from * SECOND), Math.round(until * SECOND)];
  const due = dueOf(scenario, end);
  return due && Math.max(0, due(end) - due(first - 1));
}

function stageFiguresOf(encoded: string | undefined): StageFigures | undefined {
  const histogram = recorded(encoded);
  const summary = histogram && summaryOf(histogram);
  if (!summary) return undefined;
  const trusted: Readonly<Record<string, number>> = { ...withoutRefused(summary) };
  const reported = STATISTICS.flatMap((name) => (trusted[name] === undefined ? [] : [[name, trusted[name]]]));
  return { count: summary.count, ...Object.fromEntries(reported) };
}
