/**
 * A YAML file as its author wrote it: mappings from keys to values or lists of values, each kept as text with its
 * line, and every problem at once. Which keys there may be is the reader's to say.
 */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from "yaml";
import { didYouMean, enumerate, quote } from "../text/wording.ts";
import { fileProblem } from "./file-problem.ts";
import type { Given, GivenSetting, Origin } from "./given.ts";

type Yaml = typeof import("yaml");

/** A key that a mapping may have. */
export interface KnownKey {
  /** Of the setting that it gives. */
  readonly setting: string;
  /** Whether a text names a file, relative to this one; of a mapping, the text under a key. */
  readonly isPath: (key: string) => boolean;
}

/** Keys of a mapping, and what one of them is called in a sentence: `a setting`. */
export interface Vocabulary {
  readonly keys: ReadonlyMap<string, KnownKey>;
  readonly one: string;
}

/** A key with what stands under it, where the reader has other things to do with that than to take it as text. */
export interface Entry {
  readonly key: string;
  readonly node: Node | null;
  /** Of the key. */
  readonly place: string;
}

/**
 * Reads the file that something at `place` names. The parser is loaded only where there is a file: it is the
 * largest part of what this room needs.
 * @returns a sentence where it cannot be read
 */
export async function openYamlFile(path: string, place: string): Promise<YamlFile | string> {
  try {
    return new YamlFile(await readFile(path, "utf8"), path, await import("yaml"));
  } catch (error) {
    return `${place} names ${path}, which ${fileProblem(error)}`;
  }
}

/** One reading of one file. */
export class YamlFile {
  /** Sentences, as far as it has been read. */
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

  /** Entries of the whole file; none where it is empty (only comments), or no mapping, which is a problem. */
  entries(example: string): readonly Entry[] {
    const root = this.#document.contents as Node | null;
    if (this.problems.length > 0 || root === null || (this.#yaml.isScalar(root) && root.value === null)) {
      return [];
    }
    if (this.#yaml.isMap(root)) return this.#entriesOf(root);
    this.problems.push(`${this.#path}:1 must be a mapping ${example}`);
    return [];
  }

  /** Entries of each mapping in a list. */
  mappings({ key, node, place }: Entry): readonly (readonly Entry[])[] {
    const list = this.#resolved(node);
    if (!this.#yaml.isSeq(list) || list.items.length === 0) {
      this.problems.push(`${place} must be a list of mappings`);
      return [];
    }
    return (list.items as (Node | null)[]).flatMap((item) => {
      const mapping = this.#resolved(item);
      if (this.#yaml.isMap(mapping)) return [this.#entriesOf(mapping)];
      this.problems.push(`${this.#origin(item ?? (list as Node), key).place} must be a mapping`);
      return [];
    });
  }

  /** What entries give; a key that is not among those known is a problem. */
  settings(entries: readonly Entry[], { keys, one }: Vocabulary): readonly GivenSetting[] {
    return entries.flatMap(({ key, node, place }) => {
      const known = keys.get(key);
      if (known) return this.#settings(known, key, node, place);
      const names = [...keys.keys()];
      const near = didYouMean(key, names);
      const line = place.slice(0, place.lastIndexOf(" "));
      this.problems.push(`${line} ${quote(key)} is not ${one}${near || `: a file has ${enumerate(names)}`}`);
      return [];
    });
  }

  #settings({ setting, isPath }: KnownKey, key: string, node: Node | null, place: string): GivenSetting[] {
    const value = this.#resolved(node);
    const items = this.#yaml.isSeq(value) ? (value.items as (Node | null)[]) : [value];
    return items.flatMap((item) => {
      const origin = item ? this.#origin(item, key) : ({ source: "file", place } as const);
      const given = this.#value(item, origin, isPath);
      return given ? [{ setting, ...given }] : [];
    });
  }

  /** The value with its place; undefined after telling what is wrong with it. */
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
    // Files are named as seen from the file that names them, wherever natscope is started.
    if (text !== undefined) return { origin, text: isPath ? resolve(dirname(this.#path), text) : text };
    const what = this.#yaml.isMap(node)
      ? "is a mapping"
      : this.#yaml.isSeq(node)
        ? "is a list"
        : "has no value";
    this.problems.push(`${origin.place} ${what}, but must be one value`);
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

  /** A scalar as it was written, so that 0700, 1e3 or yes stay what they are. */
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

/** The parser quotes the text it stumbles over after a colon, and that may be a password. */
function withoutQuotation(message: string): string {
  return (message.split(/:\s/, 1)[0] as string).trim();
}
