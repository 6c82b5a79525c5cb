/**
 * From command line, file and environment to a benchmark that can run. Finds every problem that can be found without a
 * server, and reports all of them together.
 */
import { readFileSync } from "node:fs";
import { fileProblem } from "../../input/file-problem.ts";
import type { GivenOption } from "../../input/given.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import { resolve } from "../../input/resolve.ts";
import { connectionFromEnvironment } from "../../nats/connect/connection.ts";
import { type System, systemFiles } from "../../nats/connect/files.ts";
import { enumerate, quote } from "../../text/wording.ts";
import type { Reach } from "../driver/driver.ts";
import { pointless } from "../result/threshold.ts";
import type { ScenarioOrder } from "../runner/benchmark-options.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { covers, wildcardOf } from "../scenario/subjects.ts";
import { streamNameOf, WORKLOAD_NAMES, workloadOf } from "../workloads/workloads.ts";
import { readBenchmarkFile, type ScenarioEntry } from "./benchmark-file.ts";
import type { BenchArguments } from "./command-line.ts";
import {
  appliesTo,
  type OptionName,
  type OptionValues,
  optionOf,
  type ResolvedOptions,
  rowsOf,
} from "./options.ts";
import { type Outputs, outputsOf } from "./outputs.ts";
import type { ScenarioContext } from "./scenario-context.ts";
import { scenarioOf } from "./scenario-of.ts";

/** A benchmark that can run if it has no problems. */
export interface GatheredBenchmark {
  readonly scenarios: readonly Scenario[];
  readonly order: ScenarioOrder;
  readonly reach: Reach;
  /** Options of the run as a whole. */
  readonly values: OptionValues;
  readonly outputs: Outputs;
  /** Sentences. */
  readonly problems: readonly string[];
  /** Sentences about settings without effect. */
  readonly warnings: readonly string[];
}

type Report = (problem: string) => void;
type Asked = Exclude<BenchArguments, { readonly asked: "help" }>;

/** natscli's. */
const TIMEOUT_MS = 5000;

/** Never rejects. */
export async function gatherBenchmark(
  asked: Asked,
  environment: System["environment"],
): Promise<GatheredBenchmark> {
  const problems = new Set(asked.problems);
  const report = (problem: string) => problems.add(problem);
  const connection = connectionFromEnvironment(environment, systemFiles, {
    flags: asked.connection,
    contextByDefault: "selected",
  });
  for (const problem of connection.problems) report(problem);
  const { entries, common } = await entriesOf(asked, report);
  const run = resolveOptions("run", undefined, [ofScope(asked.given, "run"), ofScope(common, "run")], report);
  const timeoutMs = connection.jetstream.timeout ?? TIMEOUT_MS;
  const layers = [ofScope(asked.given, "scenario"), ofScope(common, "scenario")] as const;
  const scenarios = entries.flatMap((entry, at) => {
    // Several scenarios need different subjects: responders of one would answer publishes of another.
    const number = entries.length > 1 ? at + 1 : undefined;
    return scenarioFrom(entry, layers, { number, timeoutMs, readFile, report });
  });
  const workloads = scenarios.map(({ workload }) => workload);
  if (workloads.length > 0) {
    for (const problem of layers.flatMap((layer) => inapplicable(layer, workloads))) report(problem);
  }
  reportDuplicateNames(scenarios, report);
  if (run.values.order === "together") {
    reportSharedStores(scenarios, report);
    reportStrayResponders(scenarios, report);
  }
  for (const problem of pointless(run.values.threshold, scenarios)) {
    report(`${run.placeOf("threshold")} ${problem}`);
  }
  return {
    scenarios,
    order: run.values.order,
    reach: { options: connection.options, jetstream: connection.jetstream },
    values: run.values,
    outputs: outputsOf(run, report),
    problems: [...problems],
    warnings: connection.warnings,
  };
}

/** Values of the options of a scope. @param layers the first that gives an option wins */
function resolveOptions(
  scope: "scenario" | "run",
  workload: string | undefined,
  layers: readonly (readonly GivenOption[])[],
  report: Report,
): ResolvedOptions {
  const resolved = resolve(rowsOf(scope, workload), layers);
  for (const problem of resolved.problems) report(problem);
  return resolved as unknown as ResolvedOptions;
}

async function entriesOf(
  asked: Asked,
  report: Report,
): Promise<{ entries: readonly ScenarioEntry[]; common: readonly GivenOption[] }> {
  if (asked.asked === "workload") {
    const origin = { source: "flag", place: "workload" } as const;
    const given = [{ option: "workload", text: asked.workload, origin }];
    return { entries: [{ given, place: "workload" }], common: [] };
  }
  if (asked.asked === "nothing") return { entries: [], common: [] };
  const file = await readBenchmarkFile(asked.path);
  for (const problem of file.problems) report(problem);
  return { entries: file.scenarios, common: file.common };
}

