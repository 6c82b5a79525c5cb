/**
 * JSON as prometheus-nats-exporter reads it. It decodes into Go structs, so a field that a present item lacks
 * is Go's zero value and becomes a sample: 0, false, "", the year 1. Its units are mixed (milliseconds,
 * microseconds, seconds) and are kept.
 *
 * What it does to a field of another type (drops the whole reply, or ends the process) is not kept: such a
 * field is `undefined`, and so no sample.
 */
import { parseGoDuration, parseInstant } from "../../time/go-time.ts";
import { isObject, type JsonObject } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";

/** Go's zero time, 0001-01-01T00:00:00Z, in seconds since 1970. */
const ZERO_TIME = -62_135_596_800;

/** A reply that has to be an object. Throws CollectionFailure where it is something else. */
export function replyObject(reply: Document, path: string): JsonObject {
  if (isObject(reply.root)) return reply.root;
  throw new CollectionFailure("body", `${path} did not answer a JSON object`);
}

/** The elements of an array of a reply that are objects. */
export function* objects(reply: Document, array: unknown): Generator<JsonObject> {
  for (const element of reply.elements(array)) if (isObject(element)) yield element;
}

/** A number; 0 where absent. */
export function count(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return isAbsent(value) ? 0 : undefined;
}

/** 1 for true, 0 for false and where absent. */
export function flag(value: unknown): number | undefined {
  if (typeof value === "boolean") return Number(value);
  return isAbsent(value) ? 0 : undefined;
}

/** A number or a text as a label value. */
export function shown(value: unknown, absent: string): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : absent;
}

/** An instant as milliseconds since 1970; 0 where absent, -1 where the text is none. */
export function instantMilliseconds(value: unknown): number | undefined {
  if (typeof value === "string") return parseInstantMilliseconds(value) ?? -1;
  return isAbsent(value) ? 0 : undefined;
}

/** An instant as whole seconds since 1970; Go's zero time where absent. */
export function instantSeconds(value: unknown): number | undefined {
  if (isAbsent(value)) return ZERO_TIME;
  const milliseconds = typeof value === "string" ? parseInstantMilliseconds(value) : undefined;
  return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000);
}

/** A duration as whole milliseconds; 0 where absent, -1 where the text is none. */
export function durationMilliseconds(value: unknown): number | undefined {
  if (typeof value === "string") return scaledDuration(value, 1e6) ?? -1;
  return isAbsent(value) ? 0 : undefined;
}

/** A duration as whole microseconds; 0 where absent, -1 where the text is none. */
export function durationMicroseconds(value: unknown): number | undefined {
  if (typeof value === "string") return scaledDuration(value, 1e3) ?? -1;
  return isAbsent(value) ? 0 : undefined;
}

/** A duration as seconds; 0 where absent or where the text is none. */
export function durationSeconds(value: unknown): number | undefined {
  if (typeof value === "string") return (scaledDuration(value, 1) ?? 0) / 1e9;
  return isAbsent(value) ? 0 : undefined;
}

/** Seconds from one RFC 3339 instant to another, to the nanosecond; undefined where either is none. */
export function secondsBetween(earlier: string, later: string): number | undefined {
  const from = parseInstantMilliseconds(earlier);
  const to = parseInstantMilliseconds(later);
  if (from === undefined || to === undefined) return undefined;
  return ((to - from) * 1e6 + nanosAfterMillisecond(later) - nanosAfterMillisecond(earlier)) / 1e9;
}

/** Milliseconds since 1970 of an RFC 3339 instant, Go's zero time too; undefined where the text is none. */
export function parseInstantMilliseconds(text: string): number | undefined {
  if (text === "0001-01-01T00:00:00Z") return ZERO_TIME * 1000;
  const seconds = parseInstant(text);
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

const FRACTION_START = "0001-01-01T00:00:00.".length;

/** Nanoseconds that the fraction of an RFC 3339 instant has beyond its milliseconds. */
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

/** Whole units of `unitNanos` nanoseconds in a duration. */
function scaledDuration(text: string, unitNanos: number): number | undefined {
  const seconds = parseGoDuration(text);
  if (seconds === undefined) return undefined;
  return Math.trunc(Math.round(seconds * 1e9) / unitNanos);
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
