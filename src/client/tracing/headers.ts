/**
 * Trace contexts in message headers. Setting a header through a client's `MsgHdrs` costs more than the rest of
 * a publish; both generations ask a header object only for `encode()`, so a context alone is encoded here.
 */
import type { SpanContext, TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import type { HeadersShape } from "../shapes/headers.ts";

/** Reads headers exactly first, then whatever their case: Go's clients write `Traceparent`. */
export const HEADER_GETTER: TextMapGetter<HeadersShape | undefined> = {
  keys: (headers) => headers?.keys() ?? [],
  get(headers, key) {
    if (!headers) return undefined;
    const exact = headers.values(key);
    const values = exact.length > 0 ? exact : valuesInAnyCase(headers, key);
    // tracestate and baggage may come in several headers, and are one list. An empty header says nothing.
    return values.filter((value) => value !== "").join(",") || undefined;
  },
};

/** Collects what a propagator writes. */
export const PAIR_SETTER: TextMapSetter<[string, string][]> = {
  set: (pairs, key, value) => {
    pairs.push([key, value]);
  },
};

function valuesInAnyCase(headers: HeadersShape, key: string): string[] {
  const wanted = key.toLowerCase();
  const found = headers.keys().find((one) => one.toLowerCase() === wanted);
  return found === undefined ? [] : headers.values(found);
}

/** Whether a message has a trace context already. What can only be encoded has none that anybody could see. */
export function hasContext(headers: HeadersShape): boolean {
  return typeof headers.values === "function" && HEADER_GETTER.get(headers, "traceparent") !== undefined;
}

/** `00-<trace>-<span>-<flags>`, as W3C Trace Context has it. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}

const START = "NATS/1.0\r\n";
const END = "\r\n";

/** A header block with these lines and, before them, the lines of the application's own headers. */
export class EncodedHeaders {
  #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Headers of one line. */
  static traceparent(traceparent: string): EncodedHeaders {
    return new EncodedHeaders(Buffer.from(`${START}traceparent: ${traceparent}${END}${END}`, "latin1"));
  }

  /**
   * @param own what `MsgHdrs.encode()` of the application's headers gave (nothing at all, of empty ones), or
   *   undefined without any
   * @param pairs a line break in one would be a line of its own, or the end of the headers: it is left out
   */
  static of(own: Uint8Array | undefined, pairs: readonly (readonly [string, string])[]): EncodedHeaders {
    const lines = pairs
      .filter(([key, value]) => !/[\r\n]/.test(key + value))
      .map(([key, value]) => `${key}: ${value}${END}`)
      .join("");
    if (!own || own.length === 0) return new EncodedHeaders(Buffer.from(`${START}${lines}${END}`));
    const before = own.subarray(0, own.length - END.length);
    return new EncodedHeaders(Buffer.concat([before, Buffer.from(`${lines}${END}`)]));
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** What the clients call. */
  encode(): Uint8Array {
    return this.#bytes;
  }

  /** `@nats-io` clients write here what a publish says of server traces, and would write into `MsgHdrs`. */
  set(key: string, value: string): void {
    const [status = "", ...lines] = Buffer.from(this.#bytes).toString().split(END);
    const others = lines.filter((line) => line !== "" && !line.startsWith(`${key}:`));
    this.#bytes = Buffer.from([status, ...others, `${key}: ${value}`, END].join(END));
  }
}
