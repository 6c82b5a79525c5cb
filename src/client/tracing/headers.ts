/**
 * Trace contexts in message headers. To set a header through a client's `MsgHdrs` costs more than the rest of
 * a publish. Both generations call only `encode()` of a header object, so a context alone is encoded here.
 */
import type { SpanContext, TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import type { HeadersShape } from "../shapes/headers.ts";

/** Reads headers by exact name, then in any case: Go's clients write `Traceparent`. */
export const HEADER_GETTER: TextMapGetter<HeadersShape | undefined> = {
  keys: (headers) => headers?.keys() ?? [],
  get(headers, key) {
    if (!headers) return undefined;
    const exact = headers.values(key);
    const values = exact.length > 0 ? exact : valuesInAnyCase(headers, key);
    // tracestate and baggage may be split over several headers, which form one list. Empty headers have no
    // meaning.
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

/**
 * Whether a message already has a trace context. Headers that have only `encode()` cannot be read and count
 * as without.
 */
export function hasContext(headers: HeadersShape): boolean {
  return typeof headers.values === "function" && HEADER_GETTER.get(headers, "traceparent") !== undefined;
}

/** Formats `00-<trace>-<span>-<flags>`, as in W3C Trace Context. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}

const START = "NATS/1.0\r\n";
const END = "\r\n";

/** A header block: the lines of the application's headers, then the given ones. */
export class EncodedHeaders {
  #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Headers with one line. */
  static traceparent(traceparent: string): EncodedHeaders {
    return new EncodedHeaders(Buffer.from(`${START}traceparent: ${traceparent}${END}${END}`, "latin1"));
  }

  /**
   * @param own result of `MsgHdrs.encode()` of the application's headers (empty for empty headers); undefined
   *   without
   * @param pairs a pair with a line break is left out: it would add a line of its own, or end the headers
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

  /** Called by the clients. */
  encode(): Uint8Array {
    return this.#bytes;
  }

  /** Called by `@nats-io` clients with the server-trace options of a publish. */
  set(key: string, value: string): void {
    const [status = "", ...lines] = Buffer.from(this.#bytes).toString().split(END);
    const others = lines.filter((line) => line !== "" && !line.startsWith(`${key}:`));
    this.#bytes = Buffer.from([status, ...others, `${key}: ${value}`, END].join(END));
  }
}
