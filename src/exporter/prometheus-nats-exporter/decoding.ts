/**
 * JSON as prometheus-nats-exporter decodes it. It decodes into Go structs, so a field missing from an item becomes
 * Go's zero value and a sample: 0, false, "", the year 1. Its mixed units (milliseconds, microseconds, seconds) are
 * kept.
 *
 * A field of an unexpected type makes prometheus-nats-exporter drop the whole reply or crash. Here it is
 * `undefined` and gives no sample.
 */
import { parseGoDuration, parseInstant } from "../../time/go-time.ts";
import { isObject, type JsonObject } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";

/** Go's zero time, 0001-01-01T00:00:00Z, in seconds since 1970. */
const ZERO_TIME = -62_135_596_800;

/** The reply if it is an object, else throws CollectionFailure. */
export function replyObject(reply: Document, path: string): JsonObject {
  if (isObject(reply.root)) return reply.root;
  throw new CollectionFailure(
    "body",
    `GET ${path} returned no JSON object: check that the URL is a NATS monitoring port`,
  );
}

/** The elements of an array in a reply that are objects. */
export function* objects(reply: Document, array: unknown): Generator<JsonObject> {
  for (const element of reply.elements(array)) if (isObject(element)) yield element;
}

/** A number; 0 if absent. */
export function count(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return isAbsent(value) ? 0 : undefined;
}

/** 1 if true, 0 if false or absent. */
export function flag(value: unknown): number | undefined {
  if (typeof value === "boolean") return Number(value);
  return isAbsent(value) ? 0 : undefined;
}

/** A number or string as a label value, else `absent`. */
export function shown(value: unknown, absent: string): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : absent;
}

/** An instant in milliseconds since 1970; 0 if absent, -1 if the string is invalid. */
export function instantMilliseconds(value: unknown): number | undefined {
  if (typeof value === "string") return parseInstantMilliseconds(value) ?? -1;
  return isAbsent(value) ? 0 : undefined;
}

/** An instant in whole seconds since 1970; Go's zero time if absent. */
export function instantSeconds(value: unknown): number | undefined {
  if (isAbsent(value)) return ZERO_TIME;
  const milliseconds = typeof value === "string" ? parseInstantMilliseconds(value) : undefined;
  return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000);
}

/** A duration in whole milliseconds; 0 if absent, -1 if the string is invalid. */
export function durationMilliseconds(value: unknown): number | undefined {
  if (typeof value === "string") return scaledDuration(value, 1e6) ?? -1;
  return isAbsent(value) ? 0 : undefined;
}

/** A duration in whole microseconds; 0 if absent, -1 if the string is invalid. */
export function durationMicroseconds(value: unknown): number | undefined {
  if (typeof value === "string") return scaledDuration(value, 1e3) ?? -1;
  return isAbsent(value) ? 0 : undefined;
}

/** A duration in seconds; 0 if absent or if the string is invalid. */
export function durationSeconds(value: unknown): number | undefined {
  if (typeof value === "string") return (scaledDuration(value, 1) ?? 0) / 1e9;
  return isAbsent(value) ? 0 : undefined;
}

/** Seconds between two RFC 3339 instants, exact to the nanosecond; undefined if either is invalid. */
export function secondsBetween(earlier: string, later: string): number | undefined {
  const from = parseInstantMilliseconds(earlier);
  const to = parseInstantMilliseconds(later);
  if (from === undefined || to === undefined) return undefined;
  return ((to - from) * 1e6 + nanosAfterMillisecond(later) - nanosAfterMillisecond(earlier)) / 1e9;
}

/** An RFC 3339 instant, or Go's zero time, in milliseconds since 1970; undefined if the string is invalid. */
export function parseInstantMilliseconds(text: string): number | undefined {
  if (text === "0001-01-01T00:00:00Z") return ZERO_TIME * 1000;
  const seconds = parseInstant(text);
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

const FRACTION_START = "0001-01-01T00:00:00.".length;

/** Nanoseconds of an RFC 3339 instant's fraction beyond its milliseconds. */
function nanosAfterMillisecond(text: string): number {
  if (text[FRACTION_START - 1] !== ".") return 0;
  let nanos = 0;
  for (let i = FRACTION_START, unit = 1e8; unit >= 1; i++, unit /= 10) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) break;
    if (unit < 1e6) nanos += digit * unit;
  }
  return nanos;
}

/** A duration in whole units of `unitNanos` nanoseconds. */
function scaledDuration(text: string, unitNanos: number): number | undefined {
  const seconds = parseGoDuration(text);
  if (seconds === undefined) return undefined;
  return Math.trunc(Math.round(seconds * 1e9) / unitNanos);
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
