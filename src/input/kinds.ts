/** Kinds of values that several products use. Pure. */
import { isIPv6 } from "node:net";
import { parseSize } from "../text/size.ts";
import { enumerate } from "../text/wording.ts";
import { parseGoDuration } from "../time/go-time.ts";
import { type Kind, textKind } from "./kind.ts";
import { invalid, meant } from "./problems.ts";

/**
 * A duration in seconds, from `min` to `max`, both Go durations and included.
 *
 * @param example Go durations for the error
 */
export function duration(min: string, max: string, example = "500ms or 10s"): Kind<number> {
  return scaledDuration(min, max, example, 1);
}

/** The same in milliseconds. */
export function milliseconds(min: string, max: string, example = "500ms or 10s"): Kind<number> {
  return scaledDuration(min, max, example, 1000);
}

function scaledDuration(min: string, max: string, example: string, perSecond: number): Kind<number> {
  const [from, to] = [parseGoDuration(min) as number, parseGoDuration(max) as number];
  const expected = `a duration with its unit, such as ${example}, from ${min} to ${max}`;
  const parse = (text: string): number | undefined => {
    const seconds = parseGoDuration(text);
    return seconds !== undefined && seconds >= from && seconds <= to ? seconds * perSecond : undefined;
  };
  return textKind("DURATION", expected, parse, (value) => formatDuration(value / perSecond));
}

/** A Go duration: `500ms`, `10s`, `1m30s`. Exact to the microsecond. */
export function formatDuration(seconds: number): string {
  let rest = Math.round(seconds * 1e6);
  if (rest === 0) return "0s";
  let text = "";
  for (const [unit, micros] of [
    ["h", 3600e6],
    ["m", 60e6],
    ["s", 1e6],
    ["ms", 1e3],
    ["us", 1],
  ] as const) {
    const count = Math.floor(rest / micros);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * micros;
  }
  return text;
}

/** Bytes, from 1 KiB to 1 GiB. */
export const size: Kind<number> = textKind(
  "SIZE",
  "a size such as 65536, 500kB or 64MiB, from 1KiB to 1GiB",
  (text) => {
    const bytes = parseSize(text);
    return bytes !== undefined && bytes >= 2 ** 10 && bytes <= 2 ** 30 ? bytes : undefined;
  },
  formatBytes,
);

/** Bytes in the largest binary unit that divides them: `64MiB`, `128KiB`, `100`. */
export function formatBytes(bytes: number): string {
  const units = [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const;
  const unit = units.find(([, size]) => bytes > 0 && bytes % size === 0);
  return unit ? `${bytes / unit[1]}${unit[0]}` : String(bytes);
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): Kind<Word> {
  const expected = enumerate(words);
  return textKind(words.join("|"), expected, (text) =>
    words.includes(text as Word) ? (text as Word) : invalid(text, `${expected}${meant(text, words)}`),
  );
}

/** `true` or `false`. */
export const boolean: Kind<boolean> = textKind("true|false", "true or false", (text) =>
  text === "true" ? true : text === "false" ? false : undefined,
);

/** A whole number from `min` to `max`, both included. Digits may be grouped by commas or underscores. */
export function wholeNumber(min: number, max: number): Kind<number> {
  return textKind("N", `a whole number from ${min} to ${max}`, (text) => {
    const number = /^\d[\d,_]*$/.test(text) ? Number(text.replaceAll(/[,_]/g, "")) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  });
}

/** Any text but an empty one. */
export function text(placeholder: string): Kind<string> {
  return textKind(placeholder, "a text", (given) => (given === "" ? undefined : given));
}

/** Path of a file. In a YAML file it is relative to that file. Whether it can be read is checked when it is read. */
export const file: Kind<string> = { ...text("FILE"), isPath: () => true };

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
  (given) => {
    const match = LISTEN.exec(given);
    if (!match) return undefined;
    const [, ipv6, name = "", digits] = match;
    const port = Number(digits);
    if (port > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6))) return undefined;
    const host = ipv6 ?? name;
    return host === "" ? { port } : { host, port };
  },
  ({ host = "", port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`,
);

/** A regular expression that has to match a whole name. */
export const namePattern: Kind<RegExp> = textKind(
  "PATTERN",
  "a regular expression for whole names",
  (given) => {
    try {
      return new RegExp(`^(?:${new RegExp(given, "u").source})$`, "u");
    } catch (error) {
      // V8's message is "Invalid regular expression: /x/u: the reason".
      const why = (error as Error).message.replace(/^.*\/u: /s, "");
      return invalid(given, `a regular expression for whole names (${why})`);
    }
  },
  ({ source }) => source.replace(/^\^\(\?:(.*)\)\$$/s, "$1"),
);

/** A kind under another placeholder. */
export function called<Value>(placeholder: string, kind: Kind<Value>): Kind<Value> {
  return { ...kind, placeholder };
}
