/**
 * Kinds of values: how a text becomes a value, and what is allowed if it does not. Pure, and independent of the
 * settings that use them. One text is one value; whether a setting takes several is up to its row.
 */
import { isIPv6 } from "node:net";
import { parseSize } from "../text/size.ts";
import { didYouMean, enumerate, quote } from "../text/wording.ts";
import { parseGoDuration } from "../time/go-time.ts";
import type { Given } from "./given.ts";
import { InvalidValue } from "./invalid-value.ts";

/** How the text of one value is read. `parse` never throws: what is not a value is a InvalidValue. */
export interface Kind<Value> {
  /** Stands for the value in `--help`: `DURATION`. */
  readonly placeholder: string;
  /** Whether a text names a file; of a mapping, the text under a key. The key is empty where there is none. */
  readonly isPath?: (key: string) => boolean;
  readonly parse: (given: Given) => Value | InvalidValue;
}

/** A kind whose values are single texts; `allowed` ends the sentence "... is "x", but must be ...". */
export function textKind<Value>(
  placeholder: string,
  allowed: string,
  parse: (text: string) => Value | InvalidValue | undefined,
): Kind<Value> {
  return {
    placeholder,
    parse({ text, fields }) {
      if (fields) return new InvalidValue(`is a mapping, but must be ${allowed}`);
      return parse(text) ?? new InvalidValue(`is ${quote(text)}, but must be ${allowed}`);
    },
  };
}

/** A duration in milliseconds, between `leastMs` and an hour. */
export function duration(leastMs: number): Kind<number> {
  const allowed = `a duration with its unit, such as 500ms or 10s, from ${leastMs}ms to 1h`;
  return textKind("DURATION", allowed, (text) => {
    const seconds = parseGoDuration(text);
    return seconds !== undefined && seconds * 1000 >= leastMs && seconds <= 3600 ? seconds * 1000 : undefined;
  });
}

/** Bytes, from 1 KiB to 1 GiB. */
export const size: Kind<number> = textKind(
  "SIZE",
  "a size such as 65536, 500kB or 64MiB, from 1KiB to 1GiB",
  (text) => {
    const bytes = parseSize(text);
    return bytes !== undefined && bytes >= 2 ** 10 && bytes <= 2 ** 30 ? bytes : undefined;
  },
);

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): Kind<Word> {
  const allowed = words.length === 1 ? (words[0] as string) : enumerate(words);
  return textKind(words.join("|"), allowed, (text) => {
    if (words.includes(text as Word)) return text as Word;
    return new InvalidValue(`is ${quote(text)}, but must be ${allowed}${didYouMean(text, words)}`);
  });
}

/** A name that only the reader of the value can judge. */
export function words(placeholder: string): Kind<string> {
  return textKind(placeholder, "some text", (text) => (text === "" ? undefined : text));
}

/** Path of a file; whether it can be read is found out by whoever reads it. */
export const file: Kind<string> = { ...words("FILE"), isPath: () => true };

/** Where to listen. */
export interface ListenAddress {
  /** Absent: every address of the machine. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
}

const LISTEN = /^(?:\[([^[\]]+)\]|([^:[\]\s/]*)):(\d{1,5})$/;

/** A listening address. An IPv6 address stands in brackets, as in a URL. */
export const listenAddress: Kind<ListenAddress> = textKind(
  "[HOST]:PORT",
  "host:port with a port from 0 to 65535, such as :7777, 127.0.0.1:7777 or [::1]:7777",
  (text) => {
    const match = LISTEN.exec(text);
    if (!match) return undefined;
    const [, ipv6, name = "", digits] = match;
    const port = Number(digits);
    if (port > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6))) return undefined;
    const host = ipv6 ?? name;
    return host === "" ? { port } : { host, port };
  },
);

/** A regular expression that has to match a whole name. */
export const namePattern: Kind<RegExp> = {
  placeholder: "PATTERN",
  parse({ text, fields }) {
    if (fields) return new InvalidValue("is a mapping, but must be a regular expression");
    try {
      return new RegExp(`^(?:${new RegExp(text, "u").source})$`, "u");
    } catch (error) {
      // V8 says "Invalid regular expression: /x/u: what is wrong".
      const why = (error as Error).message.replace(/^.*\/u: /s, "");
      return new InvalidValue(`is ${quote(text)}, but must be a regular expression for whole names (${why})`);
    }
  },
};
