/**
 * Kinds of values: how a text becomes a value, and what is allowed where it does not. Unaware of which
 * settings exist. A refusal shows what was given, except where that may be a secret.
 */
import { InvalidValue } from "../../input/invalid-value.ts";
import { quote } from "../../text/wording.ts";
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
import { readText, type Scene } from "./files.ts";
import { parseServers, type Servers } from "./servers.ts";

/** How the text of one value is read. `parse` never throws: what is not a value is a InvalidValue. */
export interface Kind<Value> {
  /** Stands for the value in a reference: `DURATION`. */
  readonly placeholder: string;
  readonly parse: (text: string, scene: Scene) => Value | InvalidValue;
}

function shownKind<Value>(
  placeholder: string,
  allowed: string,
  parse: (text: string) => Value | undefined,
): Kind<Value> {
  return {
    placeholder,
    parse: (text) => parse(text) ?? new InvalidValue(`is ${quote(text)}, but must be ${allowed}`),
  };
}

/** A secret: nothing of it is ever shown. `allowed` is empty where everything is. */
function secretKind(placeholder: string, allowed: string, isOne: (text: string) => boolean): Kind<string> {
  return {
    placeholder,
    parse(text, scene) {
      const secret = secretOf(text, scene);
      return secret instanceof InvalidValue || isOne(secret)
        ? secret
        : new InvalidValue(`must be ${allowed}`);
    },
  };
}

/** Secret material in a file or behind a reference, looked into at once: a connection fails much later. */
function materialKind(allowed: string, isOne: (text: string) => boolean): Kind<Material> {
  return {
    placeholder: "FILE",
    parse(text, scene) {
      const material = materialOf(text, scene);
      if (material instanceof InvalidValue) return material;
      const content = textOf(material, scene);
      if (content instanceof InvalidValue) return content;
      if (isOne(content)) return material;
      const which = "file" in material ? `names ${JSON.stringify(material.file)}, which` : "leads to what";
      return new InvalidValue(`${which} does not hold ${allowed}`);
    },
  };
}

/** A file in PEM form with at least one block of that name; its path. */
function pemFile(block: string): Kind<string> {
  return {
    placeholder: "FILE",
    parse(text, scene) {
      const path = expandPath(text.replace(/^file:\/\//i, ""), scene);
      if (path instanceof InvalidValue) return path;
      const content = readText(path, scene);
      if (content instanceof InvalidValue) return content;
      const pem = new RegExp(`-----BEGIN [A-Z ]*${block}-----`).test(content);
      return pem
        ? path
        : new InvalidValue(`names ${JSON.stringify(path)}, which holds no ${block} in PEM form`);
    },
  };
}

/** Certificates in a PEM file. */
export const certificateFile: Kind<string> = pemFile("CERTIFICATE");

/** A private key in a PEM file. */
export const keyFile: Kind<string> = pemFile("PRIVATE KEY");

/** A list of servers; a refusal hides what may be credentials. */
export const servers: Kind<Servers> = { placeholder: "URL,...", parse: (text) => parseServers(text) };

/** Any text that may be shown. */
export const words = (placeholder: string): Kind<string> =>
  shownKind(placeholder, "some text", (text) => text);

/** Any secret text. */
export const secret = (placeholder: string): Kind<string> => secretKind(placeholder, "", () => true);

/** A user's JWT. */
export const jwt: Kind<string> = secretKind("JWT", "a JWT: three parts of Base64 with dots between", isJwt);

/** The seed of a user's nkey. */
export const seed: Kind<string> = secretKind(
  "SEED",
  "the seed of a user's nkey, which begins with SU",
  isUserSeed,
);

/** A credentials file, or a reference to what one holds. */
export const credentials: Kind<Material> = materialKind(
  "a user's JWT and seed, each between lines of dashes, as nsc generate creds writes them",
  (text) => parseUserCredentials(text) !== undefined,
);

/** A file with the seed of a user's nkey, or a reference to one. */
export const nkey: Kind<Material> = materialKind(
  "the seed of a user's nkey, which begins with SU",
  (text) => parseUserSeed(text) !== undefined,
);

/** Milliseconds between two Go durations, both included; written as a duration, or as a number of milliseconds. */
export function milliseconds(least: string, most: string): Kind<number> {
  const allowed = `milliseconds, such as 250, or a duration with its unit, such as 250ms or 2s, from ${least} to ${most}`;
  return shownKind("MILLISECONDS", allowed, (text) =>
    within(/^\d+(?:\.\d+)?$/.test(text) ? `${text}ms` : text, least, most),
  );
}

/** The same, as natscli has it: without a unit it is refused, since there it would mean nothing. */
export function duration(least: string, most: string): Kind<number> {
  const allowed = `a duration with its unit, such as 250ms or 5s, from ${least} to ${most}`;
  return shownKind("DURATION", allowed, (text) => within(text, least, most));
}

function within(text: string, least: string, most: string): number | undefined {
  const [seconds, from, to] = [text, least, most].map(parseGoDuration) as [
    number | undefined,
    number,
    number,
  ];
  return seconds !== undefined && seconds >= from && seconds <= to ? Math.round(seconds * 1000) : undefined;
}

/** A whole number, `least` or more. */
export function wholeNumber(least: number, meaning: string): Kind<number> {
  return shownKind("N", `a whole number from ${least}${meaning}`, (text) => {
    const number = Number(text);
    return /^-?\d+$/.test(text) && Number.isSafeInteger(number) && number >= least ? number : undefined;
  });
}

const TRUE = ["true", "yes", "on", "1"];
const FALSE = ["false", "no", "off", "0"];

/** Yes or no. */
export const truth: Kind<boolean> = shownKind(
  "true|false",
  "true or false (or yes, on, 1; no, off, 0)",
  (text) => {
    const word = text.toLowerCase();
    return TRUE.includes(word) ? true : FALSE.includes(word) ? false : undefined;
  },
);

/** A subject, or the beginning of one, without wildcards; a dot at its end is dropped. */
export const subjectPrefix: Kind<string> = shownKind(
  "PREFIX",
  "a subject without blanks, wildcards and empty parts, such as _INBOX_orders",
  (text) => /^([^\s.*>]+(?:\.[^\s.*>]+)*)\.?$/.exec(text)?.[1],
);

/** One part of a subject. */
export const subjectToken: Kind<string> = shownKind(
  "NAME",
  "a name without dots, blanks and wildcards",
  (text) => (/^[^\s.*>]+$/.test(text) ? text : undefined),
);

/** What somebody may have set that we cannot do; only a word that means "nothing" is taken. */
export function unsupported(what: string): Kind<undefined> {
  return {
    placeholder: "none",
    parse: (text) =>
      ["none", "-"].includes(text.toLowerCase())
        ? undefined
        : new InvalidValue(`asks for ${what}; the only value that works is none`),
  };
}
