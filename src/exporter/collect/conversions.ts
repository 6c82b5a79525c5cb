/**
 * Conversions from a JSON field to the number of a sample. A field that is missing or has another type converts to
 * `undefined`, and the sample is absent.
 */
import { parseGoDuration, parseInstant } from "../../time/go-time.ts";

/** A field's value as a sample value; `undefined` means no sample. Never throws. */
export type Conversion = (value: unknown) => number | undefined;

/** A finite number. Integers above 2^53 are rounded to the nearest double, as Prometheus would. */
export const number: Conversion = (value) =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** A boolean: true is 1, false is 0. */
export const flag: Conversion = (value) => (typeof value === "boolean" ? Number(value) : undefined);

/** Integer nanoseconds (a Go `time.Duration` in JSON), converted to seconds. */
export const nanoseconds: Conversion = (value) => {
  const nanos = number(value);
  return nanos === undefined ? undefined : nanos / 1e9;
};

/** A Go duration string (`335µs`, `1d2h3m4s`), converted to seconds. */
export const duration: Conversion = (value) =>
  typeof value === "string" ? parseGoDuration(value) : undefined;

/** An RFC 3339 instant, in seconds since 1970. Go's zero time (year 1) means "never": no sample. */
export const instant: Conversion = (value) => (typeof value === "string" ? parseInstant(value) : undefined);

/**
 * A limit. Servers write "unlimited" as 0, as -1, or as 2^64 - 1 if an int64 -1 was cast to uint64. Unlimited
 * gives no sample, so that a ratio of usage to limit is absent instead of wrong.
 */
export const limit: Conversion = (value) => {
  const maximum = number(value);
  return maximum === undefined || maximum <= 0 || maximum >= 2 ** 63 ? undefined : maximum;
};

/** A number in a field with `omitempty`: servers leave the field out if it is 0. */
export const absentIsZero: Conversion = (value) => (value === undefined ? 0 : number(value));

/** A boolean in a field with `omitempty`: servers leave the field out if it is false. */
export const absentIsFalse: Conversion = (value) => (value === undefined ? 0 : flag(value));
