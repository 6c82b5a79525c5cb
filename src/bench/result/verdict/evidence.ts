/** The evidence that the rules of the verdict judge, computed from the saved result alone. Pure. */

import { percentileOf } from "../../measure/hdr.ts";
import type { StageName } from "../../measure/stage.ts";
import { defaultMaxInFlight } from "../../scenario/in-flight.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { deliveryOf, workloadOf } from "../../workloads/workloads.ts";
import { achievedRate, endedIn, ratesOf } from "../figures.ts";
import { mergedStage, recorded } from "../histograms.ts";
import type { SavedSecond, ScenarioResult } from "../schema.ts";
import { trustedPercentile } from "../statistics/enough-samples.ts";
import { backlogGrowth, doneShare, type LoadSecond } from "../statistics/keeping-up.ts";
import { latencySeries, type Steadiness, steadinessOf, worstSteadiness } from "../statistics/steadiness.ts";

/** Input of the rules. A value that was not measured is undefined, and its rules do not apply. */
export interface Evidence {
  readonly isOpenLoop: boolean;
  /** Length of the measurement window in seconds. */
  readonly windowSeconds: number;
  /** Whether the run has nothing to report although it should. */
  readonly isEmpty: boolean;
  /** Operations per second in the window, as reported: due, and ended. */
  readonly offered: number | undefined;
  readonly achieved: number;
  /** Operations that ended, successfully or not, as a share of those due; without the first second. */
  readonly doneShare: number | undefined;
  /** Nanoseconds. */
  readonly delayP99: number | undefined;
  readonly responseP99: number | undefined;
  /** Operations that were due in the window and had to wait because the maximum was in flight. */
  readonly blocked: number;
  /** Whether the user set a maximum in flight; waiting is then intended. */
  readonly isBounded: boolean;
  readonly dropped: number;
  readonly sent: number;
  /** Operations of `sent` that failed, were lost, dropped or unanswered: their latency is unknown. */
  readonly withoutLatency: number;
  readonly samples: number;
  /** The highest percentile that has enough samples, as a share: 0.999. */
  readonly trustedPercentile: number;
  /** Shares of the busiest thread's time, 0 to 1. */
  readonly eventLoopUtilization: number;
  readonly gcShare: number;
  readonly stealShare: number | undefined;
  readonly throttledShare: number | undefined;
  /** p99.9 of how late a sleeping thread woke up, in nanoseconds. */
  readonly hiccup: number | undefined;
  /** p99 of the same load against a server that does nothing, in nanoseconds. */
  readonly floorP99: number | undefined;
  readonly steadiness: Steadiness;
  /** By how much latency or rate changed in the window, as a share of its level. */
  readonly change: number | undefined;
  /** Operations by which the backlog grew, if it grew throughout the window: the system could not keep up. */
  readonly overload: number | undefined;
  /** The same in a closed loop, for the backlog of the receivers, which publishers do not wait for. */
  readonly outrun: number | undefined;
  /** Messages that the receivers should have received, if their number ends the run. */
  readonly wanted: number | undefined;
  readonly got: number;
  readonly slowConsumerCuts: number;
  readonly reconnects: number;
  /** Counts that differ from the server's. */
  readonly crossCheckFailures: number;
  readonly interrupted: string | undefined;
}

/** A scenario's result before it is judged. */
export type Unjudged = Omit<ScenarioResult, "verdict">;

/** @param interrupted why the run ended early, if it did */
export function evidenceOf(result: Unjudged, interrupted: string | undefined): Evidence {
  const { scenario, measured, account, window } = result;
  const isOpenLoop = scenario.load.kind === "open";
  const inWindow = wholeSecondsOf(result);
  const rates = ratesOf(result);
  const response = recorded(measured.response);
  const samples = response?.count ?? 0;
  const load = loadOf(inWindow, scenario, ({ offered = 0 }) => offered);
  return {
    isOpenLoop,
    windowSeconds: window.until - window.from,
    isEmpty: isEmpty(result, samples),
    offered: rates.offered,
    achieved: rates.achieved,
    doneShare: isOpenLoop ? doneShare(load) : undefined,
    delayP99: percentile(measured.delay, 0.99),
    responseP99: response && percentileOf(response, 0.99),
    blocked: blockedIn(result),
    isBounded: scenario.load.kind === "open" && scenario.load.maxInFlight < defaultMaxInFlight(scenario),
    dropped: account.dropped,
    sent: account.sent,
    withoutLatency: account.sent - account.completed,
    samples,
    trustedPercentile: trustedPercentile(samples),
    ...interferenceOf(result),
    ...steadinessIn(scenario, inWindow),
    overload: isOpenLoop ? growthOf(load) : undefined,
    outrun: outrunIn(scenario, inWindow),
    wanted: wantedOf(scenario),
    got: account.received ?? 0,
    slowConsumerCuts: slowConsumerCuts(result),
    reconnects: result.events.filter(({ kind, second }) => kind === "lost" && isInWindow(result, second))
      .length,
    crossCheckFailures: account.crossCheck.filter(({ expected, found }) => expected !== found).length,
    interrupted,
  };
}

