/**
 * Kinds of values: how a text becomes a value, and what is allowed where it does not. Pure, and unaware of
 * which settings exist. One text is one value; which settings take several is the table's business.
 */
import { isIPv6 } from "node:net";
import { Refusal } from "../base/refusal.ts";
import { parseSize } from "../base/size.ts";
import { parseGoDuration } from "../base/time.ts";
import { didYouMean, enumerate, quote } from "../base/wording.ts";
import { COLLECTOR_NAMES, type CollectorName } from "../scrape/collector.ts";
import { EXPORTER_COLLECTOR_NAMES, isMetricPrefix } from "../scrape/compatible/prometheus-nats-exporter.ts";
import type { Given } from "./given.ts";

/** How the text of one value is read. `parse` never throws: what is not a value is a Refusal. */
export interface Kind<Value> {
  /** Stands for the value in `--help`: `DURATION`. */
  readonly placeholder: string;
  /** Whether a text names a file; of a mapping, the text under a key. The key is empty where there is none. */
  readonly isPath?: (key: string) => boolean;
  readonly parse: (given: Given) => Value | Refusal;
}

/** A kind whose values are single texts; `allowed` ends the sentence "... is "x", but must be ...". */
export function textKind<Value>(
  placeholder: string,
  allowed: string,
  parse: (text: string) => Value | Refusal | undefined,
): Kind<Value> {
  return {
    placeholder,
    parse({ text, fields }) {
      if (fields) return new Refusal(`is a mapping, but must be ${allowed}`);
      return parse(text) ?? new Refusal(`is ${quote(text)}, but must be ${allowed}`);
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
    return new Refusal(`is ${quote(text)}, but must be ${allowed}${didYouMean(text, words)}`);
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

/** Paths that the sidecar answers besides the metrics. */
export const RESERVED_PATHS = ["/", "/probe", "/livez", "/readyz"] as const;

/** The path of the metrics, at which the sidecar must answer nothing else. */
export const metricsPath: Kind<string> = textKind(
  "PATH",
  `a URL path such as /metrics, without query, and none of ${RESERVED_PATHS.join(", ")}`,
  (text) =>
    /^(?:\/[\w.~%!$&'()*+,;=:@-]+)+$/.test(text) && !(RESERVED_PATHS as readonly string[]).includes(text)
      ? text
      : undefined,
);

/** The beginning of a metric's name. */
export const metricPrefix: Kind<string> = textKind(
  "PREFIX",
  "letters, digits, underscores and colons that do not begin with a digit, such as nats",
  (text) => (isMetricPrefix(text) ? text : undefined),
);

/** A regular expression that has to match a whole name. */
export const namePattern: Kind<RegExp> = {
  placeholder: "PATTERN",
  parse({ text, fields }) {
    if (fields) return new Refusal("is a mapping, but must be a regular expression");
    try {
      return new RegExp(`^(?:${new RegExp(text, "u").source})$`, "u");
    } catch (error) {
      // V8 says "Invalid regular expression: /x/u: what is wrong".
      const why = (error as Error).message.replace(/^.*\/u: /s, "");
      return new Refusal(`is ${quote(text)}, but must be a regular expression for whole names (${why})`);
    }
  },
};

/** What `--collect` takes: a collector, or a word for several. */
export const COLLECTOR_WORDS = [...COLLECTOR_NAMES, "all", "default"] as const;

/** One entry of `--collect`. Where words and collectors are mixed, all of them count. */
export const collectorWord: Kind<(typeof COLLECTOR_WORDS)[number]> = {
  ...choice(COLLECTOR_WORDS),
  placeholder: "NAME,...",
};

/** A collector and no word for several: what `--no-collect` takes. */
export const collectorName: Kind<CollectorName> = { ...choice(COLLECTOR_NAMES), placeholder: "NAME,..." };

/** Flags by which prometheus-nats-exporter chooses what to collect. */
export const EXPORTER_WORDS = [...EXPORTER_COLLECTOR_NAMES, "jsz"] as const;

/** One entry of `--exporter-collect`. Several may belong to one collector: `connz`, `connz_detailed`. */
export const exporterCollectorWord: Kind<(typeof EXPORTER_WORDS)[number]> = {
  ...choice(EXPORTER_WORDS),
  placeholder: "NAME,...",
};

/** Most series of one collector, or of each that has no limit of its own. */
export interface SeriesLimit {
  readonly collector?: CollectorName;
  readonly series: number;
}

/** A limit of 0 to 10,000,000 series, general (`200000`) or of one collector (`jsz=50000`). */
export const seriesLimit: Kind<SeriesLimit> = textKind(
  "[NAME=]N",
  "a whole number of series from 0 to 10000000, or NAME=N for one collector, such as jsz=50000",
  (text) => {
    const [, name, digits] = /^(?:([^=]*)=)?(\d{1,8})$/.exec(text) ?? [];
    if (digits === undefined || Number(digits) > 10_000_000) return undefined;
    if (name === undefined) return { series: Number(digits) };
    if ((COLLECTOR_NAMES as readonly string[]).includes(name)) {
      return { collector: name as CollectorName, series: Number(digits) };
    }
    const allowed = `${enumerate(COLLECTOR_NAMES)}${didYouMean(name, COLLECTOR_NAMES)}`;
    return new Refusal(`is ${quote(text)}, but the collector must be ${allowed}`);
  },
);
