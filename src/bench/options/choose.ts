/**
 * From what was given to values: of each option the first layer that gives it counts (flags, then a scenario's own
 * keys, then those at the top of its file), and everything that is wrong anywhere is told. Pure.
 */

import type { GivenSetting } from "../../input/given.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import { enumerate, quote } from "../../text/wording.ts";
import { WORKLOAD_NAMES } from "../workloads/workloads.ts";
import { appliesTo, flagOf, OPTION_NAMES, type OptionName, type OptionValues, optionOf } from "./options.ts";

/** Values, and where they were said. */
export interface Chosen {
  readonly values: OptionValues;
  /** How to find an option again, to begin a sentence with: its flag where nobody said it. */
  readonly placeOf: (option: OptionName) => string;
}

/** @param layers the first that gives an option wins @param tell is told each problem, a sentence */
export function choose(
  layers: readonly (readonly GivenSetting[])[],
  tell: (problem: string) => void,
): Chosen {
  const values: Record<string, unknown> = {};
  const places = new Map<OptionName, string>();
  for (const name of OPTION_NAMES) {
    const given = layers.map((layer) => layer.filter(({ setting }) => setting === name));
    const chosen = given.find((layer) => layer.length > 0);
    if (!chosen) continue;
    places.set(name, chosen[0]?.origin.place as string);
    const value = readValue(name, chosen, tell);
    if (value !== undefined) values[name] = value;
  }
  return { values: values as OptionValues, placeOf: (name) => places.get(name) ?? flagOf(name) };
}

function readValue(
  name: OptionName,
  given: readonly GivenSetting[],
  tell: (problem: string) => void,
): unknown {
  const { kind, repeats } = optionOf(name);
  const [first, ...others] = given;
  if (!repeats && others.length > 0) {
    const texts = given.map(({ text }) => quote(text)).join(" and ");
    tell(`${first?.origin.place} is given more than once, ${texts}, but takes one value`);
  }
  const values = given.flatMap((one) => {
    const value = kind.parse(one);
    if (!(value instanceof InvalidValue)) return [value];
    tell(`${one.origin.place} ${value.why}`);
    return [];
  });
  // What is wrong is not there, so that it does not seem to contradict something, too.
  return repeats ? values : values[0];
}

/** A sentence for each option that none of the workloads has. */
export function strangersTo(given: readonly GivenSetting[], workloads: readonly string[]): readonly string[] {
  return given.flatMap(({ setting, origin }) => {
    const name = setting as OptionName;
    if (workloads.some((workload) => appliesTo(name, workload))) return [];
    const owners = WORKLOAD_NAMES.filter((workload) => appliesTo(name, workload));
    return [`${origin.place} is not for ${enumerate([...new Set(workloads)])}, but for ${enumerate(owners)}`];
  });
}
