/**
 * A mapping of a YAML file, read by one row per key: how its value is read, and its default. Collects a problem for each
 * invalid entry; no problem shows a secret.
 */
import { InvalidValue } from "../../input/invalid-value.ts";
import { invalid, meant, unknown } from "../../input/problems.ts";
import { enumerate } from "../../text/wording.ts";

/** A key of a mapping. */
interface Key<Value> {
  readonly read: (value: unknown) => Read<Value>;
  /** Value if the key is missing or invalid. */
  readonly default?: Value;
}

/** A key that always has a value. */
interface KeyWithDefault<Value> extends Key<Value> {
  readonly default: Value;
}

/** A value, or all problems with it. */
type Read<Value> = { readonly value: Value } | { readonly problems: readonly InvalidValue[] };

function wrong(...problems: readonly InvalidValue[]): Read<never> {
  return { problems };
}

/** A text; numbers and booleans count as texts, as in Go. */
export const text: Key<string> = {
  read: (value) =>
    typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? { value: String(value) }
      : wrong(new InvalidValue("is not a text: expected a text")),
};

/** A list of texts. */
export const texts: Key<readonly string[]> = {
  read: (value) =>
    Array.isArray(value) && value.every((element) => typeof element === "string")
      ? { value }
      : wrong(new InvalidValue("is invalid: expected a list of texts")),
};

/** A value that its caller checks. */
export const unchecked: Key<unknown> = { read: (value) => ({ value }) };

/** A boolean. */
export const trueOrFalse: Key<boolean> = {
  read: (value) =>
    typeof value === "boolean" ? { value } : wrong(new InvalidValue("is invalid: expected true or false")),
};

/** A text that names an entry of `choices`. */
export function oneOf<Choice>(
  choices: Readonly<Record<string, Choice>>,
  byDefault: Choice,
): KeyWithDefault<Choice> {
  return {
    read(value) {
      const name = text.read(value);
      return "problems" in name ? name : choose([name.value], choices, ([chosen]) => chosen as Choice);
    },
    default: byDefault,
  };
}

/** A list of texts that name entries of `choices`. */
export function someOf<Choice>(
  choices: Readonly<Record<string, Choice>>,
  byDefault: readonly Choice[],
): KeyWithDefault<readonly Choice[]> {
  return {
    read(value) {
      const names = texts.read(value);
      return "problems" in names ? names : choose(names.value, choices, (chosen) => chosen);
    },
    default: byDefault,
  };
}

function choose<Choice, Value>(
  names: readonly string[],
  choices: Readonly<Record<string, Choice>>,
  combine: (chosen: readonly Choice[]) => Value,
): Read<Value> {
  const known = Object.keys(choices);
  const unknowns = names.filter((name) => !known.includes(name));
  if (unknowns.length > 0) {
    return wrong(...unknowns.map((name) => invalid(name, `${enumerate(known)}${meant(name, known)}`)));
  }
  return { value: combine(names.map((name) => choices[name] as Choice)) };
}

type Keys = Readonly<Record<string, Key<unknown>>>;
/** Values by key; undefined without a value and a default. */
type Values<Rows extends Keys> = {
  readonly [Name in keyof Rows]: Rows[Name] extends KeyWithDefault<infer Value>
    ? Value
    : Rows[Name] extends Key<infer Value>
      ? Value | undefined
      : never;
};

/** A mapping that was read. */
export class Section<Rows extends Keys> {
  readonly values: Values<Rows>;
  /** Known keys with a value. As in Go, a key without a value counts as missing. */
  readonly present: readonly (keyof Rows & string)[];
  /** Path of the mapping followed by a dot; empty at the top of the file. */
  readonly #prefix: string;
  readonly #problems: string[];

  /**
   * @param path of the mapping: `tls_server_config`; empty at the top of the file
   * @param problems receives a sentence for each problem, without a full stop
   */
  constructor(value: unknown, path: string, rows: Rows, problems: string[]) {
    this.#prefix = path === "" ? "" : `${path}.`;
    this.#problems = problems;
    const entries = entriesOf(value, path === "" ? "the file" : path, problems);
    const what = path === "" ? "a key of a web configuration" : `a key of ${path}`;
    const known = Object.keys(rows);
    for (const name of entries.keys()) {
      if (known.includes(name)) continue;
      const otherwise = `: expected ${enumerate(known)}`;
      problems.push(unknown({ written: `${this.#prefix}${name}`, name, what, known, otherwise }));
    }
    this.present = known.filter((name) => isSet(entries.get(name)));
    this.values = Object.fromEntries(
      known.map((name) => {
        const row = rows[name] as Key<unknown>;
        if (!isSet(entries.get(name))) return [name, row.default];
        const read = row.read(entries.get(name));
        if (!("problems" in read)) return [name, read.value];
        for (const problem of read.problems) this.problem(name, problem);
        return [name, row.default];
      }),
    ) as Values<Rows>;
  }

  has(key: keyof Rows & string): boolean {
    return this.present.includes(key);
  }

  /** @param why the rest of a sentence that begins with the key */
  problem(key: string, why: string | InvalidValue): undefined {
    const rest = why instanceof InvalidValue ? why.why : why;
    this.#problems.push(`${this.#prefix}${key} ${rest}`);
    return undefined;
  }
}

/** The entries of a mapping; empty, with a problem, if the value is another type. */
export function entriesOf(value: unknown, place: string, problems: string[]): ReadonlyMap<string, unknown> {
  if (value === undefined || value === null) return new Map();
  if (typeof value === "object" && !Array.isArray(value)) return new Map(Object.entries(value));
  problems.push(`${place} is not a mapping: expected keys with values`);
  return new Map();
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== "";
