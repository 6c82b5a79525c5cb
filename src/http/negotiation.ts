/**
 * Format, encoding and deadline of a scrape, from the headers of the request. Pure.
 *
 * Deliberately absent: status 406. If no requested format is available, the response has the plain text format, which
 * is more useful than an error.
 */
import type { ExpositionFormat } from "../metrics/exposition.ts";

type Encoding = "gzip" | "identity";

/** An element of an `Accept` or `Accept-Encoding` header. */
interface Preference {
  /** In lower case: `text/plain`, `gzip`, `*`. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 excludes it. */
  readonly quality: number;
}

/** Preference for a format; between equal qualities, the lower `position` in the header wins. */
interface Rank {
  readonly quality: number;
  readonly position: number;
}

const EXCLUDED: Rank = { quality: 0, position: Number.POSITIVE_INFINITY };

/** OpenMetrics versions that natscope's text conforms to. Prometheus still requests the draft 0.0.1. */
const OPENMETRICS_VERSIONS: readonly (string | undefined)[] = [undefined, "1.0.0", "0.0.1"];

/** OpenMetrics if the client prefers it, or names it first with equal quality; otherwise the text format. */
export function chooseFormat(accept: string | undefined): ExpositionFormat {
  const preferences = parsePreferences(accept ?? "");
  const openMetrics = rankOf(preferences, "application", "openmetrics-text", OPENMETRICS_VERSIONS);
  const text = rankOf(preferences, "text", "plain");
  const isPreferred =
    openMetrics.quality > text.quality ||
    (openMetrics.quality === text.quality && openMetrics.position < text.position);
  return isPreferred && openMetrics.quality > 0 ? "openmetrics" : "prometheus-text";
}

/** gzip if it is accepted and not less preferred than no encoding. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  const preferences = parsePreferences(acceptEncoding ?? "");
  const quality = (...names: string[]): number | undefined =>
    preferences.find(({ name }) => names.includes(name))?.quality;
  const gzip = quality("gzip", "x-gzip") ?? quality("*") ?? 0;
  return gzip > 0 && gzip >= (quality("identity") ?? 0) ? "gzip" : "identity";
}

interface DeadlineOptions {
  /** For clients that do not send their timeout. */
  readonly defaultTimeoutMs: number;
  /** Time reserved for rendering and sending. */
  readonly timeoutMarginMs: number;
}

const MIN_DEADLINE_MS = 50;
/** Far above sensible scrape intervals, far below the maximum of a timer. */
const MAX_DEADLINE_MS = 600_000;

/**
 * Deadline for fetching, in whole milliseconds: the client's `X-Prometheus-Scrape-Timeout-Seconds` minus the margin,
 * but at least half of it. The default if the header is missing or not a positive number.
 */
export function chooseDeadlineMs(timeoutSeconds: string | undefined, options: DeadlineOptions): number {
  const isNumber = timeoutSeconds !== undefined && /^\s*\d+(\.\d*)?(e[+-]?\d+)?\s*$/i.test(timeoutSeconds);
  const givenMs = isNumber ? Number(timeoutSeconds) * 1000 : 0;
  const wantedMs =
    givenMs > 0 ? Math.max(givenMs - options.timeoutMarginMs, givenMs / 2) : options.defaultTimeoutMs;
  return Math.floor(Math.min(Math.max(wantedMs, MIN_DEADLINE_MS), MAX_DEADLINE_MS));
}

/** By RFC 9110, the most specific range that matches decides: `text/plain`, then `text/*`, then any. */
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
  return EXCLUDED;
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

/** 1 if missing, 0 if it is not a number from 0 to 1. */
function parseQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(0(\.\d*)?|1(\.0*)?)$/.test(text) ? Number(text) : 0;
}
