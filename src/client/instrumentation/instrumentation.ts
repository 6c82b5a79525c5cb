/**
 * The observer of one connection: everything that the wrappers of its operations speak to. It counts, opens
 * spans and tells listeners; it never calls the client.
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

/** What an observer is made of. */
export interface InstrumentationParts {
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

/** See the file's comment. */
export class Instrumentation {
  /** The client's own connection. */
  readonly connection: ConnectionShape;
  readonly metrics: ClientMetrics;
  readonly subjects: SubjectLabels;
  /** Undefined: no spans, no contexts. */
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
  /** Published since the connection was lost, and not thrown away yet. */
  #waiting = 0;

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

  /** What the server takes: it may be another one after a reconnect. */
  get limits(): ServerLimits {
    const { info } = this.connection;
    return { headers: info?.headers !== false, maxPayload: info?.max_payload };
  }

  /** Publishes that the client has accepted, whoever made them; undefined where it does not say. */
  get accepted(): number | undefined {
    return this.connection.protocol?.outMsgs;
  }

  /** Whether it has accepted one since there were so many: what it refuses, it may reject later. */
  hasAcceptedSince(before: number | undefined): boolean {
    return before === undefined || this.accepted !== before;
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
    // Not `guard`: a closure for each message.
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

  /** Tells who listens, and closes the span of a message that was sent or was not. */
  endPublish(event: PublishEvent): void {
    if (this.listeners.hear("publish")) this.listeners.tell("publish", event);
    this.closeSpan(event.span, event.error);
  }
}
