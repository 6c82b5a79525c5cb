/**
 * natscli's contexts: JSON files with settings of a connection, each under a name
 * (`~/.config/nats/context/NAME.json`), one of them perhaps selected (`~/.config/nats/context.txt`).
 * Read only. Keys that do not concern a connection (description, colours) or that we do not know are passed over.
 */
import { basename, join } from "node:path";
import { InvalidValue } from "../../input/invalid-value.ts";
import { didYouMean } from "../../text/wording.ts";
import { readText, type Scene } from "./files.ts";
import { type Given, type GivenRows, ROW_NAMES, type RowName, rowOf } from "./table.ts";

/** A context that was found. */
export interface Context {
  readonly name: string;
  readonly path: string;
}

/** What a context gives, and a sentence for everything in it that cannot be. */
export interface ReadContext {
  readonly context?: Context;
  readonly given: GivenRows;
  readonly problems: readonly string[];
}

const NOTHING: ReadContext = { given: {}, problems: [] };

/** The context of that name, or in that file. */
export function readContext(asked: Given, scene: Scene): ReadContext {
  const path = asked.text.endsWith(".json") ? asked.text : undefined;
  if (path !== undefined && !(readText(path, scene) instanceof InvalidValue)) {
    return parseContext({ name: basename(path, ".json"), path }, scene);
  }
  const directory = join(contextRoot(scene), "context");
  const names = contextNames(directory, scene);
  if (names.includes(asked.text)) {
    return parseContext({ name: asked.text, path: join(directory, `${asked.text}.json`) }, scene);
  }
  const known = names.length === 0 ? ", which has none" : `: ${names.join(", ")}`;
  const why = `${asked.place} is ${JSON.stringify(asked.text)}, but must name a context in ${directory}${known}`;
  return { given: {}, problems: [why + didYouMean(asked.text, names)] };
}

/** The context that `nats context select` chose; nothing where none is chosen. */
export function readSelectedContext(scene: Scene): ReadContext {
  const place = join(contextRoot(scene), "context.txt");
  const text = readText(place, scene);
  const name = text instanceof InvalidValue ? "" : text.trim();
  return name === "" ? NOTHING : readContext({ place, text: name }, scene);
}

function contextRoot({ environment, files }: Scene): string {
  return join(environment.XDG_CONFIG_HOME || join(files.home, ".config"), "nats");
}

function contextNames(directory: string, { files }: Scene): string[] {
  const names = files.names(directory).filter((name) => name.endsWith(".json"));
  return names.map((name) => basename(name, ".json")).toSorted();
}

function parseContext(context: Context, scene: Scene): ReadContext {
  const text = readText(context.path, scene);
  const refuse = (why: string) => ({ context, given: {}, problems: [`context ${context.name} ${why}`] });
  if (text instanceof InvalidValue) return refuse(text.why);
  const fields = parseObject(text);
  if (!fields) return refuse(`(${context.path}) must be a JSON object`);
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
        `${place} (${context.path}) must be ${name === "handshakeFirst" ? "true or false" : "text"}`,
      );
  }
  return { context, given, problems };
}

/** Without saying what is wrong with other text: V8's message would show a piece of it. */
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
