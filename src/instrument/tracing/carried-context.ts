/**
 * Contexts of delivered messages, without what they usually cost: to decode headers, ask a propagator and copy
 * a context for one more value takes as long as five deliveries.
 */
import {
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  TraceFlags,
  trace,
} from "@opentelemetry/api";

/** What a message of either generation is inside: its headers are decoded when somebody asks for them. */
interface UndecodedShape {
  /** `hdr`: bytes of headers, -1 without any. */
  readonly _msg?: { readonly hdr?: unknown };
  /** Headers and payload. */
  readonly _rdata?: unknown;
  readonly _headers?: unknown;
}

const SOLE_TRACEPARENT =
  /^NATS\/1\.0\r\ntraceparent: 00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-0([01])\r\n\r\n$/;
const SOLE_TRACEPARENT_BYTES = 82;

/**
 * The sender's span, of a message whose headers are a `traceparent` and nothing else, read from the bytes as they
 * came. Undefined for every other message: its headers have to be decoded.
 */
export function soleSender(message: object): SpanContext | undefined {
  const { _msg, _rdata, _headers } = message as UndecodedShape;
  if (_msg?.hdr !== SOLE_TRACEPARENT_BYTES || _headers !== undefined) return undefined;
  if (!(_rdata instanceof Uint8Array)) return undefined;
  const text = Buffer.prototype.toString.call(_rdata, "latin1", 0, SOLE_TRACEPARENT_BYTES);
  const [, traceId, spanId, flags] = SOLE_TRACEPARENT.exec(text) ?? [];
  if (!traceId || !spanId) return undefined;
  const traceFlags = flags === "1" ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId, spanId, traceFlags, isRemote: true };
}

const KNOWN = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

/** Whether the registered propagator takes a `traceparent` for what it says: one may trust no sender, say. */
export function believesTraceparent(): boolean {
  const carrier = { traceparent: `00-${KNOWN.traceId}-${KNOWN.spanId}-01` };
  const extracted = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier));
  return (
    extracted?.traceId === KNOWN.traceId &&
    extracted.spanId === KNOWN.spanId &&
    extracted.traceFlags === TraceFlags.SAMPLED &&
    extracted.traceState === undefined
  );
}

/** Under which key contexts have their span: what the API asks for. */
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

/** As `trace.setSpan(outer, span)`, which copies the outer context and makes three functions. */
export class ContextWithSpan implements Context {
  readonly #outer: Context;
  readonly #span: Span;

  constructor(outer: Context, span: Span) {
    this.#outer = outer;
    this.#span = span;
  }

  /** What a sender's context is to those who get its message. */
  static ofSender(sender: SpanContext): ContextWithSpan {
    return new ContextWithSpan(ROOT_CONTEXT, trace.wrapSpanContext(sender));
  }

  getValue(key: symbol): unknown {
    return key === SPAN_KEY ? this.#span : this.#outer.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return trace.setSpan(this.#outer, this.#span).setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return trace.setSpan(this.#outer, this.#span).deleteValue(key);
  }
}
