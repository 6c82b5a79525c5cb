/**
 * The instrumentation of one connection: the wrappers of all operations use it to count, to open and close
 * spans and to emit events. It never calls the client.
 */
import { type Context, context, type Span } from "@opentelemetry/api";
import { errorType } from "../errors/failure.ts";
import { ConsumerLabels } from "../labels/consumer-cells.ts";
import type { Destination, SubjectLabels } from "../labels/destination.ts";
import type { ClientMetrics } from "../metrics/client-metrics.ts";
import type { ConnectionShape } from "../shapes/connection.ts";
import type { HeadersShape } from "../shapes/headers.ts";
import type { SpanShape } from "../tracing/span-kinds.ts";
import type { NotSentReason, ServerLimits, SpanDetails, Tracing } from "../tracing/tracing.ts";
import type { Listeners, PublishEvent } from "./hooks.ts";
import { OpenSubscriptions } from "./open-subscriptions.ts";
import type { Problems } from "./problems.ts";

/** Members that are created before the instrumentation. */
interface InstrumentationParts {
  readonly connection: ConnectionShape;
  readonly metrics: ClientMetrics;
  readonly subjects: SubjectLabels;
  readonly tracing: Tracing | undefined;
  readonly listeners: Listeners;
  readonly problems: Problems;
}

/** An operation that the client may leave pending for ever when the connection closes. */
export interface OpenOperation {
  /** Called at most once. */
  connectionClosed(): void;
}

/** Counts, spans and events of one connection. */
export class Instrumentation {
  /** The client's own connection. */
  readonly connection: ConnectionShape;
  readonly metrics: ClientMetrics;
  readonly subjects: SubjectLabels;
  /** Undefined: no spans, no trace contexts in headers. */
  readonly tracing: Tracing | undefined;
  readonly listeners: Listeners;
  readonly problems: Problems;
  readonly subscriptions = new OpenSubscriptions();
  /** JetStream consumers of this connection. */
  readonly consumers: ConsumerLabels;
  /** Operations on buckets that are in progress. */
  readonly openOperations = new Set<OpenOperation>();
  requestsInFlight = 0;
  #connected: boolean;
  /** Messages published since the connection was lost that the client still holds. */
  #buffered = 0;

  constructor(parts: InstrumentationParts) {
    this.connection = parts.connection;
    this.metrics = parts.metrics;
    this.consumers = new ConsumerLabels(parts.metrics);
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

  /** Records that the connection is down. */
  markDisconnected(): void {
    this.#connected = false;
  }

  /**
   * Records that the connection is up again. Messages published since the last attempt began have been sent.
   */
  markReconnected(): void {
    this.#connected = true;
    this.#buffered = 0;
  }

  /** Counts the messages that the client dropped: those published while the connection was down. */
  countDropped(): void {
    this.metrics.vectors.dropped.of().value += this.#buffered;
    this.#buffered = 0;
  }

  /** Limits of the server, which may be another one after a reconnect. */
  get limits(): ServerLimits {
    const { info } = this.connection;
    return { headers: info?.headers !== false, maxPayload: info?.max_payload };
  }

  /** Number of publishes that the client has accepted from anywhere; undefined if it has no such counter. */
  get accepted(): number | undefined {
    return this.connection.protocol?.outMsgs;
  }

  /**
   * Whether the client has accepted a publish since its counter was `before`. A refused message may be
   * rejected only later.
   */
  hasAcceptedSince(before: number | undefined): boolean {
    return before === undefined || this.accepted !== before;
  }

  /** Counts a message that the client accepted. */
  countPublished(destination: Destination, bytes: number): void {
    destination.countPublished(bytes);
    if (!this.#connected) this.#countDisconnected();
  }

  #countDisconnected(): void {
    const { connection } = this;
    // The client is connected slightly before it dispatches the status.
    if (connection.protocol?.connected) return;
    this.metrics.vectors.publishedDisconnected.of().value++;
    // The client accepts a reply to a message delivered before the close, and drops it.
    if (connection.isClosed()) this.metrics.vectors.dropped.of().value++;
    else this.#buffered++;
  }

  /** Counts a message that the client or a stream did not accept. */
  countPublishError(destination: Destination, error: unknown): void {
    this.metrics.vectors.publishErrors.of(destination.label, errorType(error)).value++;
  }

  /** Opens a span; undefined without tracing, or if the tracer failed. */
  openSpan(shape: SpanShape, destination: Destination, subject: string, details?: SpanDetails) {
    const { tracing } = this;
    // No `guard`: it would create a closure for each message.
    try {
      return tracing?.open(shape, destination, subject, details);
    } catch (error) {
      this.problems.note("tracer", error);
      return undefined;
    }
  }

  /** Ends a span. */
  closeSpan(span: Span | undefined, error?: unknown): void {
    if (!span) return;
    try {
      this.tracing?.close(span, error);
    } catch (problem) {
      this.problems.note("tracer", problem);
    }
  }

  /**
   * Returns headers for a core message: the application's own, and the context of the span or the active one.
   * The application's headers object stays unchanged.
   */
  headersWith(
    span: Span | undefined,
    own: HeadersShape | undefined,
    bytes: number,
    parent: Context = context.active(),
  ): unknown {
    const { tracing } = this;
    try {
      return tracing ? tracing.carry(span, parent, own, bytes, this.limits, this.#notSent) : own;
    } catch (error) {
      this.problems.note("tracer", error);
      return own;
    }
  }

  readonly #notSent = (reason: NotSentReason): void => {
    this.metrics.vectors.contextNotSent.of(reason).value++;
  };

  /** Emits the event of a message, sent or not, and closes its span. */
  endPublish(event: PublishEvent): void {
    if (this.listeners.hasAny("publish")) this.listeners.emit("publish", event);
    this.closeSpan(event.span, event.error);
  }
}
