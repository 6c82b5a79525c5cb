/**
 * A benchmark, from its scenarios to its result with a verdict: calibrates, observes, runs the scenarios and the timed
 * commands. The only function of the load tester that the command line calls.
 */

import { SECOND } from "../../time/clock.ts";
import { environmentOf } from "../environment/environment.ts";
import { Observers } from "../environment/observers.ts";
import { serverChecks } from "../environment/server-check.ts";
import type { CommandOutcome } from "../faults/commands.ts";
import { Commands } from "../faults/commands.ts";
import {
  type Environment,
  RESULT_VERSION,
  type Result,
  type ScenarioResult,
  type StageHistograms,
} from "../result/schema.ts";
import { worstOf } from "../result/verdict/verdict.ts";
import { streamNameOf } from "../workloads/workloads.ts";
import type { BenchmarkOptions } from "./benchmark-options.ts";
import { commandEvent, commandEvents, commandNotes, leaderEvents, withRecoveries } from "./events.ts";
import { floorOf } from "./floor.ts";
import type { RunRecord } from "./run-record.ts";
import { scenarioResultOf } from "./scenario-result.ts";
import { type FinishedRun, runScenarios } from "./scenarios.ts";

/** The outcome of a benchmark. */
export interface Benchmark {
  readonly result: Result;
  /** Why it could not run to its end, as a sentence. Undefined if it did, or if it was stopped. */
  readonly failure: string | undefined;
}

/** Rejects with a `RunError` if no scenario could run; everything that was created is removed by then. */
export async function runBenchmark(options: BenchmarkOptions): Promise<Benchmark> {
  const floors = await floorsOf(options);
  const observers = await Observers.begin(
    options.reach,
    options.monitor,
    options.scenarios.flatMap((scenario) => streamNameOf(scenario) ?? []),
    options.signal,
  );
  try {
    const commands = new Commands(options.events, (command, second) => {
      for (const scenario of options.scenarios) {
        options.progress?.event?.(scenario, commandEvent(command, second));
      }
    });
    const { finished, failure } = await runScenarios(options, observers, (clock) => commands.begin(clock));
    const outcomes = await commands.finish();
    if (finished.length === 0) throw failure;
    return await benchmarkOf(options, observers, { finished, failure, outcomes, floors });
  } finally {
    await observers.stop();
  }
}

/** By scenario's name. */
type Floors = ReadonlyMap<string, StageHistograms | undefined>;

async function floorsOf({
  calibrate,
  scenarios,
  processors,
  signal,
  progress,
}: BenchmarkOptions): Promise<Floors> {
  const floors = new Map<string, StageHistograms | undefined>();
  if (!calibrate) return floors;
  for (const scenario of scenarios) {
    progress?.phase?.("calibrating", scenario);
    floors.set(scenario.name, await floorOf(scenario, processors, signal));
  }
  return floors;
}

/** All runs and commands, ended. */
interface Ended {
  readonly finished: readonly FinishedRun[];
  readonly failure: unknown;
  readonly outcomes: readonly CommandOutcome[];
  readonly floors: Floors;
}

async function benchmarkOf(
  options: BenchmarkOptions,
  observers: Observers,
  ended: Ended,
): Promise<Benchmark> {
  const { command, version, signal } = options;
  const records = ended.finished.map(({ record }) => record);
  const [{ startedAt }] = records as [RunRecord];
  const environment = await environmentOf({
    command,
    servers: records.flatMap(({ servers }) => servers),
    probe: observers.probe,
  });
  const scenarios = ended.finished.map((run, at) =>
    resultOf(run, ended, environment, at === 0 ? generalNotes(options, observers, ended) : []),
  );
  const interrupted = interruptionOf(options, ended);
  return {
    result: {
      natscope: { result: RESULT_VERSION, version },
      startedAt: startedAt.toISOString(),
      ...(interrupted !== undefined && { interrupted }),
      environment,
      scenarios,
      verdict: worstOf(scenarios.map(({ verdict }) => verdict)),
    },
    failure: signal.aborted ? undefined : interrupted,
  };
}

/** Why the result covers less than was asked for, if it does. */
function interruptionOf({ scenarios }: BenchmarkOptions, { finished, failure }: Ended): string | undefined {
  const why =
    finished.find(({ record }) => record.interrupted !== undefined)?.record.interrupted ??
    (failure as Error | undefined)?.message;
  if (why === undefined) return undefined;
  const names = new Set(finished.map(({ record }) => record.scenario.name));
  const missing = scenarios.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  return missing.length > 0 ? `${why}; not run: ${missing.join(", ")}` : why;
}

/** Notes about the whole benchmark, which the first scenario gets. */
function generalNotes(
  { monitor }: BenchmarkOptions,
  observers: Observers,
  { outcomes }: Ended,
): readonly string[] {
  // The default port may be closed; only ports that the user named are worth a note.
  const silent = monitor ? [...observers.monitor.problems.values()] : [];
  return [...commandNotes(outcomes), ...silent.map((problem) => `no counters of a server: ${problem}`)];
}

function resultOf(
  { record, observation }: FinishedRun,
  { outcomes, floors }: Ended,
  { servers }: Environment,
  notes: readonly string[],
): ScenarioResult {
  const { samples, moments } = observation;
  const secondOf = (atMs: number) => observation.secondOf(atMs);
  const own = outcomes.filter(
    ({ startedAtMs }) => startedAtMs !== undefined && observation.includes(startedAtMs),
  );
  const events = [...record.events, ...commandEvents(own, secondOf), ...leaderEvents(samples, secondOf)]
    // Events during the opening of connections occur before the run has a zero.
    .map((event) => (Number.isFinite(event.second) ? event : { ...event, second: 0 }))
    .sort((a, b) => a.second - b.second);
  return scenarioResultOf(record, {
    disturbance: observation.disturbance,
    floor: floors.get(record.scenario.name),
    serverOnThisHost: servers.some(({ local }) => local),
    samples: samples.map((sample) => ({ ...sample, second: secondOf(sample.atMs) })),
    events: withRecoveries(events, moments, {
      until: record.window.until / SECOND,
      drained: record.window.drained / SECOND,
    }),
    crossCheck: serverChecks(record, samples),
    notes: [...record.leftovers, ...notes],
  });
}
