/**
 * A YAML file as its author wrote it: mappings from keys to values or lists of values, each as text with its line,
 * and all problems together. The caller decides which keys there are.
 */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from "yaml";
import { enumerate, quote } from "../text/wording.ts";
import { fileProblem } from "./file-problem.ts";
import type { Given, GivenOption, Origin } from "./given.ts";
import { isFrom, keyOf, type Option, type OptionRows } from "./option.ts";
import { unknown } from "./problems.ts";

type Yaml = typeof import("yaml");

/** A key that a mapping may have. */
interface KnownKey {
  /** The option that it gives. */
  readonly option: string;
  /** Whether a text is the path of a file. In a mapping, `key` is the key of the text. */
  readonly isPath: (key: string) => boolean;
}

/** Keys of a mapping, and what one of them is called in an error: `a setting`. */
interface Vocabulary {
  readonly keys: ReadonlyMap<string, KnownKey>;
  readonly what: string;
}

/** Keys of the rows that a file can give. @param isAllowed false for a row that this mapping cannot have */
export function vocabularyOf(
  rows: OptionRows,
  what: string,
  isAllowed: (row: Option<unknown>, name: string) => boolean = () => true,
): Vocabulary {
  const allowed = Object.entries(rows).filter(([name, row]) => isFrom("file", row) && isAllowed(row, name));
  return {
    what,
    keys: new Map(
      allowed.map(([name, row]) => {
        const { isPath = () => false } = row.kind;
        return [keyOf(name, row), { option: name, isPath }];
      }),
    ),
  };
}

/** A key of a mapping with its value, for a caller that does not take the value as text. */
interface Entry {
  readonly key: string;
  readonly node: Node | null;
  /** Place of the key: `natscope.yaml:3 listen`. */
  readonly place: string;
}

/**
 * Reads the file that `place` names. Loads the parser only then: it is the largest part of this folder.
 * @returns a sentence if the file cannot be read
 */
export async function openYamlFile(path: string, place: string): Promise<YamlFile | string> {
  try {
    return new YamlFile(await readFile(path, "utf8"), path, await import("yaml"));
  } catch (error) {
    return `${place} names ${path}, which ${fileProblem(error)}`;
  }
}

/** A parsed file. */
export class YamlFile {
  /** Sentences about what has been read so far. */
  readonly problems: string[] = [];
  readonly #yaml: Yaml;
  readonly #path: string;
  readonly #lines: LineCounter;
  readonly #document: Document;

