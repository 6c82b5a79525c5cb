/**
 * Spans and contexts of one connection: opens spans by the rows of `span-kinds.ts`, writes contexts into
 * headers and reads them. It knows no client; the code that opens a span also closes it.
 */
import {
  type Attributes,
  type Context,
  context,
  INVALID_TRACEID,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { errorType } from "../errors/failure.ts";
import type { Destination } from "../labels/destination.ts";
import type { HeadersShape } from "../shapes/headers.ts";
import { EncodedHeaders, HEADER_GETTER, PAIR_SETTER, traceparentOf } from "./headers.ts";
import { type Enter, enterOf } from "./loop-contexts.ts";
import { ContextWithSpan, propagatorTrustsTraceparent, SoleTraceparent } from "./message-context.ts";
import { followsUnsampledParent, ignoresAttributes } from "./sampling.ts";
import type { SpanShape } from "./span-kinds.ts";

/** Options of an application for its spans. */
export interface TracingRules {
  /**
   * `parent`: a process span is a child of the message's sender. `link`: it starts a new trace that links to
   * it.
   */
  readonly consumerParent: "parent" | "link";
  /**
   * `client`: the span of a request is CLIENT, and service maps show an edge. `producer`: PRODUCER, as in the
   * conventions.
   */
  readonly requestSpanKind: "client" | "producer";
  /** Acks with a span of their own: those that wait for the server's confirmation, all, or none. */
  readonly settleSpans: "ackAck" | "all" | "none";
  /** `record`: spans have the subject itself besides its template. `omit`: only the template. */
  readonly subjects: "record" | "omit";
}

/** Limits of the server. */
export interface ServerLimits {
  /** Maximum bytes of headers and payload; undefined if unknown. */
  readonly maxPayload: number | undefined;
  readonly headers: boolean;
}

/** Why a message was sent without its context. */
export type NotSentReason = "headers_unsupported" | "max_payload";

/** Options of a span besides its shape and destination. */
export interface SpanDetails {
  /** Default: the active context. */
  readonly parent?: Context | undefined;
  readonly attributes?: Attributes | undefined;
  readonly links?: Link[];
}

/** A span, undefined in a trace that is not sampled, and the context for the code that belongs to it. */
export interface OpenSpan {
  readonly span: Span | undefined;
  readonly context: Context;
}

/**
 * Maximum size of a context in headers. Baggage has no limit of its own, and would be added to every message.
 */
const MAX_CONTEXT_BYTES = 4096;

const W3C_FIELDS: readonly string[] = ["traceparent", "tracestate", "baggage"];

/** Spans of one connection. */
export class Tracing {
  readonly rules: TracingRules;
  /** Enters a context in a loop's body; undefined if that is not possible. */
  readonly enter: Enter | undefined;
  readonly #tracer: Tracer;
  readonly #followsUnsampled: boolean;
  readonly #ignoresAttributes: boolean;
  /** Whether a context without baggage and state is sent as a `traceparent` alone. */
  readonly #isW3c: boolean;
  /** Whether the propagator reads a lone `traceparent` without changes. */
  readonly #trustsTraceparent: boolean;
  #connection: Attributes = {};
  #facts = new Map<SpanShape, Map<Destination, { readonly name: string; readonly attributes: Attributes }>>();
  #lastUnsampled: { readonly of: SpanContext; readonly headers: EncodedHeaders } | undefined;

  constructor(tracer: Tracer, rules: TracingRules) {
    this.#tracer = tracer;
    this.rules = rules;
    this.enter = enterOf();
    this.#followsUnsampled = followsUnsampledParent(tracer);
    this.#ignoresAttributes = ignoresAttributes(tracer);
    const fields = propagation.fields();
    this.#isW3c = fields.includes("traceparent") && fields.every((field) => W3C_FIELDS.includes(field));
    this.#trustsTraceparent = this.#isW3c && propagatorTrustsTraceparent();
  }

  /** Sets the attributes of the connection for all spans from now on. Called after each reconnect. */
  describeConnection(attributes: Attributes): void {
    this.#connection = attributes;
    this.#facts = new Map();
  }

  /**
   * Opens a span, to be closed with `close`. Returns undefined if the parent is not sampled and the sampler
   * follows it; then the parent's context is sent on.
   */
  open(
    shape: SpanShape,
    destination: Destination,
    subject: string,
    details: SpanDetails = {},
  ): Span | undefined {
    const { parent = context.active(), attributes: own, links } = details;
    if (this.#isDecided(parent)) return undefined;
    const facts = this.#factsOf(shape, destination);
    const named =
      subject === destination.label || destination.nameless || this.rules.subjects === "omit"
        ? facts.attributes
        : { ...facts.attributes, "messaging.destination.name": subject };
    const attributes = own ? { ...named, ...own } : named;
    const options: SpanOptions = links ? { kind: shape.kind, links } : { kind: shape.kind };
    if (!this.#ignoresAttributes) {
      return this.#tracer.startSpan(facts.name, { ...options, attributes }, parent);
    }
    const span = this.#tracer.startSpan(facts.name, options, parent);
    if (span.isRecording()) span.setAttributes(attributes);
    return span;
  }

  /**
   * Opens the span of a request to a service, which is an RPC span: it has only the server address of the
   * connection.
   */
  openServer(name: string, parent: Context, attributes: Attributes): OpenSpan {
    if (this.#isDecided(parent)) return { span: undefined, context: parent };
    const { "messaging.system": _, "messaging.client.id": __, ...server } = this.#connection;
    const span = this.#tracer.startSpan(
      name,
      { kind: SpanKind.SERVER, attributes: { ...server, ...attributes } },
      parent,
    );
    return { span, context: trace.setSpan(parent, span) };
  }

  /**
   * Opens the span of a message in process. The active context is never its parent, because callbacks run in
   * the context of the code that connected.
   * @param replayed whether the message was stored: it may be delivered many times, so the span only links to
   *   its sender
   */
  openProcess(
    shape: SpanShape,
    destination: Destination,
    message: { readonly subject: string; readonly headers?: HeadersShape | undefined },
    attributes: Attributes | undefined,
    replayed: boolean,
  ): OpenSpan {
    const sender = this.#trustsTraceparent ? SoleTraceparent.of(message) : undefined;
    const carried = sender ? new ContextWithSpan(ROOT_CONTEXT, sender) : this.read(message.headers);
    // A sender that is only linked to does not decide about sampling.
    const isParent = this.rules.consumerParent === "parent" && !replayed;
    if (isParent && this.#followsUnsampled && sender?.isSampled === false) {
      return { span: undefined, context: carried };
    }
    const { parent, links } = this.#relate(carried, replayed);
    const details = links.length > 0 ? { parent, attributes, links } : { parent, attributes };
    const span = this.open(shape, destination, message.subject, details);
    return { span, context: span ? new ContextWithSpan(parent, { span }) : parent };
  }

  /** Parent and links of a span that a message causes, by the rules. */
  parentOf(headers: HeadersShape | undefined, replayed: boolean): { parent: Context; links: Link[] } {
    return this.#relate(this.read(headers), replayed);
  }

  #relate(creation: Context, replayed: boolean): { parent: Context; links: Link[] } {
    const sender = trace.getSpanContext(creation);
    if (!sender) return { parent: creation, links: [] };
    const isParent = this.rules.consumerParent === "parent" && !replayed;
    return { parent: isParent ? creation : trace.deleteSpan(creation), links: [{ context: sender }] };
  }

  /** The context in a message's headers. */
  read(headers: HeadersShape | undefined): Context {
    return headers ? propagation.extract(ROOT_CONTEXT, headers, HEADER_GETTER) : ROOT_CONTEXT;
  }

  /** Links a request to the trace of its reply, if that is a different trace. */
  linkIfForeign(span: Span, headers: HeadersShape | undefined): void {
    const replier = headers && trace.getSpanContext(this.read(headers));
    if (replier && replier.traceId !== span.spanContext().traceId) span.addLink({ context: replier });
  }

  /** Header lines of a span's context, or of its parent's if there is no span. May be empty. */
  linesOf(span: Span | undefined, parent: Context): [string, string][] {
    const carried = span ? trace.setSpan(parent, span) : parent;
    if (carried === ROOT_CONTEXT) return [];
    const lines: [string, string][] = [];
    propagation.inject(carried, lines, PAIR_SETTER);
    const bytes = lines.reduce((sum, [key, value]) => sum + key.length + value.length + 4, 0);
    return bytes <= MAX_CONTEXT_BYTES ? lines : lines.filter(([key]) => key !== "baggage");
  }

  /**
   * Headers to send: the application's own and a context. Returns the application's own, unchanged, if there
   * is no context or no room for it.
   */
  carry<Own extends HeadersShape | undefined>(
    span: Span | undefined,
    parent: Context,
    own: Own,
    payloadBytes: number,
    limits: ServerLimits,
    notSent: (reason: NotSentReason) => void,
  ): Own | EncodedHeaders {
    const headers = this.#headersOf(span, parent, own);
    if (!headers) return own;
    if (!limits.headers) notSent("headers_unsupported");
    else if (limits.maxPayload !== undefined && payloadBytes + headers.length > limits.maxPayload) {
      notSent("max_payload");
    } else return headers;
    return own;
  }

  /** Ends a span; with an error, sets its type and status. */
  close(span: Span | undefined, error?: unknown): void {
    if (!span) return;
    if (error !== undefined) {
      span.setAttribute("error.type", errorType(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }

  #headersOf(
    span: Span | undefined,
    parent: Context,
    own: HeadersShape | undefined,
  ): EncodedHeaders | undefined {
    const carried = span?.spanContext() ?? trace.getSpanContext(parent);
    const isPlain = this.#isW3c && carried?.traceState === undefined && !propagation.getBaggage(parent);
    if (own || !isPlain) {
      const lines = this.linesOf(span, parent);
      return lines.length > 0 ? EncodedHeaders.of(own?.encode?.(), lines) : undefined;
    }
    // An unsampled context goes into many messages, a sampled one into a single message.
    if (carried && this.#lastUnsampled?.of === carried) return this.#lastUnsampled.headers;
    // A span of an SDK has a valid context, or none while tracing is suppressed.
    const isValid = span
      ? carried?.traceId !== INVALID_TRACEID
      : carried && trace.isSpanContextValid(carried);
    if (!carried || !isValid) return undefined;
    const headers = EncodedHeaders.traceparent(traceparentOf(carried));
    if (!span) this.#lastUnsampled = { of: carried, headers };
    return headers;
  }

  /** Whether a child of this context is certainly unsampled, without starting a span. */
  #isDecided(parent: Context): boolean {
    if (!this.#followsUnsampled) return false;
    const carried = trace.getSpanContext(parent);
    if (carried === undefined || (carried.traceFlags & TraceFlags.SAMPLED) !== 0) return false;
    return carried === this.#lastUnsampled?.of || trace.isSpanContextValid(carried);
  }

  #factsOf(shape: SpanShape, destination: Destination) {
    let ofShape = this.#facts.get(shape);
    if (!ofShape) {
      ofShape = new Map();
      this.#facts.set(shape, ofShape);
    }
    let facts = ofShape.get(destination);
    if (!facts) {
      const { operation, type, ofConsumer } = shape;
      const name = destination.nameless ? operation : `${operation} ${destination.label}`;
      const attributes = {
        ...this.#connection,
        "messaging.operation.name": operation,
        "messaging.operation.type": type,
        ...destinationAttributes(destination, ofConsumer),
      };
      facts = { name, attributes };
      ofShape.set(destination, facts);
    }
    return facts;
  }
}

function destinationAttributes({ label, nameless }: Destination, ofConsumer?: true): Attributes {
  if (label === "_INBOX") {
    return { "messaging.destination.template": "_INBOX.>", "messaging.destination.temporary": true };
  }
  if (nameless) return {};
  const template = { "messaging.destination.template": label };
  return ofConsumer || /[*>]/.test(label) ? template : { ...template, "messaging.destination.name": label };
}
