/**
 * Settings in a YAML file: a mapping from names to values or lists of values, each kept with its line.
 * The parser is loaded only where there is a file: it is the largest part of what this room needs.
 */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Document, LineCounter, Node, Pair, Scalar } from "yaml";
import { fileProblem } from "../base/file-problem.ts";
import { didYouMean, enumerate, quote } from "../base/wording.ts";
import type { Gathered, Given, GivenSetting, Origin } from "./given.ts";
import { keyOf, SETTING_NAMES, settingOf } from "./settings.ts";

type Yaml = typeof import("yaml");

/** Settings of the file named by a setting at `place`. Never rejects: a file that cannot be read is a problem. */
export async function gatherConfigFile(path: string, place: string): Promise<Gathered> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    return { given: [], problems: [`${place} names ${path}, which ${fileProblem(error)}`] };
  }
  return gatherYaml(text, path, await import("yaml"));
}

/** Settings in the text of a file called `path`. */
export function gatherYaml(text: string, path: string, yaml: Yaml): Gathered {
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return `${path}:${line}:${col} is not YAML: ${withoutQuotation(message)}`;
    });
    return { given: [], problems };
  }
  return new Reading(yaml, path, lines, document).gather();
}

/** One reading of one file. */
class Reading {
  readonly #yaml: Yaml;
  readonly #path: string;
  readonly #lines: LineCounter;
  readonly #document: Document;
  readonly #given: GivenSetting[] = [];
  readonly #problems: string[] = [];

  constructor(yaml: Yaml, path: string, lines: LineCounter, document: Document) {
    this.#yaml = yaml;
    this.#path = path;
    this.#lines = lines;
    this.#document = document;
  }

  gather(): Gathered {
    const root = this.#document.contents as Node | null;
    // A file without a single setting (only comments) is a fine file.
    if (root === null || (this.#yaml.isScalar(root) && root.value === null))
      return { given: [], problems: [] };
    if (!this.#yaml.isMap(root)) {
      return {
        given: [],
        problems: [`${this.#path}:1 must be a mapping of settings, such as listen: ":7777"`],
      };
    }
    for (const pair of root.items) this.#setting(pair as Pair<Node, Node | null>);
    return { given: this.#given, problems: this.#problems };
  }

  #setting({ key, value }: Pair<Node, Node | null>): void {
    const allowed = SETTING_NAMES.filter((name) => !settingOf(name).notInFile);
    const text = this.#text(key) ?? "";
    const name = allowed.find((one) => keyOf(one) === text);
    if (!name) {
      const keys = allowed.map(keyOf);
      const near = didYouMean(text, keys);
      const place = `${this.#path}:${this.#line(key)}`;
      this.#problems.push(
        `${place} ${quote(text)} is not a setting${near || `: a file has ${enumerate(keys)}`}`,
      );
      return;
    }
    const node = this.#resolved(value);
    const items = this.#yaml.isSeq(node) ? (node.items as (Node | null)[]) : [node];
    for (const item of items) {
      const given = this.#value(item, this.#origin(item ?? key, text), settingOf(name).isPath);
      if (given) this.#given.push({ setting: name, ...given });
    }
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
    this.#problems.push(`${origin.place} ${what}, but must be one value`);
    return undefined;
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

  #line(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line;
  }

  #origin(node: Node, key: string): Origin {
    return { source: "file", place: `${this.#path}:${this.#line(node)} ${key}` };
  }
}

/** The parser quotes the text it stumbles over after a colon, and that may be a password. */
function withoutQuotation(message: string): string {
  return (message.split(/:\s/, 1)[0] as string).trim();
}
