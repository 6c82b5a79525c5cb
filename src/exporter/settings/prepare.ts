/** Reads the files that the settings name, and reports all problems before anything runs. */

import { WebConfigProblems } from "../../http/web-config/config.ts";
import { loadWebConfig, type WebConfigSource } from "../../http/web-config/load.ts";
import { WatchedFiles } from "../../http/web-config/watched-files.ts";
import type { Target } from "../sources/target.ts";
import type { ResolvedSettings } from "./gather.ts";
import type { Settings } from "./settings.ts";
import { readTargets } from "./targets.ts";

/** Input of a command, which must not run if there are problems. */
interface Prepared {
  readonly settings: Settings;
  readonly targets: readonly Target[];
  /** Sentences. */
  readonly problems: readonly string[];
}

/** @param web TLS and users of natscope's own port from another source than `--web-config` */
export function prepare(
  { values: settings, placeOf, problems }: ResolvedSettings,
  web?: WebConfigSource,
): Prepared {
  const { targets, problems: targetProblems } = readTargets(settings);
  const sources: WebConfigSource[] = [];
  if (web) sources.push(web);
  if (settings.webConfig !== undefined) sources.push({ file: settings.webConfig });
  const all = [...problems, ...targetProblems, ...sources.flatMap(checkWebConfig)];
  if (sources.length > 1) {
    all.push(`${placeOf("webConfig")} excludes -tlscert and -http_user: expected one of them`);
  }
  return { settings, targets, problems: all };
}

/** Problems of a web configuration before natscope listens. The HTTP server reads the file itself afterwards. */
function checkWebConfig(source: WebConfigSource): readonly string[] {
  try {
    loadWebConfig(source, new WatchedFiles());
    return [];
  } catch (error) {
    if (!(error instanceof WebConfigProblems)) throw error;
    return "file" in source ? error.problems.map((problem) => inFile(source.file, problem)) : error.problems;
  }
}

/** The problem with the name of its file, unless it contains the name already. */
function inFile(file: string, problem: string): string {
  return problem.includes(` ${file} `) ? problem : `${file}: ${problem}`;
}
