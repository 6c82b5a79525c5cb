/** Settings from texts, for tests: those of a command line, an environment and a file. */
import * as yaml from "yaml";
import { readSettingFlags } from "../../../src/exporter/settings/command-line.ts";
import { type ResolvedSettings, resolveSettings, settingsIn } from "../../../src/exporter/settings/gather.ts";
import { SETTINGS, type Settings } from "../../../src/exporter/settings/settings.ts";
import { readEnvironment } from "../../../src/input/environment.ts";
import { YamlFile } from "../../../src/input/yaml-file.ts";

export interface Sources {
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Text of a file called natscope.yaml. */
  readonly file?: string;
}

export function settingsFrom(
  { flags = [], environment = {}, file = "" }: Sources,
  decided: Partial<Settings> = {},
): ResolvedSettings & { readonly settings: Settings } {
  const resolved = resolveSettings(
    [
      readSettingFlags("natscope serve", flags),
      readEnvironment(environment, SETTINGS),
      settingsIn(new YamlFile(file, "natscope.yaml", yaml)),
    ],
    decided,
  );
  return { ...resolved, settings: resolved.values };
}

export function problemsOf(sources: Sources): readonly string[] {
  return settingsFrom(sources).problems;
}