function interferenceOf({ interference }: Unjudged) {
  const { threads, stealShare, throttledShare, hiccups, floor } = interference;
  return {
    eventLoopUtilization: Math.max(0, ...threads.map((thread) => thread.eventLoopUtilization)),
    gcShare: Math.max(0, ...threads.map(({ gcShare }) => gcShare)),
    stealShare,
    throttledShare,
    hiccup: percentile(hiccups, 0.999),
    floorP99: floor && percentile(floor.response, 0.99),
  };
}

function loadOf(
  seconds: readonly SavedSecond[],
  scenario: Scenario,
  due: (second: SavedSecond) => number,
): readonly LoadSecond[] {
  return seconds.map((second) => ({
    due: due(second),
    done: endedIn([second], scenario) + second.counters.failed,
  }));
}

function growthOf(load: readonly LoadSecond[]): number | undefined {
  const { isOverloaded, growth } = backlogGrowth(load);
  return isOverloaded && growth ? growth.perStep * load.length : undefined;
}

function outrunIn(scenario: Scenario, seconds: readonly SavedSecond[]): number | undefined {
  const { sends, receives } = workloadOf(scenario.workload);
  if (scenario.load.kind === "open" || !sends || !receives) return undefined;
  return growthOf(loadOf(seconds, scenario, ({ counters }) => counters.sent));
}

/** A load that is meant to change, or that others decide, is not expected to be steady. */
function steadinessIn(
  scenario: Scenario,
  inWindow: readonly SavedSecond[],
): Pick<Evidence, "steadiness" | "change"> {
  if (isChanging(scenario) || workloadOf(scenario.workload).service) {
    return { steadiness: "steady", change: undefined };
  }
  return worstSteadiness(seriesOf(inWindow, "response", scenario).map(steadinessOf));
}

/** Whether the load has ramps or steps. */
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

/** For receivers alone, if a number of messages ends the run: the messages of all of them together. */
function wantedOf(scenario: Scenario): number | undefined {
  const { workload, amount, clients } = scenario;
  if (workloadOf(workload).sends || amount.messages === undefined || amount.seconds !== undefined)
    return undefined;
  return amount.messages * (deliveryOf(scenario) === "everyone" ? clients : 1);
}

/** Receivers may have nothing to time and still count; responders measure nothing at all. */
function isEmpty({ scenario: { workload }, seconds }: Unjudged, samples: number): boolean {
  const { sends, stages } = workloadOf(workload);
  if (samples > 0 || stages.length === 0) return false;
  return sends || seconds.every(({ counters }) => counters.received === 0);
}

/** Seconds that lie wholly in the window. */
function wholeSecondsOf({ seconds, window: { from, until } }: Unjudged): readonly SavedSecond[] {
  return seconds.filter(({ second }) => second >= from - EPSILON && second + 1 <= until + EPSILON);
}

/** A window that should end with a second may end a few milliseconds before or after it. */
const EPSILON = 0.05;

/** A disturbance in the drain counts: operations of the window end in it. */
function isInWindow({ window: { from, drained } }: Unjudged, second: number): boolean {
  return second >= from && second <= drained;
}

/** In longer windows several seconds form an interval, so that a run of hours is judged in seconds. */
const MAX_INTERVALS = 300;

function seriesOf(seconds: readonly SavedSecond[], stage: StageName, scenario: Scenario) {
  const size = Math.max(1, Math.ceil(seconds.length / MAX_INTERVALS));
  const intervals = Array.from({ length: Math.ceil(seconds.length / size) }, (_, i) =>
    seconds.slice(i * size, (i + 1) * size),
  );
  const histograms = intervals.map((interval) => mergedStage(interval, stage));
  // In a closed loop the system determines the rate, so a change of the rate is a change of the system.
  const rates = intervals.map((interval) => achievedRate(endedIn(interval, scenario), interval.length));
  const isTimed = histograms.some(({ count }) => count > 0);
  const isRateGiven = scenario.load.kind === "open" && isTimed;
  return [...(isTimed ? latencySeries(histograms) : []), ...(isRateGiven ? [] : [rates])];
}

/** Slow consumers between the first and the last sample of each server, whose counter starts with the server. */
function slowConsumerCuts({ server }: Unjudged): number {
  const byServer = Map.groupBy(server, (one) => one.server);
  return [...byServer.values()].reduce((sum, rows) => {
    const counts = rows.flatMap(({ values }) => values.slow_consumers ?? []);
    return sum + Math.max(0, (counts.at(-1) ?? 0) - (counts[0] ?? 0));
  }, 0);
}

function percentile(encoded: string | undefined, share: number): number | undefined {
  const histogram = recorded(encoded);
  return histogram && percentileOf(histogram, share);
}
