/**
 * A file of scenarios:
 *
 *     order: in turn                   # or together
 *     duration: 30s                    # for every scenario that does not set it
 *     scenarios:
 *       - { name: quiet, workload: request, rate: 500 }
 *       - { name: busy, workload: request, stages: [500..5000/20s, 5000/10s] }
 *     thresholds: ["quiet/response.p99<5ms", "lost==0"]
 *
 * Keys are the names of options with underscores. A repeatable option is a list with a plural name.
 */
import type { GivenOption } from "../../input/given.ts";
import { openYamlFile, vocabularyOf, type YamlFile } from "../../input/yaml-file.ts";
import { OPTIONS } from "./options.ts";

/** Content of a file. */
interface BenchmarkFile {
  /** Options of each scenario. */
  readonly scenarios: readonly ScenarioEntry[];
  /** Options outside the list: those of the run, and defaults of all scenarios. */
  readonly common: readonly GivenOption[];
  /** Sentences. */
  readonly problems: readonly string[];
}

/** An entry of the list. */
export interface ScenarioEntry {
  readonly given: readonly GivenOption[];
  /** Place of the entry, to begin a sentence with. */
  readonly place: string;
}

/** Each scenario needs connections of its own. */
const MAX_SCENARIOS = 100;
const LIST = "scenarios";
const COMMON = vocabularyOf(OPTIONS, "an option", (_, name) => name !== "name");
const OWN = vocabularyOf(OPTIONS, "an option of a scenario", (_, name) => {
  return OPTIONS[name as keyof typeof OPTIONS].scope === "scenario";
});

/** Never rejects: a file that cannot be read is a problem. */
export async function readBenchmarkFile(path: string): Promise<BenchmarkFile> {
  const file = await openYamlFile(path, "natscope bench run");
  return typeof file === "string" ? { scenarios: [], common: [], problems: [file] } : read(file, path);
}

function read(file: YamlFile, path: string): BenchmarkFile {
  const entries = file.entries("scenarios: and a list");
  const list = entries.find(({ key }) => key === LIST);
  const common = file.options(
    entries.filter(({ key }) => key !== LIST),
    COMMON,
  );
  const scenarios = (list ? file.mappings(list) : []).map(
    (mapping, at): ScenarioEntry => ({
      given: file.options(mapping, OWN),
      place: mapping[0]?.place ?? `${path} scenario ${at + 1}`,
    }),
  );
  if (!list && file.problems.length === 0) {
    file.problems.push(`${path} has no scenarios: expected a list under "${LIST}", each with its workload`);
  }
  if (scenarios.length > MAX_SCENARIOS) {
    file.problems.push(`${path} has ${scenarios.length} scenarios: expected up to ${MAX_SCENARIOS}`);
  }
  return { scenarios, common, problems: file.problems };
}
