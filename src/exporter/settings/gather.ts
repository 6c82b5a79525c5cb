/** Settings from all sources. Command line and environment come first: they can name the file. */
import { readEnvironment } from "../../input/environment.ts";
import { type Gathered, type GivenOption, SOURCES } from "../../input/given.ts";
import { type Resolved, resolve } from "../../input/resolve.ts";
import { openYamlFile, vocabularyOf, type YamlFile } from "../../input/yaml-file.ts";
import { contradictions } from "./contradictions.ts";
import { SETTINGS, type Settings } from "./settings.ts";

/** Settings with their sources, and all problems. */
export type ResolvedSettings = Resolved<typeof SETTINGS>;

/**
 * Never rejects: everything that is wrong is among the problems.
 *
 * @param decided settings that win over every source: those of prometheus-nats-exporter's arguments
 */
export async function gatherSettings(
  argv: Gathered,
  environment: Readonly<Record<string, string | undefined>>,
  decided: Partial<Settings> = {},
): Promise<ResolvedSettings> {
  const variables = readEnvironment(environment, SETTINGS);
  const named = [...argv.given, ...variables.given].find(({ option }) => option === "config");
  const file = named ? await openYamlFile(named.text, named.origin.place) : undefined;
  const inFile =
    typeof file === "string" ? { given: [], problems: [file] } : file ? settingsIn(file) : NOTHING;
  return resolveSettings([argv, variables, inFile], decided);
}

const NOTHING: Gathered = { given: [], problems: [] };
const VOCABULARY = vocabularyOf(SETTINGS, "a setting");

/** Settings in a parsed file. */
export function settingsIn(file: YamlFile): Gathered {
  const given = file.options(file.entries('settings, such as listen: ":7777"'), VOCABULARY);
  return { given, problems: file.problems };
}

/** Settings of all that was gathered, whose order does not matter. */
export function resolveSettings(
  gathered: readonly Gathered[],
  decided: Partial<Settings> = {},
): ResolvedSettings {
  const given: readonly GivenOption[] = gathered.flatMap((one) => one.given);
  const layers = SOURCES.map((source) => given.filter(({ origin }) => origin.source === source));
  const resolved = resolve(SETTINGS, layers, decided);
  return {
    ...resolved,
    problems: [
      ...gathered.flatMap(({ problems }) => problems),
      ...resolved.problems,
      ...contradictions(resolved),
    ],
  };
}
