/**
 * From a command line, a file and the environment to a benchmark that can be run: everything that can be wrong
 * before a server is asked is found here, all of it at once.
 */
import { readFileSync } from "node:fs";
import { fileProblem } from "../../input/file-problem.ts";
import type { GivenSetting } from "../../input/given.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import { connectionFromEnvironment } from "../../nats/connect/connection.ts";
import { type Scene, systemFiles } from "../../nats/connect/files.ts";
import { quote } from "../../text/wording.ts";
import type { Reach } from "../driver/driver.ts";
import { pointless } from "../result/threshold.ts";
import type { Order } from "../runner/benchmark-options.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { covers, wildcardOf } from "../scenario/subjects.ts";
import { streamNameOf, WORKLOAD_NAMES, workloadOf } from "../workloads/workloads.ts";
import type { BenchArguments } from "./bench-arguments.ts";
import { gatherBenchmarkFile, type ScenarioEntry } from "./benchmark-file.ts";
import { choose, strangersTo } from "./choose.ts";
import { appliesTo, type OptionName, type OptionValues, optionOf } from "./options.ts";
import { type Outputs, outputsOf } from "./outputs.ts";
import { type Making, scenarioOf } from "./scenario-of.ts";

/** A benchmark that can be run, if there are no problems. */
export interface GatheredBenchmark {
  readonly scenarios: readonly Scenario[];
  readonly order: Order;
  readonly reach: Reach;
  /** Of the run as a whole. */
  readonly values: OptionValues;
  readonly outputs: Outputs;
  /** Sentences: what is wrong, and must be right before anything is sent. */
  readonly problems: readonly string[];
  /** Sentences: what is set and has no effect. */
  readonly warnings: readonly string[];
}

type Asked = Exclude<BenchArguments, { readonly asked: "help" }>;

/** natscli's. */
const TIMEOUT_MS = 5000;
const SUBJECT = "natscope.bench";

/** Never rejects. */
export async function gatherBenchmark(
  asked: Asked,
  environment: Scene["environment"],
): Promise<GatheredBenchmark> {
  const problems = new Set(asked.problems);
  const tell = (problem: string) => problems.add(problem);
  const connection = connectionFromEnvironment(environment, systemFiles, {
    flags: asked.connection,
    contextByDefault: "selected",
  });
  for (const problem of connection.problems) tell(problem);
  const { entries, common } = await whatToRun(asked, tell);
  const run = choose([ofLevel(asked.given, "run"), ofLevel(common, "run")], tell);
  const timeoutMs = connection.jetstream.timeout ?? TIMEOUT_MS;
  const layers = [ofLevel(asked.given, "scenario"), ofLevel(common, "scenario")] as const;
  const scenarios = entries.flatMap((entry, at) => {
    // Of several each has its own: else one's responders would answer another's publishes.
    const subject = entries.length > 1 ? `${SUBJECT}.${at + 1}` : SUBJECT;
    return scenarioFrom(entry, layers, { subject, timeoutMs, readFile, tell });
  });
  const workloads = scenarios.map(({ workload }) => workload);
  if (workloads.length > 0) {
    for (const stranger of layers.flatMap((layer) => strangersTo(layer, workloads))) tell(stranger);
  }
  sameNames(scenarios, tell);
  if ((run.values.order ?? "together") === "together") {
    sameStreams(scenarios, tell);
    strangeAnswers(scenarios, tell);
  }
  for (const problem of pointless(run.values.threshold ?? [], scenarios)) {
    tell(`${run.placeOf("threshold")} ${problem}`);
  }
  return {
    scenarios,
    order: run.values.order ?? "together",
    reach: { options: connection.options, jetstream: connection.jetstream },
    values: run.values,
    outputs: outputsOf(run, tell),
    problems: [...problems],
    warnings: connection.warnings,
  };
}

async function whatToRun(
  asked: Asked,
  tell: (problem: string) => void,
): Promise<{ entries: readonly ScenarioEntry[]; common: readonly GivenSetting[] }> {
  if (asked.asked === "workload") {
    const origin = { source: "flag", place: "workload" } as const;
    const given = [{ setting: "workload", text: asked.workload, origin }];
    return { entries: [{ given, place: "workload" }], common: [] };
  }
  if (asked.asked === "nothing") return { entries: [], common: [] };
  const file = await gatherBenchmarkFile(asked.path);
  for (const problem of file.problems) tell(problem);
  return { entries: file.scenarios, common: file.common };
}

