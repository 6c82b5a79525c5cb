/** Reads a mapping of a YAML file key by key. Collects a problem for each invalid entry; no problem shows a secret. */
import { InvalidValue } from "../../input/invalid-value.ts";
import { invalid, meant, unknown } from "../../input/problems.ts";
import { enumerate } from "../../text/wording.ts";

export class Section {
  /** Path of the mapping followed by a dot; empty at the top of the file. */
  readonly #prefix: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #problems: string[];

  /**
   * @param path of the mapping: `tls_server_config`; empty at the top of the file
   * @param keys the known keys; undefined if any key is valid
   * @param problems receives a sentence for each problem, without a full stop
   */
  constructor(value: unknown, path: string, keys: readonly string[] | undefined, problems: string[]) {
    this.#prefix = path === "" ? "" : `${path}.`;
    this.#problems = problems;
    const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isMapping && value !== undefined && value !== null) {
      problems.push(`${path === "" ? "the file" : path} is not a mapping: expected keys with values`);
    }
    // As in Go, a key without a value counts as missing.
    this.#values = new Map(
      isMapping ? Object.entries(value).filter(([, held]) => held !== null && held !== "") : [],
    );
    if (!keys) return;
    const what = path === "" ? "a key of a web configuration" : `a key of ${path}`;
    for (const name of isMapping ? Object.keys(value) : []) {
      if (keys.includes(name)) continue;
      const otherwise = `: expected ${enumerate(keys)}`;
      problems.push(unknown({ written: `${this.#prefix}${name}`, name, what, known: keys, otherwise }));
    }
  }

  get keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** The value, unchecked. */
  get(key: string): unknown {
    return this.#values.get(key);
  }

  text(key: string): string | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.problem(key, "is not a text: expected a text");
  }

  boolean(key: string): boolean | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.problem(key, "is invalid: expected true or false");
  }

  /** A list of texts. */
  texts(key: string): string[] | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((element) => typeof element === "string")) return value;
    return this.problem(key, "is invalid: expected a list of texts");
  }

  /** The entry of `choices` under the text. */
  choice<Choice>(key: string, choices: Readonly<Record<string, Choice>>): Choice | undefined {
    const value = this.text(key);
    return value === undefined ? undefined : this.#choose(key, value, choices);
  }

  /** The entries of `choices` under the texts of the list. */
  choices<Choice>(key: string, choices: Readonly<Record<string, Choice>>): Choice[] | undefined {
    return this.texts(key)?.flatMap((value) => this.#choose(key, value, choices) ?? []);
  }

  /** @param why the rest of a sentence that begins with the key */
  problem(key: string, why: string | InvalidValue): undefined {
    const text = why instanceof InvalidValue ? why.why : why;
    this.#problems.push(`${this.#prefix}${key} ${text}`);
    return undefined;
  }

  #choose<Choice>(key: string, value: string, choices: Readonly<Record<string, Choice>>): Choice | undefined {
    if (Object.hasOwn(choices, value)) return choices[value];
    const names = Object.keys(choices);
    return this.problem(key, invalid(value, `${enumerate(names)}${meant(value, names)}`));
  }
}
