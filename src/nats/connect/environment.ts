/** Reads connection settings from environment variables. An empty variable counts as not set. */
import { meant } from "../../input/problems.ts";
import { isServiceLink } from "../../input/service-link.ts";
import type { System } from "./files.ts";
import { type Given, type GivenRows, ROW_NAMES, type RowName, rowOf } from "./table.ts";

const PREFIX = "NATS_";
/** Shorter names are similar to too many others. */
const MIN_LENGTH_TO_GUESS = 4;

/** The texts, and a warning for each variable that is similar to a known one or is not used. */
export function gatherVariables(environment: System["environment"]): {
  given: GivenRows;
  warnings: string[];
} {
  const given: { [Name in RowName]?: Given } = {};
  const warnings: string[] = [];
  for (const name of ROW_NAMES) {
    const set = rowOf(name).variables.filter((variable) => environment[variable]);
    const [place, ...others] = set;
    if (place === undefined) continue;
    const text = environment[place] as string;
    given[name] = { place, text };
    for (const other of others) {
      if (environment[other] !== text) warnings.push(`${other} is not used because ${place} is set`);
    }
  }
  return { given, warnings: [...warnings, ...misspelt(environment)] };
}

function misspelt(environment: System["environment"]): string[] {
  const known = ROW_NAMES.flatMap((name) => rowOf(name).variables);
  return Object.entries(environment).flatMap(([variable, text = ""]) => {
    const end = variable.slice(PREFIX.length);
    if (!variable.startsWith(PREFIX) || text === "" || known.includes(variable)) return [];
    if (end.length < MIN_LENGTH_TO_GUESS || isServiceLink(variable, text)) return [];
    // Other programs have variables with that prefix, too: only similar names get a warning.
    const hint = meant(variable, known, PREFIX);
    return hint === "" ? [] : [`${variable} is not read${hint}`];
  });
}
