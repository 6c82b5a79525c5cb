/**
 * The runs of a benchmark's scenarios, all at once or one after the other. Where one cannot begin, nothing is
 * lost of those that have ended; of those that were to begin with it, none does.
 */
import { randomInt } from "node:crypto";
import type { Clock } from "../../time/clock.ts";
import type { Observers } from "../environment/observers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { BenchmarkListener, BenchmarkOptions } from "./benchmark-options.ts";
import type { PreparedRun } from "./prepared-run.ts";
import type { RunOptions } from "./run-options.ts";
import { WatchedRun } from "./watched-run.ts";

/** A scenario that has been run. */
export interface FinishedRun {
  readonly watched: WatchedRun;
  readonly prepared: PreparedRun;
}

/** What has been run, and why the rest was not. */
export interface FinishedRuns {
  readonly finished: readonly FinishedRun[];
  /** What the first scenario that could not begin rejected with. */
  readonly failure: unknown;
}

/** @param onBegin told of the clock of the first scenario that begins */
export async function runAll(
  options: BenchmarkOptions,
  observers: Observers,
  onBegin: (clock: Clock) => void,
): Promise<FinishedRuns> {
  let hasBegun = false;
  const began = (clock: Clock) => {
    if (!hasBegun) onBegin(clock);
    hasBegun = true;
  };
  return options.order === "together"
    ? runTogether(options, observers, began)
    : runInTurn(options, observers, began);
}

async function runInTurn(
  options: BenchmarkOptions,
  observers: Observers,
  began: (clock: Clock) => void,
): Promise<FinishedRuns> {
  const finished: FinishedRun[] = [];
  for (const scenario of options.scenarios) {
    try {
      const run = await runOne(scenario, options, observers, began);
      finished.push(run);
      if (run.prepared.record.interrupted !== undefined) break;
    } catch (failure) {
      return { finished, failure };
    }
  }
  return { finished, failure: undefined };
}

async function runTogether(
  options: BenchmarkOptions,
  observers: Observers,
  began: (clock: Clock) => void,
): Promise<FinishedRuns> {
  const { scenarios } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const gate = gateFor(scenarios.length);
  // Each has its part of the processors; that of one alone is the whole.
  const processors = Math.max(1, Math.floor(options.processors / scenarios.length));
  let failure: unknown;
  const runs = await Promise.all(
    scenarios.map(async (scenario) => {
      try {
        return await runOne(scenario, { ...options, processors, signal }, observers, began, gate);
      } catch (error) {
        // The others fail because of this one, and have less to say.
        failure ??= error;
        failed.abort(new Error(`scenario ${scenario.name} could not begin`));
        return undefined;
      }
    }),
  );
  return { finished: runs.filter((run) => run !== undefined), failure };
}

/** Opens when it has been asked for as many times as there are scenarios. */
function gateFor(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return () => {
    waiting++;
    if (waiting === count) resolve();
    return promise;
  };
}

async function runOne(
  scenario: Scenario,
  { reach, processors, signal, listener = {} }: BenchmarkOptions,
  observers: Observers,
  began: (clock: Clock) => void,
  gate?: () => Promise<void>,
): Promise<FinishedRun> {
  listener.phase?.("preparing", scenario);
  const options: RunOptions = {
    scenario,
    reach,
    run: randomInt(1, 2 ** 16),
    processors,
    signal,
    listener: listenerOf(scenario, listener, began),
    ...(gate && { gate }),
  };
  const watched = new WatchedRun(options, observers);
  const prepared = await watched.run();
  listener.phase?.("done", scenario);
  return { watched, prepared };
}

function listenerOf(
  scenario: Scenario,
  listener: BenchmarkListener,
  began: (clock: Clock) => void,
): NonNullable<RunOptions["listener"]> {
  return {
    began: (clock) => {
      began(clock);
      listener.began?.(scenario, clock);
    },
    second: (second) => listener.second?.(scenario, second),
    sent: () => listener.phase?.("draining", scenario),
    event: (event) => listener.event?.(scenario, event),
  };
}
