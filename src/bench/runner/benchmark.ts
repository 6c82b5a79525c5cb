/**
 * A benchmark from its scenarios to its result: what is watched is watched, what is run is run, and all of it is
 * put together with a verdict. The door to the wing that makes load: who has scenarios needs nothing else.
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
import { scenarioResultOf } from "./scenario-result.ts";
import type { RunRecord } from "./scenario-run.ts";
import { type FinishedRun, runAll } from "./sequence-of-runs.ts";

/** What a benchmark came to. */
export interface Benchmark {
  readonly result: Result;
  /** A sentence: why it could not be run to its end. Undefined as well where it was told to end. */
  readonly failure: string | undefined;
}

/**
 * Runs it. Rejects with a `PrepareError` or a `CrewError`, whose message is a sentence, if nothing could be run;
 * whatever had been made is removed by then.
 */
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
        options.listener?.event?.(scenario, commandEvent(command, second));
      }
    });
    const { finished, failure } = await runAll(options, observers, (clock) => commands.begin(clock));
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
  listener,
}: BenchmarkOptions): Promise<Floors> {
  const floors = new Map<string, StageHistograms | undefined>();
  if (!calibrate) return floors;
  for (const scenario of scenarios) {
    listener?.phase?.("calibrating", scenario);
    floors.set(scenario.name, await floorOf(scenario, processors, signal));
  }
  return floors;
}

/** What there is when all has been run. */
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
  const records = ended.finished.map(({ prepared }) => prepared.record);
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

/** Why there is less than was asked for, if there is. */
function interruptionOf({ scenarios }: BenchmarkOptions, { finished, failure }: Ended): string | undefined {
  const why =
    finished.find(({ prepared }) => prepared.record.interrupted !== undefined)?.prepared.record.interrupted ??
    (failure as Error | undefined)?.message;
  if (why === undefined) return undefined;
  const names = new Set(finished.map(({ prepared }) => prepared.record.scenario.name));
  const missing = scenarios.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  return missing.length > 0 ? `${why}; not run: ${missing.join(", ")}` : why;
}

/** Sentences about the whole: the first scenario's notes have them. */
function generalNotes(
  { monitor }: BenchmarkOptions,
  observers: Observers,
  { outcomes }: Ended,
): readonly string[] {
  // A port that nobody named may be absent without a word.
  const silent = monitor ? [...observers.monitor.problems.values()] : [];
  return [...commandNotes(outcomes), ...silent.map((problem) => `no counters of a server: ${problem}`)];
}

function resultOf(
  { watched, prepared: { record, leftovers } }: FinishedRun,
  { outcomes, floors }: Ended,
  { servers }: Environment,
  notes: readonly string[],
): ScenarioResult {
  const { samples, moments } = watched;
  const secondOf = (atMs: number) => watched.secondOf(atMs);
  const own = outcomes.filter(
    ({ startedAtMs }) => startedAtMs !== undefined && watched.includes(startedAtMs),
  );
  const events = [...record.events, ...commandEvents(own, secondOf), ...leaderEvents(samples, secondOf)]
    // What happened while connections were opened happened before there was a zero.
    .map((event) => (Number.isFinite(event.second) ? event : { ...event, second: 0 }))
    .sort((a, b) => a.second - b.second);
  return scenarioResultOf(record, {
    disturbance: watched.disturbance,
    floor: floors.get(record.scenario.name),
    serverOnThisHost: servers.some(({ local }) => local),
    samples: samples.map((sample) => ({ ...sample, second: secondOf(sample.atMs) })),
    events: withRecoveries(events, moments, {
      until: record.window.until / SECOND,
      drained: record.window.drained / SECOND,
    }),
    crossCheck: serverChecks(record, samples),
    notes: [...leftovers, ...notes],
  });
}
