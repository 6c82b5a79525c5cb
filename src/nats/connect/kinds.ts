/**
 * Kinds of values that only connection settings have. Some need the environment or files of the machine: a value may
 * be a reference to its text, and a file is checked at once, because a connection would fail much later.
 */
import { InvalidValue } from "../../input/invalid-value.ts";
import { type Kind as InputKind, textKind } from "../../input/kind.ts";
import { milliseconds } from "../../input/kinds.ts";
import { parseGoDuration } from "../../time/go-time.ts";
import {
  expandPath,
  isJwt,
  isUserSeed,
  type Material,
  materialOf,
  parseUserCredentials,
  parseUserSeed,
  secretOf,
  textOf,
} from "./credentials.ts";
import { readText, type System } from "./files.ts";
import { parseServers, type Servers } from "./servers.ts";

/** How the text of a connection setting is read. */
export type Kind<Value> = InputKind<Value, System>;

/** A kind whose values need nothing of the machine. */
export function plain<Value>({ parse, ...kind }: InputKind<Value>): Kind<Value> {
  return { ...kind, parse: (given) => parse(given) };
}

function systemKind<Value>(
  placeholder: string,
  parse: (text: string, system: System) => Value | InvalidValue,
): Kind<Value> {
  return { placeholder, parse: ({ text }, system) => parse(text, system), format: String };
}

/** A secret or a reference to one. No error shows the text. */
function secretKind(placeholder: string, expected: string, isOne: (text: string) => boolean): Kind<string> {
  return systemKind(placeholder, (text, system) => {
    const secret = secretOf(text, system);
    if (secret instanceof InvalidValue || isOne(secret)) return secret;
    return new InvalidValue(`is not valid (and not shown): expected ${expected}`);
  });
}

/** Secret text in a file or behind a reference. */
function materialKind(expected: string, isOne: (text: string) => boolean): Kind<Material> {
  return systemKind("FILE", (text, system) => {
    const material = materialOf(text, system);
    if (material instanceof InvalidValue) return material;
    const content = textOf(material, system);
    if (content instanceof InvalidValue) return content;
    if (isOne(content)) return material;
    const what =
      "file" in material ? `names ${JSON.stringify(material.file)}` : "is a reference to other text";
    return new InvalidValue(`${what}: expected ${expected}`);
  });
}

/** Path of a PEM file with at least one block of that name. */
function pemFile(block: string): Kind<string> {
  return systemKind("FILE", (text, system) => {
    const path = expandPath(text.replace(/^file:\/\//i, ""), system);
    if (path instanceof InvalidValue) return path;
    const content = readText(path, system);
    if (content instanceof InvalidValue) return content;
    if (new RegExp(`-----BEGIN [A-Z ]*${block}-----`).test(content)) return path;
    return new InvalidValue(`names ${JSON.stringify(path)}: expected a PEM file with a ${block}`);
  });
}

/** Path of a PEM file with certificates. */
export const certificateFile: Kind<string> = pemFile("CERTIFICATE");

/** Path of a PEM file with a private key. */
export const keyFile: Kind<string> = pemFile("PRIVATE KEY");

/** A list of servers. An error hides what may be credentials. */
export const servers: Kind<Servers> = systemKind("URL,...", parseServers);

/** Any secret text. */
export const secret = (placeholder: string): Kind<string> => secretKind(placeholder, "", () => true);

/** A user's JWT. */
export const jwt: Kind<string> = secretKind("JWT", "a JWT: three parts of Base64 with dots between", isJwt);

const SEED = "the seed of a user's nkey, which begins with SU";

/** The seed of a user's nkey. */
export const seed: Kind<string> = secretKind("SEED", SEED, isUserSeed);

/** A credentials file, or a reference to the content of one. */
export const credentials: Kind<Material> = materialKind(
  "the JWT and the seed of a user, in the form that nsc generate creds writes",
  (text) => parseUserCredentials(text) !== undefined,
);

/** A file with the seed of a user's nkey, or a reference to the content of one. */
export const nkey: Kind<Material> = materialKind(SEED, (text) => parseUserSeed(text) !== undefined);

/** Milliseconds from `min` to `max` (Go durations), given as a duration or as a number of milliseconds. */
export function numberOfMilliseconds(min: string, max: string): Kind<number> {
  const expected = `milliseconds, such as 250, or a duration with its unit, such as 250ms or 2s, from ${min} to ${max}`;
  const [from, to] = [parseGoDuration(min) as number, parseGoDuration(max) as number];
  return plain(
    textKind("MILLISECONDS", expected, (text) => {
      const seconds = parseGoDuration(/^\d+(?:\.\d+)?$/.test(text) ? `${text}ms` : text);
      return seconds !== undefined && seconds >= from && seconds <= to
        ? Math.round(seconds * 1000)
        : undefined;
    }),
  );
}

/** Whole milliseconds from `min` to `max`, given as a duration. As in natscli, a number without unit is an error. */
export function duration(min: string, max: string): Kind<number> {
  const kind = milliseconds(min, max, "250ms or 5s");
  return plain({
    ...kind,
    parse(given) {
      const value = kind.parse(given);
      return value instanceof InvalidValue ? value : Math.round(value);
    },
  });
}

/** A whole number, `min` or more. @param meaning of the minimum, if it has one of its own */
export function wholeNumberFrom(min: number, meaning = ""): Kind<number> {
  return plain(
    textKind("N", `a whole number from ${min}${meaning}`, (text) => {
      const number = Number(text);
      return /^-?\d+$/.test(text) && Number.isSafeInteger(number) && number >= min ? number : undefined;
    }),
  );
}

const TRUE = ["true", "yes", "on", "1"];
const FALSE = ["false", "no", "off", "0"];

/** A switch, with the words that are usual in environment variables. */
export const lenientBoolean: Kind<boolean> = plain(
  textKind("true|false", "true or false (or yes, on, 1; no, off, 0)", (text) => {
    const word = text.toLowerCase();
    return TRUE.includes(word) ? true : FALSE.includes(word) ? false : undefined;
  }),
);

/** A subject or its first tokens, without wildcards. A dot at the end is dropped. */
export const subjectPrefix: Kind<string> = plain(
  textKind(
    "PREFIX",
    "a subject without spaces, wildcards and empty tokens, such as _INBOX_orders",
    (text) => /^([^\s.*>]+(?:\.[^\s.*>]+)*)\.?$/.exec(text)?.[1],
  ),
);

/** One token of a subject. */
export const subjectToken: Kind<string> = plain(
  textKind("NAME", "a name without dots, spaces and wildcards", (text) =>
    /^[^\s.*>]+$/.test(text) ? text : undefined,
  ),
);

/** A setting that natscope cannot honour. Only the words for "not set" are valid. */
export function unsupported(what: string): Kind<undefined> {
  return systemKind("none", (text) =>
    ["none", "-"].includes(text.toLowerCase()) ? undefined : new InvalidValue(`is ${what}: expected none`),
  );
}
