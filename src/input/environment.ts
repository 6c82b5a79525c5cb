/** Options in the environment: `NATSCOPE_LISTEN`. An empty variable counts as not set. */
import { enumerate } from "../text/wording.ts";
import type { Gathered, GivenOption } from "./given.ts";
import { isFrom, type OptionRows, variableOf } from "./option.ts";
import { unknown } from "./problems.ts";
import { isServiceLink } from "./service-link.ts";

const PREFIX = "NATSCOPE_";

/** Options of `rows`, and a problem for each other variable that begins with `NATSCOPE_`. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  rows: OptionRows,
): Gathered {
  const options = new Map(
    Object.entries(rows)
      .filter(([, row]) => isFrom("environment", row))
      .map(([name]) => [variableOf(name), name]),
  );
  const given: GivenOption[] = [];
  const problems: string[] = [];
  for (const [variable, text = ""] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || text === "") continue;
    const option = options.get(variable);
    if (option) given.push({ option, text, origin: { source: "environment", place: variable } });
    else if (!isServiceLink(variable, text)) {
      const known = [...options.keys()];
      const otherwise = `: expected ${enumerate(known)}`;
      problems.push(unknown({ written: variable, what: "a setting", known, prefix: PREFIX, otherwise }));
    }
  }
  return { given, problems };
}
