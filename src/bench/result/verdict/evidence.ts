/**
 * From a scenario's result to what the verdict's rules look at. Pure, and of what is saved alone: a verdict can be
 * found again from a result's file.
 */

import { decode } from "../../measure/encoding.ts";
import { percentileOf } from "../../measure/hdr.ts";
import { Histogram } from "../../measure/histogram.ts";
import type { StageName } from "../../measure/stage.ts";
import { defaultMaxInFlight } from "../../scenario/in-flight.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { deliveryOf, workloadOf } from "../../workloads/workloads.ts";
import type { ScenarioResult, SecondOf, StageHistograms } from "../result.ts";
import { trustedPercentile } from "../statistics/enough-samples.ts";
import { backlogGrowth, ratesOf, type Turnover } from "../statistics/keeping-up.ts";
import { latencySeries, steadinessOf, worstSteadiness } from "../statistics/steadiness.ts";
import { operationsOf } from "./figures-of.ts";
import type { Evidence } from "./verdict.ts";

/** Without the verdict itself. */
export type Unjudged = Omit<ScenarioResult, "verdict">;

/** @param interrupted why it ended before its time, if it did */
export function evidenceOf(result: Unjudged, interrupted: string | undefined): Evidence {
  const { scenario, measured, account, interference } = result;
  const isOpenLoop = scenario.load.kind === "open";
  const inWindow = wholeSecondsOf(result);
  const turnovers = inWindow.map((second): Turnover => {
    const done = operationsOf(second, scenario) + second.counters.failed;
    return { due: second.offered ?? 0, done };
  });
  const rates = isOpenLoop ? ratesOf(turnovers) : undefined;
  const response = histogramOf(measured.response);
  const samples = response?.count ?? 0;
  const { threads, stealShare, throttledShare, hiccups, floor } = interference;
  return {
    isOpenLoop,
    isEmpty: isEmpty(result, samples),
    offered: rates?.offered,
    achieved: rates?.achieved ?? 0,
    // `ratesOf` leaves the first second out.
    ratedSeconds: Math.max(0, turnovers.length - 1),
    delayP99: percentile(measured.delay, 0.99),
    responseP99: response && percentileOf(response, 0.99),
    blocked: blockedIn(result),
    isBounded: scenario.load.kind === "open" && scenario.load.maxInFlight < defaultMaxInFlight(scenario),
    dropped: account.dropped,
    sent: account.sent,
    withoutLatency: account.sent - account.completed,
    samples,
    trustedPercentile: trustedPercentile(samples),
    eventLoopUtilization: most(threads.map((thread) => thread.eventLoopUtilization)),
    gcShare: most(threads.map(({ gcShare }) => gcShare)),
    stealShare,
    throttledShare,
    hiccup: percentile(hiccups, 0.999),
    floorP99: floor && percentile(floor.response, 0.99),
    // What is made to change, or does what others ask, is not expected to be steady.
    steadiness:
      isChanging(scenario) || workloadOf(scenario.workload).service
        ? "steady"
        : worstSteadiness(seriesOf(inWindow, "response", isOpenLoop).map(steadinessOf)),
    isOverloaded: isOpenLoop && backlogGrowth(turnovers).isOverloaded,
    isOutrun: isOutrun(scenario, inWindow),
    wanted: wantedOf(scenario),
    got: account.received ?? 0,
    slowConsumerCuts: slowConsumerCuts(result),
    reconnects: result.events.filter(({ kind, second }) => kind === "lost" && isInWindow(result, second))
      .length,
    crossCheckFailures: account.crossCheck.filter(({ expected, found }) => expected !== found).length,
    interrupted,
  };
}

/** A load with ramps or steps. */
function isChanging({ load }: Scenario): boolean {
  return (
    load.kind === "open" && load.stages.some(({ from, to }) => from !== to || from !== load.stages[0]?.from)
  );
}

/** A second that is partly in the window counts. */
function blockedIn({ seconds, window: { from, until } }: Unjudged): number {
  const own = seconds.filter(({ second }) => second + 1 > from + EPSILON && second < until);
  return own.reduce((sum, { counters }) => sum + counters.blocked, 0);
}

