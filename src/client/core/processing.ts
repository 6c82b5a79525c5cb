/**
 * The processing of one message by the application: from its delivery until the callback returns, its promise
 * settles, or the loop requests the next message. If the message has a span, the application's code runs in
 * the span's context.
 */
import { type Attributes, type Context, context, ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import type { ConsumeEvent } from "../instrumentation/hooks.ts";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { Destination } from "../labels/destination.ts";
import { now, observe } from "../metrics/timing.ts";
import type { MessageShape } from "../shapes/connection.ts";
import { SPANS } from "../tracing/span-kinds.ts";
import type { OpenSpan } from "../tracing/tracing.ts";
import { failureOf, isPromise, passOn } from "../wrapping/settling.ts";

/** A delivered message and its origin. */
export interface DeliveredMessage {
  readonly message: Pick<MessageShape, "subject" | "data" | "headers">;
  readonly destination: Destination;
  /** Attributes besides those of the destination. */
  readonly attributes?: Attributes | undefined;
  /**
   * Whether the message was stored: its sender's trace has ended, so the span links to it and is no child of
   * it.
   */
  readonly replayed?: boolean;
  /** For hooks: the subject of the subscription, or stream and consumer. */
  readonly source: string;
}

/** Measures one message. Call `end` once; further calls have no effect. */
export class Processing {
  /** The context for the application's code. */
  readonly context: Context;
  readonly span: Span | undefined;
  /** When the message was delivered, in seconds of a monotonic clock. */
  readonly started = now();
  readonly #instrumentation: Instrumentation;
  readonly #delivered: DeliveredMessage;
  #ended = false;

  /** @param opened result of `openProcess`, if it was called before */
  constructor(
    instrumentation: Instrumentation,
    delivered: DeliveredMessage,
    opened = openProcess(instrumentation, delivered),
  ) {
    this.#instrumentation = instrumentation;
    this.#delivered = delivered;
    this.span = opened?.span;
    this.context = opened?.context ?? ROOT_CONTEXT;
  }

  /**
   * Calls the application's callback in the message's context. Ends when the callback returns, or when the
   * promise that it returned settles. Errors are passed on unchanged.
   * @param self `this` of the callback
   */
  run<Input extends unknown[]>(
    callback: (...input: Input) => unknown,
    self: unknown,
    ...input: Input
  ): unknown {
    let result: unknown;
    try {
      result = this.#instrumentation.tracing
        ? callWithin(this.context, callback, self, input)
        : callback.call(self, ...input);
    } catch (thrown) {
      this.end(failureOf(thrown));
      throw thrown;
    }
    if (!isPromise(result)) {
      this.end();
      return result;
    }
    return passOn(result, (failure) => this.end(failure));
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const durationSeconds = now() - this.started;
    const { destination } = this.#delivered;
    const { listeners, metrics } = this.#instrumentation;
    observe(destination.processing, durationSeconds, this.span);
    if (error !== undefined) metrics.vectors.processingErrors.of(destination.label).value++;
    if (listeners.hasAny("consume")) {
      listeners.emit("consume", consumeEvent(this.#delivered, { durationSeconds, span: this.span, error }));
    }
    this.#instrumentation.closeSpan(this.span, error);
  }
}

/** The event for hooks when the application has finished a message. */
export function consumeEvent(
  { message, source }: Pick<DeliveredMessage, "message" | "source">,
  { durationSeconds, span, error }: Pick<ConsumeEvent, "durationSeconds" | "span" | "error">,
): ConsumeEvent {
  const { subject, data } = message;
  return {
    subject,
    source,
    bytes: data.length,
    durationSeconds,
    span,
    ...(error !== undefined && { error }),
  };
}

/** Opens the span of a message; undefined without tracing, or if the tracer failed. */
export function openProcess(
  instrumentation: Instrumentation,
  delivered: DeliveredMessage,
): OpenSpan | undefined {
  const { message, destination, attributes, replayed = false } = delivered;
  try {
    return instrumentation.tracing?.openProcess(SPANS.process, destination, message, attributes, replayed);
  } catch (error) {
    instrumentation.problems.note("tracer", error);
    return undefined;
  }
}

/** Calls the application's callback in a context. */
export function callWithin<Input extends unknown[]>(
  active: Context,
  callback: (...input: Input) => unknown,
  self: unknown,
  input: Input,
): unknown {
  // Given a `this`, `context.with` would bind the callback for each message.
  return context.with(active, callUpon<Input>, undefined, callback, self, input);
}

function callUpon<Input extends unknown[]>(
  callback: (...input: Input) => unknown,
  self: unknown,
  input: Input,
): unknown {
  return callback.apply(self, input);
}
