/**
 * A message that the application is processing: from the moment it is handed over until the callback returns,
 * its promise settles, or the loop asks for the next. With a span, the application's code runs in its context.
 */
import { type Attributes, type Context, context, ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import { isPromise } from "../events.ts";
import { now, type Observer, observe } from "../observer.ts";
import type { MessageShape, Payload, PublishOptionsShape } from "../shapes.ts";
import type { Destination } from "../subjects/destination.ts";
import { SPANS } from "../tracing/span-kinds.ts";
import { respondObserved } from "./publish.ts";

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
  readonly #observer: Observer;
  readonly #delivered: Delivered;
  #ended = false;

  constructor(observer: Observer, delivered: Delivered) {
    this.#observer = observer;
    this.#delivered = delivered;
    const { tracing } = observer;
    const { message, destination, attributes, replayed = false } = delivered;
    const opened =
      tracing &&
      observer.problems.guard("tracer", () =>
        tracing.openProcess(SPANS.process, destination, message, attributes, replayed),
      );
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
      result = this.#observer.tracing
        ? context.with(this.context, callback, self as undefined, ...input)
        : callback.call(self, ...input);
    } catch (failure) {
      this.end(failure ?? "error");
      throw failure;
    }
    if (!isPromise(result)) {
      this.end();
      return result;
    }
    return result.then(
      (value) => {
        this.end();
        return value;
      },
      (failure: unknown) => {
        this.end(failure ?? "error");
        throw failure;
      },
    );
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const durationSeconds = now() - this.started;
    const { destination, message, source } = this.#delivered;
    const { listeners, metrics } = this.#observer;
    observe(destination.processing, durationSeconds, this.span);
    if (error !== undefined) metrics.vectors.processingErrors.of(destination.label).value++;
    if (listeners.hear("consume")) {
      const { subject, data } = message;
      listeners.tell("consume", {
        subject,
        source,
        bytes: data.length,
        durationSeconds,
        span: this.span,
        ...(error !== undefined && { error }),
      });
    }
    this.#observer.closeSpan(this.span, error);
  }
}

/** Where a delivered message says whose it is; its `respond` asks there. */
const DELIVERY = Symbol("natscope delivery");

/** By whom a message's reply is observed, and within what. */
export interface Delivery {
  readonly observer: Observer;
  /** Undefined: that of whoever responds. */
  readonly context: Context | undefined;
}

interface MarkedMessage extends MessageShape {
  [DELIVERY]?: Delivery;
}

/** Lets replies to a message be observed. Both properties are shared: a message costs no closure. */
export function observeReplies(message: MessageShape, delivery: Delivery): void {
  (message as MarkedMessage)[DELIVERY] = delivery;
  message.respond = respond;
}

function respond(this: MarkedMessage, data?: Payload, options?: PublishOptionsShape): boolean {
  const raw = Object.getPrototypeOf(this) as MessageShape;
  const send = (sent: PublishOptionsShape | undefined) => raw.respond.call(this, data, sent);
  const delivery = this[DELIVERY];
  if (!delivery || !this.reply) return send(options);
  return respondObserved(delivery.observer, this.reply, data, options, send, delivery.context);
}
