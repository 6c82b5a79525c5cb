/** Settings in the environment: `NATSCOPE_LISTEN`. An empty variable is as good as none. */

import type { Gathered, GivenSetting } from "../../input/given.ts";
import { isServiceLink } from "../../input/service-link.ts";
import { didYouMean, enumerate } from "../../text/wording.ts";
import { SETTING_NAMES, variableOf } from "./settings.ts";

export function gatherEnvironment(environment: Readonly<Record<string, string | undefined>>): Gathered {
  const settings = new Map(SETTING_NAMES.map((name) => [variableOf(name), name]));
  const given: GivenSetting[] = [];
  const problems: string[] = [];
  for (const [variable, text = ""] of Object.entries(environment)) {
    if (!variable.startsWith("NATSCOPE_") || text === "") continue;
    const setting = settings.get(variable);
    if (setting) given.push({ setting, text, origin: { source: "environment", place: variable } });
    else if (!isServiceLink(variable, text)) {
      problems.push(unknownVariable(variable, [...settings.keys()]));
    }
  }
  return { given, problems };
}

function unknownVariable(variable: string, known: readonly string[]): string {
  // The common beginning would make everything near.
  const ends = known.map((name) => name.slice("NATSCOPE_".length));
  const near = didYouMean(variable.slice("NATSCOPE_".length), ends).replace("mean ", "mean NATSCOPE_");
  return `${variable} is not a setting${near || `: natscope knows ${enumerate(known)}`}`;
}
