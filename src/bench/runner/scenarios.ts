/**
 * The runs of a benchmark's scenarios, together or in turn. If one cannot begin, those that have ended keep their
 * records; of those that should begin together, none begins.
 */
import { randomInt } from "node:crypto";
import type { Clock } from "../../time/clock.ts";
import type { Observers } from "../environment/observers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { BenchmarkOptions } from "./benchmark-options.ts";
import { Observation } from "./observation.ts";
import { reportToAll } from "./progress-reporter.ts";
import type { RunRecord } from "./run-record.ts";
import { runScenario } from "./scenario-run.ts";

/** A scenario that has run. */
export interface FinishedRun {
  readonly record: RunRecord;
  readonly observation: Observation;
}

/** The scenarios that have run, and the reason if others have not. */
interface FinishedRuns {
  readonly finished: readonly FinishedRun[];
  /** Error of the first scenario that could not begin. */
  readonly failure: unknown;
}

/** @param onBegin called with the clock of the first scenario that begins */
export async function runScenarios(
  options: BenchmarkOptions,
  observers: Observers,
  onBegin: (clock: Clock) => void,
): Promise<FinishedRuns> {
  let hasBegun = false;
  const began = (clock: Clock) => {
    if (!hasBegun) onBegin(clock);
    hasBegun = true;
  };
  const context: RunContext = { ...options, observers, began };
  return options.order === "together" ? runTogether(context) : runInTurn(context);
}

interface RunContext extends BenchmarkOptions {
  readonly observers: Observers;
  readonly began: (clock: Clock) => void;
  readonly gate?: () => Promise<void>;
}

async function runInTurn(context: RunContext): Promise<FinishedRuns> {
  const finished: FinishedRun[] = [];
  for (const scenario of context.scenarios) {
    try {
      const run = await runOne(scenario, context);
      finished.push(run);
      if (run.record.interrupted !== undefined) break;
    } catch (failure) {
      return { finished, failure };
    }
  }
  return { finished, failure: undefined };
}

async function runTogether(context: RunContext): Promise<FinishedRuns> {
  const { scenarios } = context;
  const failed = new AbortController();
  const own: RunContext = {
    ...context,
    signal: AbortSignal.any([context.signal, failed.signal]),
    // The scenarios share the processors.
    processors: Math.max(1, Math.floor(context.processors / scenarios.length)),
    gate: gateFor(scenarios.length),
  };
  let failure: unknown;
  const runs = await Promise.all(
    scenarios.map(async (scenario) => {
      try {
        return await runOne(scenario, own);
      } catch (error) {
        // The others fail because of this one, and their errors tell less.
        failure ??= error;
        failed.abort(new Error(`scenario ${scenario.name} could not begin`));
        return undefined;
      }
    }),
  );
  return { finished: runs.filter((run) => run !== undefined), failure };
}

/** Opens when it was awaited `count` times. */
function gateFor(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return () => {
    waiting++;
    if (waiting === count) resolve();
    return promise;
  };
}

async function runOne(scenario: Scenario, context: RunContext): Promise<FinishedRun> {
  const { reach, driver, processors, signal, gate, observers, began, progress = {} } = context;
  const observation = new Observation(scenario, observers);
  const first = { began: (_: Scenario, clock: Clock) => began(clock) };
  progress.phase?.("preparing", scenario);
  await observation.begin();
  let record: RunRecord;
  try {
    record = await runScenario({
      scenario,
      reach,
      driver,
      run: randomInt(1, 2 ** 16),
      processors,
      signal,
      progress: reportToAll([observation.reporter, first, progress]),
      onMoment: observation.onMoment,
      ...(gate && { gate }),
    });
  } finally {
    await observation.end();
  }
  progress.phase?.("done", scenario);
  return { record, observation };
}
