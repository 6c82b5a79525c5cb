/** What the environment gives, by the table. An empty variable is as good as none. */
import { isServiceLink } from "../../input/service-link.ts";
import { didYouMean } from "../../text/wording.ts";
import type { Scene } from "./files.ts";
import { type Given, type GivenRows, ROW_NAMES, type RowName, rowOf } from "./table.ts";

const PREFIX = "NATS_";
/** Shorter names are near to everything. */
const LEAST_LENGTH_TO_GUESS = 4;

/** The texts, and a warning for each variable that has no effect though it looks as if it should. */
export function gatherVariables(environment: Scene["environment"]): { given: GivenRows; warnings: string[] } {
  const given: { [Name in RowName]?: Given } = {};
  const warnings: string[] = [];
  for (const name of ROW_NAMES) {
    const set = rowOf(name).variables.filter((variable) => environment[variable]);
    const [place, ...others] = set;
    if (place === undefined) continue;
    const text = environment[place] as string;
    given[name] = { place, text };
    for (const other of others) {
      if (environment[other] !== text) warnings.push(`${other} is not used, because ${place} is set`);
    }
  }
  return { given, warnings: [...warnings, ...misspelt(environment)] };
}

function misspelt(environment: Scene["environment"]): string[] {
  const known = ROW_NAMES.flatMap((name) => rowOf(name).variables);
  // The common beginning would make everything near.
  const ends = known.map((variable) => variable.slice(PREFIX.length));
  return Object.entries(environment).flatMap(([variable, text = ""]) => {
    const end = variable.slice(PREFIX.length);
    if (!variable.startsWith(PREFIX) || text === "" || known.includes(variable)) return [];
    if (end.length < LEAST_LENGTH_TO_GUESS || isServiceLink(variable, text)) return [];
    // Other programs have variables of that beginning too.
    const meant = didYouMean(end, ends).replace("mean ", `mean ${PREFIX}`);
    return meant === "" ? [] : [`${variable} is not read${meant}`];
  });
}
