/** From settings to what a command runs on: reads every file that the settings name, and says all that is wrong. */

import { WebConfigProblems } from "../../http/web-config/config.ts";
import { loadWebConfig, type WebConfigSource } from "../../http/web-config/load.ts";
import { WatchedFiles } from "../../http/web-config/watched-files.ts";
import type { Target } from "../sources/target.ts";
import type { Resolved } from "./resolve.ts";
import type { Settings } from "./settings.ts";
import { readTargets } from "./targets.ts";

/**
 * What a command runs on. Where there are problems, each a sentence, it must not run; the rest is what
 * could be read.
 */
export interface Prepared {
  readonly settings: Settings;
  readonly targets: readonly Target[];
  readonly problems: readonly string[];
}

/** @param web TLS and users of the own port from elsewhere than `--web-config` */
export function prepare({ settings, effective, problems }: Resolved, web?: WebConfigSource): Prepared {
  const { targets, problems: targetProblems } = readTargets(settings);
  const sources: WebConfigSource[] = [];
  if (web) sources.push(web);
  if (settings.webConfig !== undefined) sources.push({ file: settings.webConfig });
  const all = [...problems, ...targetProblems, ...sources.flatMap(checkWebConfig)];
  if (sources.length > 1) {
    const place = effective.webConfig[0]?.origin.place;
    all.push(`${place} and arguments for TLS or basic auth of the own port exclude each other`);
  }
  return { settings, targets, problems: all };
}

/** A look before anything listens; the sidecar reads it again for itself, and whenever it changes. */
function checkWebConfig(source: WebConfigSource): readonly string[] {
  try {
    loadWebConfig(source, new WatchedFiles());
    return [];
  } catch (error) {
    if (!(error instanceof WebConfigProblems)) throw error;
    return "file" in source ? error.problems.map((problem) => inFile(source.file, problem)) : error.problems;
  }
}

/** The problem with the name of its file; that the file cannot be read says its name already. */
function inFile(file: string, problem: string): string {
  return problem.includes(` ${file} `) ? problem : `${file}: ${problem}`;
}
