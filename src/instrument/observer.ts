/**
 * The observer of one connection: everything that the wrappers of its operations speak to. It counts, opens
 * spans and tells listeners; it never calls the client.
 */
import { type Context, context, type Span, type SpanContext, TraceFlags } from "@opentelemetry/api";
import type { Listeners, PublishEvent } from "./events.ts";
import { errorType, type Outcome, outcomeOf } from "./failure.ts";
import type { Problems } from "./harmless.ts";
import type { Histogram } from "./metrics/cells.ts";
import type { ClientMetrics } from "./metrics/client-metrics.ts";
import type { ConnectionShape, Payload } from "./shapes.ts";
import type { Destination, SubjectBook } from "./subjects/destination.ts";
import type { HeadersShape } from "./tracing/headers.ts";
import type { SpanShape } from "./tracing/span-kinds.ts";
import { SPANS } from "./tracing/span-kinds.ts";
import type { ServerLimits, SpanDetails, Tracing } from "./tracing/tracing.ts";

/** Something that holds messages for the application. */
export interface OpenSubscription {
  readonly destination: Destination;
  pending(): number;
  /** Observes what waits to be observed. */
  flush(): void;
  /** Whether the server may still send messages. Default: it may. */
  isOpen?(): boolean;
  /** It is over: there will be no further message. */
  close(): void;
}

/** What an observer is made of. */
export interface ObserverParts {
  readonly connection: ConnectionShape;
  readonly metrics: ClientMetrics;
  readonly subjects: SubjectBook;
  readonly tracing: Tracing | undefined;
  readonly listeners: Listeners;
  readonly problems: Problems;
}

/** See the file's comment. */
export class Observer {
  /** The client's own connection. */
  readonly connection: ConnectionShape;
  readonly metrics: ClientMetrics;
  readonly subjects: SubjectBook;
  /** Undefined: no spans, no contexts. */
  readonly tracing: Tracing | undefined;
  readonly listeners: Listeners;
  readonly problems: Problems;
  /** What is open now, for gauges. */
  readonly subscriptions = new Set<OpenSubscription>();
  requestsInFlight = 0;
  #connected: boolean;
  /** Published since the connection was lost, and not thrown away yet. */
  #waiting = 0;

  constructor(parts: ObserverParts) {
    this.connection = parts.connection;
    this.metrics = parts.metrics;
    this.subjects = parts.subjects;
    this.tracing = parts.tracing;
    this.listeners = parts.listeners;
    this.problems = parts.problems;
    this.#connected = !parts.connection.isClosed();
  }

  /** Whether the connection is up. */
  get connected(): boolean {
    return this.#connected;
  }

  /** The connection is down. */
  lose(): void {
    this.#connected = false;
  }

  /** The connection is up again; what was published since the last attempt began has been sent. */
  regain(): void {
    this.#connected = true;
    this.#waiting = 0;
  }

  /** The client threw away what was published while the connection was down. */
  dropWaiting(): void {
    this.metrics.vectors.dropped.of().value += this.#waiting;
    this.#waiting = 0;
  }

  /** The connection has been closed: loops that nobody reads from would stay open for ever. */
  closeSubscriptions(): void {
    for (const subscription of [...this.subscriptions]) subscription.close();
  }

  /** What the server takes: it may be another one after a reconnect. */
  get limits(): ServerLimits {
    const { info } = this.connection;
    return { headers: info?.headers !== false, maxPayload: info?.max_payload };
  }

  /** A message went to the client. */
  countPublished(destination: Destination, bytes: number): void {
    destination.countPublished(bytes);
    if (!this.#connected) this.#countDisconnected();
  }

  #countDisconnected(): void {
    const { connection } = this;
    // The client is connected again a moment before it says so.
    if (connection.protocol?.connected) return;
    this.metrics.vectors.publishedDisconnected.of().value++;
    // A reply to a message that came before the close is taken, and goes nowhere.
    if (connection.isClosed()) this.metrics.vectors.dropped.of().value++;
    else this.#waiting++;
  }

  /** The client, or a stream, did not take a message. */
  countPublishError(destination: Destination, error: unknown): void {
    this.metrics.vectors.publishErrors.of(destination.label, errorType(error)).value++;
  }

  /** Opens a span, if there are spans. A tracer that fails leaves none. */
  openSpan(shape: SpanShape, destination: Destination, subject: string, details?: SpanDetails) {
    const { tracing } = this;
    return tracing && this.problems.guard("tracer", () => tracing.open(shape, destination, subject, details));
  }

  /** Ends a span. */
  closeSpan(span: Span | undefined, error?: unknown): void {
    if (span) this.problems.guard("tracer", () => this.tracing?.close(span, error));
  }

  /**
   * Headers to send in a core message: the application's own, and the context of a span or of the one that is
   * active. Never changes the application's.
   */
  headersWith(
    span: Span | undefined,
    own: HeadersShape | undefined,
    bytes: number,
    parent: Context = context.active(),
  ): unknown {
    const { tracing } = this;
    if (!tracing) return own;
    const carry = () =>
      tracing.carry(span, parent, own, bytes, this.limits, (reason) => {
        this.metrics.vectors.contextNotSent.of(reason).value++;
      });
    return this.problems.guard("tracer", carry) ?? own;
  }

  /** Tells who listens, and closes the span of a message that was sent or was not. */
  endPublish(event: PublishEvent): void {
    if (this.listeners.hear("publish")) this.listeners.tell("publish", event);
    this.closeSpan(event.span, event.error);
  }
}

/** Shapes of the spans of a publish: whose headers have a context already is a forwarder. */
export function publishShape(forwards: boolean): SpanShape {
  return forwards ? SPANS.publishForward : SPANS.publish;
}

/** `ok`, or how it failed. */
export function outcome(error: unknown): Outcome {
  return error === undefined ? "ok" : outcomeOf(error);
}

/** Bytes of a payload as they are sent; 0 for what the client will refuse. */
export function payloadBytes(data: Payload | undefined): number {
  if (typeof data === "string") return Buffer.byteLength(data);
  return data instanceof Uint8Array ? data.length : 0;
}

/** Observes a duration, with the trace it belongs to if that one is sampled. */
export function observe(histogram: Histogram, seconds: number, span: Span | undefined): void {
  const sampled = span && sampledContext(span);
  if (sampled) histogram.observeTraced(seconds, sampled.traceId, sampled.spanId);
  else histogram.observe(seconds);
}

/** A span that fails here fails once more when it is ended, and is counted then. */
function sampledContext(span: Span): SpanContext | undefined {
  try {
    if (!span.isRecording()) return undefined;
    const own = span.spanContext();
    return own.traceFlags & TraceFlags.SAMPLED ? own : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds of a monotonic clock. */
export function now(): number {
  return performance.now() / 1000;
}
