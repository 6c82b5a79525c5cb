/**
 * A file of scenarios:
 *
 *     order: in turn                   # or together
 *     duration: 30s                    # what stands here is every scenario's, if it does not say otherwise
 *     scenarios:
 *       - { name: quiet, workload: request, rate: 500 }
 *       - { name: busy, workload: request, stages: [500..5000/20s, 5000/10s] }
 *     thresholds: ["quiet/response.p99<5ms", "lost==0"]
 *
 * Keys are the options' names with underscores; what can be said several times is a list.
 */
import type { GivenSetting } from "../../input/given.ts";
import { openYamlFile, type YamlFile } from "../../input/yaml-file.ts";
import { keyOf, OPTION_NAMES, optionOf } from "./options.ts";

/** What a file gives. */
export interface BenchmarkFile {
  /** Of each scenario its own keys. */
  readonly scenarios: readonly ScenarioEntry[];
  /** What stands beside the list: of the run, or of every scenario. */
  readonly common: readonly GivenSetting[];
  /** Sentences. */
  readonly problems: readonly string[];
}

/** One entry of the list. */
export interface ScenarioEntry {
  readonly given: readonly GivenSetting[];
  /** Where it stands, to begin a sentence with. */
  readonly place: string;
}

/** Enough for a day's plan; each needs connections of its own. */
const MOST_SCENARIOS = 100;
const LIST = "scenarios";

/** Never rejects: a file that cannot be read is a problem. */
export async function gatherBenchmarkFile(path: string): Promise<BenchmarkFile> {
  const file = await openYamlFile(path, "natscope bench run");
  if (typeof file === "string") return { scenarios: [], common: [], problems: [file] };
  return gather(file, path);
}

function gather(file: YamlFile, path: string): BenchmarkFile {
  const entries = file.entries("scenarios: and a list");
  const list = entries.find(({ key }) => key === LIST);
  const common = file.settings(
    entries.filter(({ key }) => key !== LIST),
    vocabulary("an option", (name) => optionOf(name).only !== "flag" && name !== "name"),
  );
  const scenarios = (list ? file.mappings(list) : []).map((mapping, at): ScenarioEntry => {
    const own = vocabulary("an option of a scenario", (name) => optionOf(name).of === "scenario");
    return { given: file.settings(mapping, own), place: mapping[0]?.place ?? `${path} scenario ${at + 1}` };
  });
  if (!list && file.problems.length === 0) {
    file.problems.push(`${path} has no scenarios: list them under "${LIST}", each with its workload`);
  }
  if (scenarios.length > MOST_SCENARIOS) {
    file.problems.push(
      `${path} has ${scenarios.length} scenarios, but there may be ${MOST_SCENARIOS} at most`,
    );
  }
  return { scenarios, common, problems: file.problems };
}

function vocabulary(one: string, isAllowed: (name: (typeof OPTION_NAMES)[number]) => boolean) {
  return {
    one,
    keys: new Map(
      OPTION_NAMES.filter(isAllowed).map((name) => {
        const { isPath = () => false } = optionOf(name).kind;
        return [keyOf(name), { setting: name, isPath }];
      }),
    ),
  };
}
