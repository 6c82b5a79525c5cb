/**
 * How Go servers write time: durations as text, instants as RFC 3339, and a year 1 that means "never".
 */

const NANOS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, what Go prints
  μs: 1e3, // U+03BC, what people type
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9, // not Go's: the server's own myUptime() writes days,
  y: 365 * 86_400e9, // and years of 365 days
};

const DURATION = /^([+-])?((?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|[smhdy]))+|0)$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|[smhdy])/g;

/** Seconds in a Go duration (`335µs`, `1m39s`, `1d2h3m4s`), or undefined where the text is not one. */
export function parseGoDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  let nanos = 0;
  for (const [, count, unit] of (match[2] as string).matchAll(DURATION_PART)) {
    nanos += Number(count) * (NANOS_PER_UNIT[unit as string] as number);
  }
  return (match[1] === "-" ? -nanos : nanos) / 1e9;
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Seconds since 1970 of an RFC 3339 instant, to the millisecond; undefined where the text is not one or is
 * Go's zero time (`0001-01-01T00:00:00Z`), by which a server says that it never happened.
 */
export function parseInstant(text: string): number | undefined {
  if (!RFC3339.test(text) || text.startsWith("0001-01-01T")) return undefined;
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? undefined : millis / 1000;
}
