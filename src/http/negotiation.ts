/**
 * What a client wants of a scrape, read from its headers: format, encoding, deadline. Pure.
 *
 * Deliberately absent: 406. A header that asks for nothing natscope has gets the plain format, because a
 * scrape that answers something is worth more than one that is right about not answering.
 */
import type { ExpositionFormat } from "../metrics/exposition.ts";

export type Encoding = "gzip" | "identity";

/** An element of an `Accept` or `Accept-Encoding` header. */
interface Preference {
  /** In lower case: `text/plain`, `gzip`, `*`. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 is "not this". */
  readonly quality: number;
}

/** How well a format is liked; `position` in the header decides between equals. */
interface Rank {
  readonly quality: number;
  readonly position: number;
}

const UNWANTED: Rank = { quality: 0, position: Number.POSITIVE_INFINITY };

/** OpenMetrics versions whose text natscope's is: 0.0.1 was the draft that Prometheus still asks for. */
const OPENMETRICS_VERSIONS: readonly (string | undefined)[] = [undefined, "1.0.0", "0.0.1"];

/** OpenMetrics where the client likes it at least as well and names it first; the text format otherwise. */
export function chooseFormat(accept: string | undefined): ExpositionFormat {
  const preferences = parsePreferences(accept ?? "");
  const openMetrics = rankOf(preferences, "application", "openmetrics-text", OPENMETRICS_VERSIONS);
  const text = rankOf(preferences, "text", "plain");
  const isPreferred =
    openMetrics.quality > text.quality ||
    (openMetrics.quality === text.quality && openMetrics.position < text.position);
  return isPreferred && openMetrics.quality > 0 ? "openmetrics" : "prometheus-text";
}

/** gzip where it is accepted and not liked less than no encoding. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  const preferences = parsePreferences(acceptEncoding ?? "");
  const quality = (...names: string[]): number | undefined =>
    preferences.find(({ name }) => names.includes(name))?.quality;
  const gzip = quality("gzip", "x-gzip") ?? quality("*") ?? 0;
  return gzip > 0 && gzip >= (quality("identity") ?? 0) ? "gzip" : "identity";
}

export interface DeadlineOptions {
  /** For clients that do not say how long they wait. */
  readonly defaultTimeoutMs: number;
  /** Left for rendering and the way back. */
  readonly timeoutMarginMs: number;
}

const LEAST_DEADLINE_MS = 50;
/** Far above any scrape interval that makes sense, far below what a timer can hold. */
const MOST_DEADLINE_MS = 600_000;

/**
 * Whole milliseconds that fetching may take: the client's `X-Prometheus-Scrape-Timeout-Seconds` less the
 * margin, but no less than half of it; the default where there is none or it is no positive number.
 */
export function chooseDeadlineMs(timeoutSeconds: string | undefined, options: DeadlineOptions): number {
  const isNumber = timeoutSeconds !== undefined && /^\s*\d+(\.\d*)?(e[+-]?\d+)?\s*$/i.test(timeoutSeconds);
  const givenMs = isNumber ? Number(timeoutSeconds) * 1000 : 0;
  const wantedMs =
    givenMs > 0 ? Math.max(givenMs - options.timeoutMarginMs, givenMs / 2) : options.defaultTimeoutMs;
  return Math.floor(Math.min(Math.max(wantedMs, LEAST_DEADLINE_MS), MOST_DEADLINE_MS));
}

/** By RFC 9110 the most specific range that matches decides: `text/plain`, then `text/*`, then any. */
function rankOf(
  preferences: readonly Preference[],
  type: string,
  subtype: string,
  versions?: readonly (string | undefined)[],
): Rank {
  for (const range of [`${type}/${subtype}`, `${type}/*`, "*/*"]) {
    let best: Rank | undefined;
    preferences.forEach(({ name, parameters, quality }, position) => {
      if (name !== range) return;
      if (!range.includes("*") && versions && !versions.includes(parameters.get("version"))) return;
      if (!best || quality > best.quality) best = { quality, position };
    });
    if (best) return best;
  }
  return UNWANTED;
}

function parsePreferences(header: string): Preference[] {
  return header
    .split(",")
    .map((element) => element.split(";").map((part) => part.trim()))
    .filter(([name]) => name !== "")
    .map(([name = "", ...rest]) => {
      const parameters = new Map(
        rest.map((part) => {
          const [key = "", value = ""] = part.split("=", 2);
          return [key.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, "$1")];
        }),
      );
      return { name: name.toLowerCase(), parameters, quality: parseQuality(parameters.get("q")) };
    });
}

/** 1 where absent; 0 where it is not a number from 0 to 1: who writes nonsense does not clearly want it. */
function parseQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(0(\.\d*)?|1(\.0*)?)$/.test(text) ? Number(text) : 0;
}
