/** From texts to values: the first source that gives an option wins, and every problem is reported. Pure. */
import type { Given, GivenOption, Origin } from "./given.ts";
import { InvalidValue } from "./invalid-value.ts";
import { defaultsOf, flagOf, type Option, type OptionRows, type ValuesOf } from "./option.ts";
import { repeated } from "./problems.ts";

/** Values of options, and where each came from. */
export interface Resolved<Rows extends OptionRows> {
  readonly values: ValuesOf<Rows>;
  /** Texts that each value was read from, defaults included; empty if an option has no value. */
  readonly effective: Readonly<Record<keyof Rows, readonly Given[]>>;
  /** Sentences. If there are any, `values` is good only for finding more problems. */
  readonly problems: readonly string[];
  /** Whether a source gives the option a value that could be read. */
  isGiven(name: keyof Rows): boolean;
  /** Place of the option, to begin a sentence with; its flag if it is not given. */
  placeOf(name: keyof Rows & string): string;
}

const BY_DEFAULT: Origin = { source: "default", place: "default" };

/**
 * @param layers texts by source, the source that wins first
 * @param decided values that win over every source
 */
export function resolve<Rows extends OptionRows>(
  rows: Rows,
  layers: readonly (readonly GivenOption[])[],
  decided: Partial<ValuesOf<Rows>> = {},
): Resolved<Rows> {
  const problems: string[] = [];
  const values: Record<string, unknown> = { ...decided };
  const effective: Record<string, readonly Given[]> = {};
  const readable = new Set<PropertyKey>();
  for (const [name, row] of Object.entries(rows)) {
    let isChosen = Object.hasOwn(decided, name);
    if (isChosen) effective[name] = [];
    for (const layer of layers) {
      const given = partsOf(
        row,
        layer.filter(({ option }) => option === name),
      );
      if (given.length === 0) continue;
      const { value, problems: found } = read(row, given);
      problems.push(...found);
      // A source that wins does not excuse mistakes in the others.
      if (isChosen) continue;
      isChosen = true;
      effective[name] = given;
      values[name] = value ?? row.default;
      if (found.length === 0) readable.add(name);
    }
    if (isChosen) continue;
    effective[name] = defaultsOf(row).map((value) => ({ origin: BY_DEFAULT, text: row.kind.format(value) }));
    values[name] = row.repeats ? defaultsOf(row) : row.default;
  }
  return {
    values: values as ValuesOf<Rows>,
    effective: effective as Record<keyof Rows, readonly Given[]>,
    problems,
    isGiven: (name) => readable.has(name),
    placeOf(name) {
      const origin = effective[name]?.[0]?.origin ?? BY_DEFAULT;
      return origin === BY_DEFAULT ? flagOf(name) : origin.place;
    },
  };
}

function partsOf({ split }: Option<unknown>, given: readonly Given[]): readonly Given[] {
  if (!split) return given;
  return given.flatMap((one) =>
    one.fields ? [one] : split(one.text, one.origin.source).map((text) => ({ ...one, text })),
  );
}

function read(
  { kind, repeats }: Option<unknown>,
  given: readonly Given[],
): { readonly value: unknown; readonly problems: readonly string[] } {
  const problems: string[] = [];
  if (!repeats && given.length > 1) problems.push(repeated((given[0] as Given).origin.place, given.length));
  const values = given.flatMap((one) => {
    const value = kind.parse(one);
    if (!(value instanceof InvalidValue)) return [value];
    problems.push(`${one.origin.place} ${value.why}`);
    return [];
  });
  return { value: repeats ? values : values[0], problems };
}
