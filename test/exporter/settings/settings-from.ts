/** Settings from texts, for tests: what a command line, an environment and a file would give. */
import * as yaml from "yaml";
import { readArguments } from "../../../src/cli/arguments.ts";
import { gatherYaml } from "../../../src/exporter/settings/config-file.ts";
import { gatherEnvironment } from "../../../src/exporter/settings/environment.ts";
import { type Resolved, resolve } from "../../../src/exporter/settings/resolve.ts";
import type { Gathered } from "../../../src/input/given.ts";

export interface Sources {
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Text of a file called natscope.yaml. */
  readonly file?: string;
}

export function gathered({ flags = [], environment = {}, file = "" }: Sources): Gathered[] {
  return [flagsOf(flags), gatherEnvironment(environment), gatherYaml(file, "natscope.yaml", yaml)];
}

export function settingsFrom(sources: Sources): Resolved {
  const parts = gathered(sources);
  const resolved = resolve(parts.flatMap(({ given }) => given));
  return { ...resolved, problems: [...parts.flatMap(({ problems }) => problems), ...resolved.problems] };
}

export function problemsOf(sources: Sources): readonly string[] {
  return settingsFrom(sources).problems;
}

function flagsOf(flags: readonly string[]): Gathered {
  const invocation = readArguments(["serve", ...flags], "1.2.3");
  if (invocation.command !== "serve") throw new Error(`these are no flags of serve: ${flags.join(" ")}`);
  return invocation;
}
