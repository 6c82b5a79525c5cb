/**
 * natscli's contexts: JSON files with connection settings (`~/.config/nats/context/NAME.json`), one of which may be
 * selected (`~/.config/nats/context.txt`). Read only. Unknown keys and keys for other purposes (description, colours)
 * are ignored.
 */
import { basename, join } from "node:path";
import { InvalidValue } from "../../input/invalid-value.ts";
import { meant } from "../../input/problems.ts";
import { readText, type System } from "./files.ts";
import { type Given, type GivenRows, ROW_NAMES, type RowName, rowOf } from "./table.ts";

/** A context that exists. */
export interface Context {
  readonly name: string;
  readonly path: string;
}

/** The settings of a context, and a sentence for each invalid entry. */
export interface ReadContext {
  readonly context?: Context;
  readonly given: GivenRows;
  readonly problems: readonly string[];
}

const NO_CONTEXT: ReadContext = { given: {}, problems: [] };

/** Reads a context by its name or its `.json` file. */
export function readContext(asked: Given, system: System): ReadContext {
  const path = asked.text.endsWith(".json") ? asked.text : undefined;
  if (path !== undefined && !(readText(path, system) instanceof InvalidValue)) {
    return parseContext({ name: basename(path, ".json"), path }, system);
  }
  const directory = join(contextRoot(system), "context");
  const names = contextNames(directory, system);
  if (names.includes(asked.text)) {
    return parseContext({ name: asked.text, path: join(directory, `${asked.text}.json`) }, system);
  }
  const known = names.length === 0 ? "which has none" : names.join(", ");
  const problem = `${asked.place} is ${JSON.stringify(asked.text)}: expected a context in ${directory} (${known})`;
  return { given: {}, problems: [problem + meant(asked.text, names)] };
}

/** Reads the context that `nats context select` has selected, if any. */
export function readSelectedContext(system: System): ReadContext {
  const place = join(contextRoot(system), "context.txt");
  const text = readText(place, system);
  const name = text instanceof InvalidValue ? "" : text.trim();
  return name === "" ? NO_CONTEXT : readContext({ place, text: name }, system);
}

function contextRoot({ environment, files }: System): string {
  return join(environment.XDG_CONFIG_HOME || join(files.home, ".config"), "nats");
}

function contextNames(directory: string, { files }: System): string[] {
  const names = files.names(directory).filter((name) => name.endsWith(".json"));
  return names.map((name) => basename(name, ".json")).toSorted();
}

function parseContext(context: Context, system: System): ReadContext {
  const text = readText(context.path, system);
  const fail = (why: string) => ({ context, given: {}, problems: [`context ${context.name} ${why}`] });
  if (text instanceof InvalidValue) return fail(text.why);
  const fields = parseObject(text);
  if (!fields) return fail(`(${context.path}) is invalid: expected a JSON object`);
  const given: { [Name in RowName]?: Given } = {};
  const problems: string[] = [];
  for (const name of ROW_NAMES) {
    const key = rowOf(name).contextKey;
    const value = key === undefined ? undefined : fields[key];
    if (value === undefined || value === null || value === "" || value === false) continue;
    const place = `${key} of context ${context.name}`;
    if (typeof value === "string") given[name] = { place, text: value };
    else if (value === true && name === "handshakeFirst") given[name] = { place, text: "true" };
    else
      problems.push(
        `${place} (${context.path}) is invalid: expected ${name === "handshakeFirst" ? "true or false" : "text"}`,
      );
  }
  return { context, given, problems };
}

/** Undefined if the text is not a JSON object. The message of V8 is dropped: it quotes the text. */
function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