function ofScope(given: readonly GivenOption[], scope: "run" | "scenario"): readonly GivenOption[] {
  return given.filter(({ option }) => optionOf(option as OptionName).scope === scope);
}

/** No scenario if its workload is not known. @param layers flags, and options at the top of the file */
function scenarioFrom(
  { given, place }: ScenarioEntry,
  [flags, common]: readonly [readonly GivenOption[], readonly GivenOption[]],
  context: Pick<ScenarioContext, "number" | "timeoutMs" | "readFile" | "report">,
): readonly Scenario[] {
  const { report } = context;
  const workload = workloadAmong([...given, ...common]);
  const applies = ({ option }: GivenOption) => workload === undefined || appliesTo(option, workload);
  // A common option that does not apply to this workload is for the others; an option of its own is a mistake.
  const layers = [flags.filter(applies), given, withoutAlternatives(given, common.filter(applies))];
  const options = resolveOptions("scenario", workload, layers, report);
  if (workload === undefined) {
    if (!given.some(({ option }) => option === "workload")) {
      report(`${place}: the scenario has no workload: expected ${enumerate(WORKLOAD_NAMES)}`);
    }
    return [];
  }
  for (const problem of inapplicable(given, [workload])) report(problem);
  return [scenarioOf({ workload, options, ...context })];
}

/** Common options without those that the scenario replaces: rate and duration, or stages; messages, or duration. */
function withoutAlternatives(
  given: readonly GivenOption[],
  common: readonly GivenOption[],
): readonly GivenOption[] {
  const has = (name: OptionName) => given.some(({ option }) => option === name);
  const isReplaced = ({ option }: GivenOption) =>
    (has("stage") && (option === "rate" || option === "duration")) ||
    (option === "stage" && (has("rate") || has("duration"))) ||
    (option === "duration" && has("msgs")) ||
    (option === "msgs" && has("duration"));
  return common.filter((one) => !isReplaced(one));
}

function workloadAmong(given: readonly GivenOption[]): string | undefined {
  const text = given.find(({ option }) => option === "workload")?.text;
  return text !== undefined && WORKLOAD_NAMES.includes(text) ? text : undefined;
}

function readFile(path: string): Uint8Array | InvalidValue {
  try {
    return readFileSync(path);
  } catch (error) {
    return new InvalidValue(`names ${quote(path)}, which ${fileProblem(error)}`);
  }
}

/** A sentence for each option that none of the workloads takes. */
function inapplicable(given: readonly GivenOption[], workloads: readonly string[]): readonly string[] {
  return given.flatMap(({ option, origin }) => {
    if (workloads.some((workload) => appliesTo(option, workload))) return [];
    const owners = WORKLOAD_NAMES.filter((workload) => appliesTo(option, workload));
    const names = enumerate([...new Set(workloads)]);
    return [`${origin.place} does not apply to ${names}: expected ${enumerate(owners)}`];
  });
}

function reportDuplicateNames(scenarios: readonly Scenario[], report: Report): void {
  const names = scenarios.map(({ name }) => name);
  for (const name of new Set(names.filter((one, i) => names.indexOf(one) < i))) {
    report(`several scenarios have the name ${JSON.stringify(name)}: expected a unique "name" for each`);
  }
}

/** Scenarios that run together cannot create the same stream or bucket. */
function reportSharedStores(scenarios: readonly Scenario[], report: Report): void {
  const created = scenarios.flatMap((scenario) => {
    const { name, stream, bucket } = scenario;
    if (!(stream ?? bucket)?.create) return [];
    return [{ name, store: `stream ${streamNameOf(scenario)}` }];
  });
  for (const [store, some] of Map.groupBy(created, (one) => one.store)) {
    if (some.length < 2) continue;
    const names = some.map(({ name }) => name).join(" and ");
    report(`scenarios ${names} both create ${store}: expected different names, or order: in turn`);
  }
}

/** A responder on a stream's subject would answer a publish before the stream does. */
function reportStrayResponders(scenarios: readonly Scenario[], report: Report): void {
  const responding = scenarios.filter(({ workload }) => workloadOf(workload).roles.responder);
  const publishing = scenarios.filter(({ workload }) => appliesTo("dedup", workload));
  for (const one of responding) {
    for (const other of publishing) {
      if (!covers(wildcardOf(one.subject), wildcardOf(other.subject))) continue;
      report(
        `responders of scenario ${one.name} would answer what ${other.name} publishes on ${other.subject.base}: expected different subjects, or order: in turn`,
      );
    }
  }
}
