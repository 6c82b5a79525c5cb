/**
 * Contexts of delivered messages at low cost: to decode headers, call a propagator and copy a context for one
 * more value takes as long as five deliveries.
 */
import { type Context, propagation, ROOT_CONTEXT, type Span, TraceFlags, trace } from "@opentelemetry/api";
import type { UndecodedShape } from "../shapes/message-internals.ts";

const START = Buffer.from("NATS/1.0\r\ntraceparent: 00-", "latin1");
const END = Buffer.from("\r\n\r\n", "latin1");
/** Positions of the ids, and the length of a block with nothing else. */
const TRACE_ID = { from: START.length, to: START.length + 32 };
const SPAN_ID = { from: TRACE_ID.to + 1, to: TRACE_ID.to + 17 };
const FLAGS = SPAN_ID.to + 1;
const SOLE_TRACEPARENT_BYTES = FLAGS + 2 + END.length;

const ZERO = 0x30;
const ONE = 0x31;
const NINE = 0x39;
const LOWER_A = 0x61;
const LOWER_F = 0x66;
const DASH = 0x2d;

/**
 * The sender's context of a message whose headers are one `traceparent` and nothing else. Its ids stay bytes
 * until they are used, which is rare in a trace that is not sampled.
 */
export class SoleTraceparent {
  readonly isSampled: boolean;
  #headers: Uint8Array | undefined;
  #span: Span | undefined;

  private constructor(headers: Uint8Array, isSampled: boolean) {
    this.#headers = headers;
    this.isSampled = isSampled;
  }

  /** Returns undefined for every other message; its headers have to be decoded. */
  static of(message: object): SoleTraceparent | undefined {
    const { _msg, _rdata, _headers } = message as UndecodedShape;
    if (_msg?.hdr !== SOLE_TRACEPARENT_BYTES || _headers !== undefined) return undefined;
    if (!(_rdata instanceof Uint8Array) || !isSoleTraceparent(_rdata)) return undefined;
    return new SoleTraceparent(_rdata, _rdata[FLAGS + 1] === ONE);
  }

  /** The sender's span. */
  get span(): Span {
    if (!this.#span) {
      const ids = Buffer.prototype.toString.call(this.#headers, "latin1", TRACE_ID.from, SPAN_ID.to);
      this.#span = trace.wrapSpanContext({
        traceId: ids.slice(0, 32),
        spanId: ids.slice(33),
        traceFlags: this.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
        isRemote: true,
      });
      // Releases the buffer that the socket delivered.
      this.#headers = undefined;
    }
    return this.#span;
  }
}

function isSoleTraceparent(bytes: Uint8Array): boolean {
  return (
    isAt(bytes, 0, START) &&
    isId(bytes, TRACE_ID) &&
    bytes[TRACE_ID.to] === DASH &&
    isId(bytes, SPAN_ID) &&
    bytes[SPAN_ID.to] === DASH &&
    bytes[FLAGS] === ZERO &&
    (bytes[FLAGS + 1] === ZERO || bytes[FLAGS + 1] === ONE) &&
    isAt(bytes, FLAGS + 2, END)
  );
}

function isAt(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false;
  return true;
}

/** Lower-case hexadecimal, not all zeros. */
function isId(bytes: Uint8Array, { from, to }: typeof TRACE_ID): boolean {
  let isZero = true;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    const isHexadecimal = (byte >= ZERO && byte <= NINE) || (byte >= LOWER_A && byte <= LOWER_F);
    if (!isHexadecimal) return false;
    if (byte !== ZERO) isZero = false;
  }
  return !isZero;
}

const KNOWN = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

/**
 * Whether the registered propagator takes a `traceparent` as it is. A propagator may, for example, trust no
 * sender.
 */
export function propagatorTrustsTraceparent(): boolean {
  const carrier = { traceparent: `00-${KNOWN.traceId}-${KNOWN.spanId}-01` };
  const extracted = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier));
  return (
    extracted?.traceId === KNOWN.traceId &&
    extracted.spanId === KNOWN.spanId &&
    extracted.traceFlags === TraceFlags.SAMPLED &&
    extracted.traceState === undefined
  );
}

/**
 * The key under which contexts have their span. The API does not export it, so a probe records which key it
 * reads.
 */
const SPAN_KEY = spanKey();

function spanKey(): symbol | undefined {
  let asked: symbol | undefined;
  const probe = {
    getValue(key: symbol) {
      asked = key;
    },
  };
  trace.getSpan(probe as unknown as Context);
  return asked;
}

/** The same as `trace.setSpan(outer, span)`, which copies the outer context and creates three functions. */
export class ContextWithSpan implements Context {
  readonly #outer: Context;
  readonly #inner: { readonly span: Span };

  /** @param inner its span is read only when it is needed */
  constructor(outer: Context, inner: { readonly span: Span }) {
    this.#outer = outer;
    this.#inner = inner;
  }

  getValue(key: symbol): unknown {
    return key === SPAN_KEY ? this.#inner.span : this.#outer.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return trace.setSpan(this.#outer, this.#inner.span).setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return trace.setSpan(this.#outer, this.#inner.span).deleteValue(key);
  }
}
