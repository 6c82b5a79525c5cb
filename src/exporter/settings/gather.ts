/** Settings from everywhere: the command line and the environment first, for they may name the file. */

import type { Gathered } from "../../input/given.ts";
import { gatherConfigFile } from "./config-file.ts";
import { gatherEnvironment } from "./environment.ts";
import { type Resolved, resolve } from "./resolve.ts";
import type { Settings } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Never rejects; what is wrong anywhere is among the problems. */
export async function gatherSettings(
  argv: Gathered,
  environment: Environment,
  decided: Partial<Settings> = {},
): Promise<Resolved> {
  const variables = gatherEnvironment(environment);
  const named = [...argv.given, ...variables.given].find(({ setting }) => setting === "config");
  const file = named ? await gatherConfigFile(named.text, named.origin.place) : { given: [], problems: [] };
  const resolved = resolve([...argv.given, ...variables.given, ...file.given], decided);
  return {
    ...resolved,
    problems: [...argv.problems, ...variables.problems, ...file.problems, ...resolved.problems],
  };
}
