/** Times as Go servers write them: durations as text, instants as RFC 3339, and the year 1 for "never". */

const NANOS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, what Go prints
  μs: 1e3, // U+03BC, what people type
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9, // not in Go: nats-server's myUptime() writes days
  y: 365 * 86_400e9, // and years of 365 days
};

const DURATION_PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|[smhdy])/y;

/**
 * Seconds of a Go duration (`335µs`, `1m39s`, `1d2h3m4s`); undefined if the text is not one. Accepts the syntax of
 * Go's `time.ParseDuration`, and days and years. Unlike in Go, only infinity overflows.
 */
export function parseGoDuration(text: string): number | undefined {
  const sign = text[0] === "-" || text[0] === "+" ? text[0] : "";
  if (text.length === sign.length + 1 && text.endsWith("0")) return 0;
  let nanos = 0;
  DURATION_PART.lastIndex = sign.length;
  do {
    const part = DURATION_PART.exec(text);
    if (!part) return undefined;
    nanos += Number(part[1]) * (NANOS_PER_UNIT[part[2] as string] as number);
  } while (DURATION_PART.lastIndex < text.length);
  if (!Number.isFinite(nanos)) return undefined;
  return (sign === "-" && nanos !== 0 ? -nanos : nanos) / 1e9;
}

const DATE = /\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])/.source;
const TIME = /(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?/.source;
const ZONE = /(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)/.source;
const RFC3339 = new RegExp(`^${DATE}T${TIME}${ZONE}$`);

/** End of the first day of Go's time, in milliseconds since 1970. An instant before it, in any zone, is "never". */
const FIRST_DAY_END = Date.parse("0001-01-02T00:00:00Z");

/**
 * Seconds since 1970 of an RFC 3339 instant, to the millisecond. Undefined if the text is not one (also for a day that
 * does not exist, and a leap second), or is Go's zero time (`0001-01-01T00:00:00Z`), which means "never".
 */
export function parseInstant(text: string): number | undefined {
  if (!RFC3339.test(text)) return undefined;
  const day = Number(text.slice(8, 10));
  if (day > 28 && !isDayOfMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7)), day)) return undefined;
  const millis = Date.parse(text);
  return millis >= FIRST_DAY_END ? millis / 1000 : undefined;
}

/** For days after the 28th: `Date.parse` reads February 31 as a day in March. Months count from 1. */
function isDayOfMonth(year: number, month: number, day: number): boolean {
  if (month === 2) return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= 30 || ![4, 6, 9, 11].includes(month);
}
