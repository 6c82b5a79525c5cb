/**
 * Spans and their contexts: opens them by the rows of `span-kinds.ts`, writes contexts into headers, reads
 * them out again. It knows nothing of clients; whoever opens a span here closes it here.
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

/** What an application may choose about spans. */
export interface TracingRules {
  /** Whether a process span is the child of the message's sender, or the root of a trace that links to it. */
  readonly consumerParent: "parent" | "link";
  /** Whether a request's span is CLIENT (service maps show an edge) or PRODUCER, as the conventions have it. */
  readonly requestSpanKind: "client" | "producer";
  /** Which acks have a span: those that wait for the server's answer, all, or none. */
  readonly settleSpans: "ackAck" | "all" | "none";
  /** Whether spans say the subject itself beside its template. */
  readonly subjects: "record" | "omit";
}

/** What the server takes. */
export interface ServerLimits {
  /** Bytes of headers and payload; undefined where it is not known. */
  readonly maxPayload: number | undefined;
  readonly headers: boolean;
}

/** Why a context stayed behind. */
export type NotSentReason = "headers_unsupported" | "max_payload";

/** What a span is opened with, beside its shape and destination. */
export interface SpanDetails {
  /** Default: the active context. */
  readonly parent?: Context | undefined;
  readonly attributes?: Attributes | undefined;
  readonly links?: Link[];
}

/** A span, if its trace is sampled, and the context that code which belongs to it runs in. */
export interface OpenSpan {
  readonly span: Span | undefined;
  readonly context: Context;
}

/** Baggage has no limit of its own, and would go into every message. */
const MAX_CONTEXT_BYTES = 4096;

const W3C_FIELDS: readonly string[] = ["traceparent", "tracestate", "baggage"];

/** Spans of one connection. */
export class Tracing {
  readonly rules: TracingRules;
  /** How to make a context the active one of a loop's body; undefined where it cannot be done. */
  readonly enter: Enter | undefined;
  readonly #tracer: Tracer;
  readonly #followsUnsampled: boolean;
  readonly #ignoresAttributes: boolean;
  /** Whether a span context without baggage and state is one `traceparent`, and nothing else. */
  readonly #isW3c: boolean;
  /** Whether what a lone `traceparent` says is what a propagator would read. */
  readonly #believes: boolean;
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
    this.#believes = this.#isW3c && propagatorTrustsTraceparent();
  }

  /** What every span says of its connection from now on: it changes with each reconnect. */
  describeConnection(attributes: Attributes): void {
    this.#connection = attributes;
    this.#facts = new Map();
  }

  /**
   * Opens a span; it has to be closed with `close`. Undefined where the parent is not sampled and the tracer
   * would say the same: the parent's context is then what goes on.
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

  /** Opens the span of a request to a service, which is no messaging span: of the connection it has the server. */
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
   * Opens the span of a message that is being processed. Its parent is never the active context: callbacks
   * run in the context of whoever connected.
   * @param replayed whether the message was stored, and may be delivered any number of times: it is linked only
   */
  openProcess(
    shape: SpanShape,
    destination: Destination,
    message: { readonly subject: string; readonly headers?: HeadersShape | undefined },
    attributes: Attributes | undefined,
    replayed: boolean,
  ): OpenSpan {
    const sender = this.#believes ? SoleTraceparent.of(message) : undefined;
    const carried = sender ? new ContextWithSpan(ROOT_CONTEXT, sender) : this.read(message.headers);
    // A sender that is no parent is linked to, and its sampling is its own.
    const isParent = this.rules.consumerParent === "parent" && !replayed;
    if (isParent && this.#followsUnsampled && sender?.isSampled === false) {
      return { span: undefined, context: carried };
    }
    const { parent, links } = this.#relate(carried, replayed);
    const details = links.length > 0 ? { parent, attributes, links } : { parent, attributes };
    const span = this.open(shape, destination, message.subject, details);
    return { span, context: span ? new ContextWithSpan(parent, { span }) : parent };
  }

  /** The parent and the links of whatever a message causes, by the rules. */
  parentOf(headers: HeadersShape | undefined, replayed: boolean): { parent: Context; links: Link[] } {
    return this.#relate(this.read(headers), replayed);
  }

  #relate(creation: Context, replayed: boolean): { parent: Context; links: Link[] } {
    const sender = trace.getSpanContext(creation);
    if (!sender) return { parent: creation, links: [] };
    const isParent = this.rules.consumerParent === "parent" && !replayed;
    return { parent: isParent ? creation : trace.deleteSpan(creation), links: [{ context: sender }] };
  }

  /** The context in a message's headers, upon an empty one. */
  read(headers: HeadersShape | undefined): Context {
    return headers ? propagation.extract(ROOT_CONTEXT, headers, HEADER_GETTER) : ROOT_CONTEXT;
  }

  /** Links a request to the trace of its reply, where that is another one. */
  linkIfForeign(span: Span, headers: HeadersShape | undefined): void {
    const replier = headers && trace.getSpanContext(this.read(headers));
    if (replier && replier.traceId !== span.spanContext().traceId) span.addLink({ context: replier });
  }

  /** The header lines of a span's context, or of its parent's where there is no span. May be none. */
  linesOf(span: Span | undefined, parent: Context): [string, string][] {
    const carried = span ? trace.setSpan(parent, span) : parent;
    if (carried === ROOT_CONTEXT) return [];
    const lines: [string, string][] = [];
    propagation.inject(carried, lines, PAIR_SETTER);
    const bytes = lines.reduce((sum, [key, value]) => sum + key.length + value.length + 4, 0);
    return bytes <= MAX_CONTEXT_BYTES ? lines : lines.filter(([key]) => key !== "baggage");
  }

  /**
   * Headers to send: the application's own and a context. Gives back the application's own, untouched, where
   * there is no context or no room for it.
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

  /** Ends a span; with an error it says which. */
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
    // One unsampled context goes into many messages, a sampled one into a single.
    if (carried && this.#lastUnsampled?.of === carried) return this.#lastUnsampled.headers;
    // An SDK's own span has a valid context, or none at all when tracing is suppressed.
    const isValid = span
      ? carried?.traceId !== INVALID_TRACEID
      : carried && trace.isSpanContextValid(carried);
    if (!carried || !isValid) return undefined;
    const headers = EncodedHeaders.traceparent(traceparentOf(carried));
    if (!span) this.#lastUnsampled = { of: carried, headers };
    return headers;
  }

  /** Whether it is known, without asking the tracer, that a child of this context is not sampled. */
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
