/** Reads a mapping of a YAML file key by key. Every problem becomes a sentence; no secret gets into one. */
import { nearest } from "../../text/nearest.ts";

export class Section {
  /** Where the mapping stands, with a dot behind it, or empty at the top. */
  readonly #prefix: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #problems: string[];

  /**
   * @param keys the keys that may be there; each other one is a problem. Any, where absent
   * @param problems where sentences go
   */
  constructor(value: unknown, path: string, keys: readonly string[] | undefined, problems: string[]) {
    this.#prefix = path === "" ? "" : `${path}.`;
    this.#problems = problems;
    const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isMapping && value !== undefined && value !== null) {
      problems.push(`${path === "" ? "The file" : `\`${path}\``} must be a mapping of keys to values.`);
    }
    // A key without a value is a key that is not there, as in Go.
    this.#values = new Map(
      isMapping ? Object.entries(value).filter(([, held]) => held !== null && held !== "") : [],
    );
    if (!keys) return;
    for (const key of isMapping ? Object.keys(value) : []) {
      if (keys.includes(key)) continue;
      const meant = nearest(key, keys);
      const hint = meant === undefined ? "" : `; did you mean \`${meant}\``;
      problems.push(`\`${this.#prefix}${key}\` is not known${hint}: allowed are ${keys.join(", ")}.`);
    }
  }

  get keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** The value as it is. */
  get(key: string): unknown {
    return this.#values.get(key);
  }

  text(key: string): string | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.problem(key, "must be text");
  }

  boolean(key: string): boolean | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.problem(key, "must be true or false");
  }

  /** A list of texts. */
  texts(key: string): string[] | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((element) => typeof element === "string")) return value;
    return this.problem(key, "must be a list of texts");
  }

  /** The entry of `choices` under the text, or under each text of the list. */
  choice<Choice>(key: string, choices: Readonly<Record<string, Choice>>): Choice | undefined {
    const value = this.text(key);
    return value === undefined ? undefined : this.#choose(key, value, choices);
  }

  choices<Choice>(key: string, choices: Readonly<Record<string, Choice>>): Choice[] | undefined {
    return this.texts(key)?.flatMap((value) => this.#choose(key, value, choices) ?? []);
  }

  problem(key: string, isWrong: string): undefined {
    this.#problems.push(`\`${this.#prefix}${key}\` ${isWrong}.`);
    return undefined;
  }

  #choose<Choice>(key: string, value: string, choices: Readonly<Record<string, Choice>>): Choice | undefined {
    if (Object.hasOwn(choices, value)) return choices[value];
    const names = Object.keys(choices);
    const meant = nearest(value, names);
    const hint = meant === undefined ? "" : `; did you mean ${meant}`;
    return this.problem(key, `cannot be ${JSON.stringify(value)}${hint}: allowed are ${names.join(", ")}`);
  }
}