function ofLevel(given: readonly GivenSetting[], level: "run" | "scenario"): readonly GivenSetting[] {
  return given.filter(({ setting }) => optionOf(setting as OptionName).of === level);
}

/** None where its workload is not known. @param layers of flags, and of what stands at the top of the file */
function scenarioFrom(
  { given, place }: ScenarioEntry,
  [flags, common]: readonly [readonly GivenSetting[], readonly GivenSetting[]],
  around: Pick<Making, "subject" | "timeoutMs" | "readFile" | "tell">,
): readonly Scenario[] {
  const { tell } = around;
  const workload = workloadAmong([...given, ...common]);
  const has = ({ setting }: GivenSetting) => !workload || appliesTo(setting as OptionName, workload);
  // What is common to all, and nothing to this one, is passed over; what is its own is a mistake.
  const chosen = choose([flags.filter(has), given, besides(given, common.filter(has))], tell);
  if (!workload) {
    if (!given.some(({ setting }) => setting === "workload")) tell(`${place}: the scenario has no workload`);
    return [];
  }
  for (const stranger of strangersTo(given, [workload])) tell(stranger);
  return [scenarioOf({ workload, chosen, ...around })];
}

/** What is common, without what the scenario says in another way: its course is a rate and a time, or stages. */
function besides(given: readonly GivenSetting[], common: readonly GivenSetting[]): readonly GivenSetting[] {
  const says = (name: OptionName) => given.some(({ setting }) => setting === name);
  const isSaidOtherwise = ({ setting }: GivenSetting) =>
    (says("stage") && (setting === "rate" || setting === "duration")) ||
    (setting === "stage" && (says("rate") || says("duration"))) ||
    (setting === "duration" && says("msgs")) ||
    (setting === "msgs" && says("duration"));
  return common.filter((one) => !isSaidOtherwise(one));
}

function workloadAmong(given: readonly GivenSetting[]): string | undefined {
  const text = given.find(({ setting }) => setting === "workload")?.text;
  return text !== undefined && WORKLOAD_NAMES.includes(text) ? text : undefined;
}

function readFile(path: string): Uint8Array | InvalidValue {
  try {
    return readFileSync(path);
  } catch (error) {
    return new InvalidValue(`names ${quote(path)}, which ${fileProblem(error)}`);
  }
}

function sameNames(scenarios: readonly Scenario[], tell: (problem: string) => void): void {
  const names = scenarios.map(({ name }) => name);
  for (const name of new Set(names.filter((one, i) => names.indexOf(one) < i))) {
    tell(`several scenarios have the name ${JSON.stringify(name)}: give each its own under "name"`);
  }
}

/** A stream, or bucket, that one run makes cannot be made by another one beside it. */
function sameStreams(scenarios: readonly Scenario[], tell: (problem: string) => void): void {
  const made = scenarios.flatMap((scenario) => {
    const { name, stream, bucket } = scenario;
    if (!(stream ?? bucket)?.create) return [];
    return [{ name, store: `stream ${streamNameOf(scenario)}` }];
  });
  for (const [store, makers] of Map.groupBy(made, (one) => one.store)) {
    if (makers.length < 2) continue;
    const names = makers.map(({ name }) => name).join(" and ");
    tell(`scenarios ${names} would each make ${store} at the same time: name another, or say order: in turn`);
  }
}

/** Who responds to what is published to a stream answers before it does. */
function strangeAnswers(scenarios: readonly Scenario[], tell: (problem: string) => void): void {
  const responding = scenarios.filter(({ workload }) => workloadOf(workload).roles.responder);
  const publishing = scenarios.filter(({ workload }) => appliesTo("dedup", workload));
  for (const one of responding) {
    for (const other of publishing) {
      if (!covers(wildcardOf(one.subject), wildcardOf(other.subject))) continue;
      tell(
        `scenario ${one.name} would answer what ${other.name} publishes on ${other.subject.base}: give each its own subject, or say order: in turn`,
      );
    }
  }
}