function isOutrun(scenario: Scenario, seconds: readonly SecondOf[]): boolean {
  const { sends, receives } = workloadOf(scenario.workload);
  if (scenario.load.kind === "open" || !sends || !receives) return false;
  return backlogGrowth(
    seconds.map((second): Turnover => {
      const done = operationsOf(second, scenario) + second.counters.failed;
      return { due: second.counters.sent, done };
    }),
  ).isOverloaded;
}

/** Of who only receives, and was not told to end by the time: all receivers' messages together. */
function wantedOf(scenario: Scenario): number | undefined {
  const { workload, amount, clients } = scenario;
  if (workloadOf(workload).sends || amount.messages === undefined || amount.seconds !== undefined)
    return undefined;
  return amount.messages * (deliveryOf(scenario) === "everyone" ? clients : 1);
}

/** What only receives may have nothing to time, and still count; what only responds measures nothing. */
function isEmpty({ scenario: { workload }, seconds }: Unjudged, samples: number): boolean {
  const { sends, stages } = workloadOf(workload);
  if (samples > 0 || stages.length === 0) return false;
  return sends || seconds.every(({ counters }) => counters.received === 0);
}

/** Seconds that are in the window from their beginning to their end. */
function wholeSecondsOf({ seconds, window: { from, until } }: Unjudged): readonly SecondOf[] {
  return seconds.filter(({ second }) => second >= from - EPSILON && second + 1 <= until + EPSILON);
}

/** Windows that end with a second end a moment before or after it. */
const EPSILON = 0.05;

/** A disturbance just after the window is its drain's, in which its operations end. */
function isInWindow({ window: { from, drained } }: Unjudged, second: number): boolean {
  return second >= from && second <= drained;
}

/** More seconds are put together, so that a run of hours takes no minutes to judge. */
const MOST_INTERVALS = 300;

function seriesOf(seconds: readonly SecondOf[], stage: StageName, isOpenLoop: boolean) {
  const size = Math.max(1, Math.ceil(seconds.length / MOST_INTERVALS));
  const intervals = Array.from({ length: Math.ceil(seconds.length / size) }, (_, i) =>
    seconds.slice(i * size, (i + 1) * size),
  );
  const histograms = intervals.map((interval) =>
    mergedOf(
      interval.map(({ stages }) => stages),
      stage,
    ),
  );
  // In a closed loop the rate is the system's to choose, and shows what it was busy with.
  const rates = intervals.map(
    (interval) =>
      interval.reduce((sum, { counters }) => sum + Math.max(counters.completed, counters.received), 0) /
      interval.length,
  );
  const isTimed = histograms.some(({ count }) => count > 0);
  return [...(isTimed ? latencySeries(histograms) : []), ...(isOpenLoop && isTimed ? [] : [rates])];
}

function mergedOf(all: readonly StageHistograms[], stage: StageName): Histogram {
  const merged = new Histogram();
  for (const stages of all) {
    const histogram = histogramOf(stages[stage]);
    if (histogram) merged.add(histogram);
  }
  return merged;
}

/** Cut from the first to the last that each server said: its own counter goes on for years. */
function slowConsumerCuts({ server }: Unjudged): number {
  const byServer = Map.groupBy(server, (one) => one.server);
  return [...byServer.values()].reduce((sum, rows) => {
    const counts = rows.flatMap(({ values }) => values.slow_consumers ?? []);
    return sum + Math.max(0, (counts.at(-1) ?? 0) - (counts[0] ?? 0));
  }, 0);
}

function percentile(encoded: string | undefined, share: number): number | undefined {
  const histogram = histogramOf(encoded);
  return histogram && percentileOf(histogram, share);
}

function histogramOf(encoded: string | undefined): Histogram | undefined {
  if (encoded === undefined) return undefined;
  const histogram = decode(encoded);
  if (!("counts" in histogram)) throw new Error(`A histogram of the result ${histogram.why}.`);
  return histogram;
}

function most(shares: readonly number[]): number {
  return Math.max(0, ...shares);
}
