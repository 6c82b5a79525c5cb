/**
 * Reading a server's JSON without trusting it. Every reader takes any value whatever and never throws: a
 * field that is missing, of another type or of another server release is `undefined`, and so no sample.
 */
import { parseGoDuration, parseInstant } from "../../time/go-time.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

const NOTHING: JsonObject = Object.freeze({});

/** Whether the value is a JSON object: not null and not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one where it is anything else. */
export function object(value: unknown): JsonObject {
  return isObject(value) ? value : NOTHING;
}

/** The value as a list; an empty one where it is anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as text; empty where it is anything else. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Follows object keys: `at(doc, ["jetstream", "stats", "api"])`. */
export function at(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as JsonObject)[key];
  }
  return here;
}

/** How a field becomes the number of a sample; `undefined` is no sample. */
export type Conversion = (value: unknown) => number | undefined;

/** A finite number. Above 2^53 it is the nearest double, which is what Prometheus stores anyway. */
export const number: Conversion = (value) =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** true is 1, false is 0. */
export const flag: Conversion = (value) => (typeof value === "boolean" ? Number(value) : undefined);

/** Integer nanoseconds (a Go `time.Duration` in JSON), as seconds. */
export const nanoseconds: Conversion = (value) => {
  const nanos = number(value);
  return nanos === undefined ? undefined : nanos / 1e9;
};

/** A duration as text (`335µs`, `1d2h3m4s`), as seconds. */
export const duration: Conversion = (value) =>
  typeof value === "string" ? parseGoDuration(value) : undefined;

/** An RFC 3339 instant, as seconds since 1970; the year 1 is "never" and so no sample. */
export const instant: Conversion = (value) => (typeof value === "string" ? parseInstant(value) : undefined);

/**
 * A limit. Servers write "unlimited" as 0 or -1, and where an int64 -1 was cast to uint64 as 2^64 - 1:
 * no limit is no sample, so that a ratio against it is absent instead of wrong.
 */
export const limit: Conversion = (value) => {
  const most = number(value);
  return most === undefined || most <= 0 || most >= 2 ** 63 ? undefined : most;
};

/** Servers leave out what is zero or false (`omitempty`): there that is said, and must not be absent here. */
export const absentIsZero: Conversion = (value) => (value === undefined ? 0 : number(value));

/** The same of a boolean: absent is false, and so 0. */
export const absentIsFalse: Conversion = (value) => (value === undefined ? 0 : flag(value));