  /** @param text of a file called `path` */
  constructor(text: string, path: string, yaml: Yaml) {
    this.#yaml = yaml;
    this.#path = path;
    this.#lines = new yaml.LineCounter();
    this.#document = yaml.parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    for (const { message, pos } of this.#document.errors) {
      const { line, col } = this.#lines.linePos(pos[0]);
      this.problems.push(`${path}:${line}:${col} is not YAML: ${withoutQuotation(message)}`);
    }
  }

  /** Entries of the file; none if it is empty or has only comments. A file that is not a mapping is a problem. */
  entries(example: string): readonly Entry[] {
    const root = this.#document.contents as Node | null;
    if (this.problems.length > 0 || root === null || (this.#yaml.isScalar(root) && root.value === null)) {
      return [];
    }
    if (this.#yaml.isMap(root)) return this.#entriesOf(root);
    this.problems.push(`${this.#path}:1 is not a mapping: expected ${example}`);
    return [];
  }

  /** Entries of each mapping in a list. */
  mappings({ key, node, place }: Entry): readonly (readonly Entry[])[] {
    const list = this.#resolved(node);
    if (!this.#yaml.isSeq(list) || list.items.length === 0) {
      const what = this.#yaml.isSeq(list) ? "is empty" : "is not a list";
      this.problems.push(`${place} ${what}: expected a list of mappings`);
      return [];
    }
    return (list.items as (Node | null)[]).flatMap((item) => {
      const mapping = this.#resolved(item);
      if (this.#yaml.isMap(mapping)) return [this.#entriesOf(mapping)];
      this.problems.push(
        `${this.#origin(item ?? (list as Node), key).place} has an entry that is not a mapping: expected key: value`,
      );
      return [];
    });
  }

  /** Options that the entries give. An unknown key is a problem. */
  options(entries: readonly Entry[], { keys, what }: Vocabulary): readonly GivenOption[] {
    return entries.flatMap(({ key, node, place }) => {
      const known = keys.get(key);
      if (known) return this.#options(known, key, node, place);
      const names = [...keys.keys()];
      const line = place.slice(0, place.lastIndexOf(" "));
      const otherwise = `: expected ${enumerate(names)}`;
      this.problems.push(
        unknown({ written: `${line} ${quote(key)}`, name: key, what, known: names, otherwise }),
      );
      return [];
    });
  }

  #options({ option, isPath }: KnownKey, key: string, node: Node | null, place: string): GivenOption[] {
    const value = this.#resolved(node);
    const items = this.#yaml.isSeq(value) ? (value.items as (Node | null)[]) : [value];
    return items.flatMap((item) => {
      const origin = item ? this.#origin(item, key) : ({ source: "file", place } as const);
      const given = this.#value(item, origin, isPath);
      return given ? [{ option, ...given }] : [];
    });
  }

  /** The value with its place; undefined if it is a problem. */
  #value(node: Node | null, origin: Origin, isPath: (key: string) => boolean): Given | undefined {
    const value = this.#resolved(node);
    if (!this.#yaml.isMap(value)) return this.#scalar(value, origin, isPath(""));
    const keyOfMapping = origin.place.slice(origin.place.lastIndexOf(" ") + 1);
    const fields = new Map<string, Given>();
    for (const { key, value: inner } of value.items as Pair<Node, Node | null>[]) {
      const name = this.#text(key) ?? "";
      const place = this.#origin(key, `${keyOfMapping}.${name}`);
      const field = this.#scalar(this.#resolved(inner), place, isPath(name));
      if (!field) return undefined;
      fields.set(name, field);
    }
    return { origin, text: "", fields };
  }

  #scalar(node: Node | null, origin: Origin, isPath: boolean): Given | undefined {
    const text = this.#text(node);
    // A path is relative to the file that names it, not to the working directory.
    if (text !== undefined) return { origin, text: isPath ? resolve(dirname(this.#path), text) : text };
    const what = this.#yaml.isMap(node)
      ? "is a mapping"
      : this.#yaml.isSeq(node)
        ? "is a list"
        : "has no value";
    this.problems.push(`${origin.place} ${what}: expected one value`);
    return undefined;
  }

  #entriesOf(mapping: YAMLMap): readonly Entry[] {
    return (mapping.items as Pair<Node, Node | null>[]).map(({ key: node, value }) => {
      const key = this.#text(node) ?? "";
      return { key, node: value, place: this.#origin(node, key).place };
    });
  }

  #resolved(node: Node | null): Node | null {
    return this.#yaml.isAlias(node) ? ((node.resolve(this.#document) as Node | undefined) ?? null) : node;
  }

  /** A scalar as written, so that 0700, 1e3 and yes stay texts. */
  #text(node: unknown): string | undefined {
    if (!this.#yaml.isScalar(node) || node.value === null) return undefined;
    const { value, source } = node as Scalar;
    return typeof value === "string" ? value : (source ?? String(value));
  }

  #origin(node: Node, key: string): Origin {
    const { line } = this.#lines.linePos(node.range?.[0] ?? 0);
    return { source: "file", place: `${this.#path}:${line} ${key}` };
  }
}

/** The parser's message without what follows a colon: a quotation of the file, which may be a password. */
function withoutQuotation(message: string): string {
  return (message.split(/:\s/, 1)[0] as string).trim();
}
