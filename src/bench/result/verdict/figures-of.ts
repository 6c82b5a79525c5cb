/**
 * The figures of a scenario, computed from its result: the only place where a saved histogram becomes a
 * percentile, and counts become a rate. Pure.
 */

import { SECOND } from "../../../time/clock.ts";
import { decode } from "../../measure/encoding.ts";
import { summaryOf } from "../../measure/hdr.ts";
import type { Histogram } from "../../measure/histogram.ts";
import type { CounterName } from "../../measure/recorder.ts";
import { STAGE_NAMES, type StageName } from "../../measure/stage.ts";
import { dueOf } from "../../scenario/due.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { deliveryOf, workloadOf } from "../../workloads/workloads.ts";
import type { ScenarioResult, SecondOf } from "../result.ts";
import { withoutRefused } from "../statistics/enough-samples.ts";
import { type Figures, STATISTICS, type StageFigures } from "./figures.ts";

/** Throws if a histogram is damaged, which who read the file has to have refused. */
export function figuresOf(result: ScenarioResult): Figures {
  const { window, account, measured } = result;
  const stages = Object.fromEntries(
    STAGE_NAMES.flatMap((name) => {
      const figures = stageFiguresOf(measured[name]);
      return figures ? [[name, figures]] : [];
    }),
  ) as Partial<Record<StageName, StageFigures>>;
  const length = window.until - window.from;
  const perSecond = (count: number) => (length > 0 ? count / length : 0);
  const rate = perSecond(operationsInWindow(result, stages));
  const offered = offeredIn(result);
  return {
    stages,
    rate,
    bytesRate: rate * bytesOfAnOperation(result),
    ...(offered !== undefined && { offered: perSecond(offered) }),
    account,
  };
}

/** Operations that a second's counters tell of: received by all who should, or answered. */
export function operationsOf({ counters }: Pick<SecondOf, "counters">, scenario: Scenario): number {
  const { receives } = workloadOf(scenario.workload);
  return receives ? counters.received / copiesOf(scenario) : counters.completed;
}

/** How many receivers get each message, and time it. */
function copiesOf(scenario: Scenario): number {
  const { sends } = workloadOf(scenario.workload);
  return sends && deliveryOf(scenario) === "everyone" ? Math.max(1, scenario.receivers) : 1;
}

function stageFiguresOf(encoded: string | undefined): StageFigures | undefined {
  if (encoded === undefined) return undefined;
  const histogram = decode(encoded);
  if (!("counts" in histogram)) throw new Error(`A histogram of the result ${histogram.why}.`);
  return figuresOfHistogram(histogram);
}

function figuresOfHistogram(histogram: Histogram): StageFigures | undefined {
  const summary = summaryOf(histogram);
  if (!summary) return undefined;
  const trusted: Readonly<Record<string, number>> = { ...withoutRefused(summary) };
  const told = STATISTICS.flatMap((name) => (trusted[name] === undefined ? [] : [[name, trusted[name]]]));
  return { count: summary.count, ...Object.fromEntries(told) };
}

/** What was timed belongs to the window by its intended time; only without times whole seconds have to do. */
function operationsInWindow(
  { scenario, seconds, window: { from, until, drained } }: ScenarioResult,
  stages: Figures["stages"],
): number {
  // Its window is from the first message to the last.
  if (!workloadOf(scenario.workload).sends && scenario.amount.seconds === undefined) {
    return seconds.reduce((sum, second) => sum + operationsOf(second, scenario), 0);
  }
  const timed = Math.max(stages.response?.count ?? 0, stages.service?.count ?? 0);
  if (timed > 0) return timed / copiesOf(scenario);
  return overlapping(seconds, { from, until, drained }, (second) => operationsOf(second, scenario));
}

/** What rows have of something in the window; of one that lies in it with a part, so much of it. */
function overlapping(
  seconds: readonly SecondOf[],
  { from, until, drained }: ScenarioResult["window"],
  of: (second: SecondOf) => number,
): number {
  return seconds.reduce((sum, row) => {
    // The last second is a short one.
    const end = Math.max(row.second + Number.EPSILON, Math.min(row.second + 1, drained));
    const overlap = Math.min(end, until) - Math.max(row.second, from);
    return sum + of(row) * Math.max(0, Math.min(1, overlap / (end - row.second)));
  }, 0);
}

/** Payload, the run's mean: of what is written, or of what is read where nothing is. */
function bytesOfAnOperation({ seconds, scenario: { workload } }: ScenarioResult): number {
  const sum = (name: CounterName) => seconds.reduce((total, { counters }) => total + counters[name], 0);
  // What is published is counted when it is sent, what is answered when the answer is there.
  const written = sum(workloadOf(workload).endsBy === "flush" ? "sent" : "completed");
  if (sum("sentBytes") > 0 && written > 0) return sum("sentBytes") / written;
  const read = Math.max(sum("received"), sum("completed"));
  return read > 0 ? sum("receivedBytes") / read : 0;
}

/** Of gaps by chance the schedule has to be walked; of more operations than these the rows have to do. */
const MOST_WALKED = 1e7;

/** From and until in seconds, until exclusive. The schedule is a function of time: it still knows. */
function offeredIn({
  scenario,
  seconds,
  window: { from, until, drained },
}: ScenarioResult): number | undefined {
  const { load } = scenario;
  if (load.kind === "open" && load.arrival === "poisson") {
    const inRows = overlapping(seconds, { from, until, drained }, ({ offered = 0 }) => offered);
    if (inRows > MOST_WALKED) return inRows;
  }
  const [first, end] = [Math.round(from * SECOND), Math.round(until * SECOND)];
  const due = dueOf(scenario, end);
  return due && Math.max(0, due(end) - due(first - 1));
}
