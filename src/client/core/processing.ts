/**
 * A message that the application is processing: from the moment it is handed over until the callback returns,
 * its promise settles, or the loop asks for the next. With a span, the application's code runs in its context.
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

/** A message, and what is known of where it came from. */
export interface Delivered {
  readonly message: Pick<MessageShape, "subject" | "data" | "headers">;
  readonly destination: Destination;
  /** Beyond those of the destination. */
  readonly attributes?: Attributes | undefined;
  /** Stored before: its sender's trace is over, and is linked to at most. */
  readonly replayed?: boolean;
  /** For listeners: the subject of the subscription, or stream and consumer. */
  readonly source: string;
}

/** See the file's comment. Has to be ended once; further ends do nothing. */
export class Processing {
  /** What the application's code for this message runs in. */
  readonly context: Context;
  readonly span: Span | undefined;
  /** When the message was handed over: seconds of a monotonic clock. */
  readonly started = now();
  readonly #instrumentation: Instrumentation;
  readonly #delivered: Delivered;
  #ended = false;

  /** @param opened what `openProcess` gave for it, if it was asked before */
  constructor(
    instrumentation: Instrumentation,
    delivered: Delivered,
    opened = openProcess(instrumentation, delivered),
  ) {
    this.#instrumentation = instrumentation;
    this.#delivered = delivered;
    this.span = opened?.span;
    this.context = opened?.context ?? ROOT_CONTEXT;
  }

  /**
   * Calls the application's callback in the message's context, and ends when it is done: when it has returned,
   * or when the promise that it gave back is settled. What it throws or rejects with goes on as it is.
   * @param self what the callback is called upon
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
    if (listeners.hear("consume")) {
      listeners.tell("consume", consumeEvent(this.#delivered, { durationSeconds, span: this.span, error }));
    }
    this.#instrumentation.closeSpan(this.span, error);
  }
}

/** What listeners hear of a message that the application is done with. */
export function consumeEvent(
  { message, source }: Pick<Delivered, "message" | "source">,
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

/** Opens the span of a message; undefined where there are no spans, or the tracer failed. */
export function openProcess(instrumentation: Instrumentation, delivered: Delivered): OpenSpan | undefined {
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
  // Told what to call it upon, `with` would bind it, for each message anew.
  return context.with(active, callUpon<Input>, undefined, callback, self, input);
}

function callUpon<Input extends unknown[]>(
  callback: (...input: Input) => unknown,
  self: unknown,
  input: Input,
): unknown {
  return callback.apply(self, input);
}
