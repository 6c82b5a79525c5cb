/** `subscribe`: messages for a callback or a loop. */
import type { Attributes } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { OpenSubscription, OpenSubscriptionParts } from "../instrumentation/open-subscriptions.ts";
import type { Destination } from "../labels/destination.ts";
import type {
  MessageCallback,
  MessageShape,
  SubscribeOptionsShape,
  SubscriptionShape,
} from "../shapes/connection.ts";
import { mayBeAnswered, payloadLength } from "../shapes/message-internals.ts";
import type { OpenSpan } from "../tracing/tracing.ts";
import { delegate } from "../wrapping/delegate.ts";
import { type Iteration, wrapIterator } from "../wrapping/iteration.ts";
import { isPromise, passOn } from "../wrapping/settling.ts";
import { callWithin, type DeliveredMessage, openProcess, Processing } from "./processing.ts";
import { ProcessingClock, UNTIMED } from "./processing-clock.ts";
import { instrumentReplies, type ReplyContext } from "./replies.ts";

/** The subscribing member of an instrumented connection. */
export function subscribing(instrumentation: Instrumentation) {
  return {
    subscribe(subject: string, options?: SubscribeOptionsShape): SubscriptionShape {
      if (typeof subject !== "string") return instrumentation.connection.subscribe(subject, options);
      return new InstrumentedSubscription(instrumentation, subject, options).subscribe();
    },
  };
}

/** State shared by the messages of one subscription. */
class InstrumentedSubscription {
  readonly #instrumentation: Instrumentation;
  readonly #subject: string;
  readonly #options: SubscribeOptionsShape | undefined;
  readonly #destination: Destination;
  readonly #attributes: Attributes | undefined;
  readonly #clock = new ProcessingClock();
  /** Shared by all messages without a span. */
  readonly #plainReplyContext: ReplyContext;

  constructor(instrumentation: Instrumentation, subject: string, options: SubscribeOptionsShape | undefined) {
    this.#instrumentation = instrumentation;
    this.#subject = subject;
    this.#options = options;
    this.#destination = instrumentation.subjects.ofSubscription(subject);
    this.#attributes = options?.queue ? { "messaging.consumer.group.name": options.queue } : undefined;
    this.#plainReplyContext = { instrumentation, context: undefined };
  }

  subscribe(): SubscriptionShape {
    const { connection } = this.#instrumentation;
    const callback = this.#options?.callback;
    if (typeof callback !== "function") {
      return this.#wrapLoop(connection.subscribe(this.#subject, this.#options && { ...this.#options }));
    }
    const wrapped = this.#wrapCallback(callback);
    const subscription = connection.subscribe(this.#subject, { ...this.#options, callback: wrapped });
    // A callback gets each message at once, so none is pending. `closed` does not settle when the
    // subscription times out.
    const isOpen = () => !subscription.isDraining() && !subscription.isClosed();
    this.#opened(subscription, { pending: () => 0, isOpen });
    return subscription;
  }

  /** Keeps the subscription among the open ones until it closes. */
  #opened(
    subscription: SubscriptionShape,
    parts: Pick<OpenSubscriptionParts, "pending" | "isOpen" | "closed">,
  ): OpenSubscription {
    const destination = this.#destination;
    const flush = () => this.#clock.flush(destination.processing);
    return this.#instrumentation.subscriptions.add({ ...parts, destination, flush }, subscription.closed);
  }

  #wrapCallback(callback: MessageCallback): MessageCallback {
    const subscription = this;
    const instrumentation = this.#instrumentation;
    const clock = this.#clock;
    if (instrumentation.subjects.hasTemplates) clock.timeAll();
    // The client calls the callback with the subscription as `this`.
    return function (this: unknown, error, message) {
      // Errors (a timeout, a denied subscription) come with an empty object as message.
      const bytes = payloadLength(message);
      if (error || bytes === undefined) return callback.call(this, error, message);
      const destination = instrumentation.subjects.ofDelivery(message, subscription.#destination);
      destination.countReceived(bytes);
      const opened =
        instrumentation.tracing &&
        openProcess(instrumentation, subscription.#delivered(message, destination));
      if (opened?.span || instrumentation.listeners.hasAny("consume")) {
        return subscription.#begin(message, destination, opened).run(callback, this, null, message);
      }
      if (mayBeAnswered(message)) {
        instrumentReplies(
          message,
          opened ? { instrumentation, context: opened.context } : subscription.#plainReplyContext,
        );
      }
      const started = clock.start();
      let result: unknown;
      try {
        result = opened
          ? callWithin(opened.context, callback, this, [null, message])
          : callback.call(this, error, message);
      } catch (failure) {
        countFailure(instrumentation, destination);
        if (started !== UNTIMED) clock.stop(started, destination.processing);
        throw failure;
      }
      if (isPromise(result)) return subscription.#settle(result, started, destination);
      if (started !== UNTIMED) clock.stop(started, destination.processing);
      return result;
    };
  }

  #settle(result: PromiseLike<unknown>, started: number, destination: Destination): PromiseLike<unknown> {
    this.#clock.timeAll();
    return passOn(result, (failure) => {
      if (started !== UNTIMED) this.#clock.stop(started, destination.processing);
      if (failure !== undefined) countFailure(this.#instrumentation, destination);
    });
  }

  #delivered(message: MessageShape, destination: Destination): DeliveredMessage {
    return { message, destination, attributes: this.#attributes, source: this.#subject };
  }

  #begin(message: MessageShape, destination: Destination, opened?: OpenSpan): Processing {
    const processing = new Processing(this.#instrumentation, this.#delivered(message, destination), opened);
    instrumentReplies(message, {
      instrumentation: this.#instrumentation,
      context: this.#instrumentation.tracing && processing.context,
    });
    return processing;
  }

  #wrapLoop(subscription: SubscriptionShape): SubscriptionShape {
    const iterations = new Set<Iteration<MessageShape>>();
    const max = this.#options?.max ?? Number.POSITIVE_INFINITY;
    let isEnding = false;
    let handedOver = 0;
    const open = this.#opened(subscription, {
      // Not `getPending()`: it also counts the client's internal markers and, in v2, the message in process.
      pending: () => subscription.getReceived() - handedOver,
      isOpen: () => !isEnding && !subscription.isDraining() && subscription.getReceived() < max,
      closed: () => {
        for (const iteration of iterations) iteration.over();
      },
    });
    const closeUnread = () => {
      if (isEnding && iterations.size === 0) open.close();
    };
    const end = () => {
      isEnding = true;
      for (const iteration of iterations) iteration.endSoon();
      closeUnread();
    };
    const iterate = (): AsyncIterableIterator<MessageShape> => {
      const { iterator, iteration } = wrapIterator(subscription[Symbol.asyncIterator](), {
        begin: (message) => {
          handedOver++;
          return this.#handOver(message);
        },
        finish: () => {
          iterations.delete(iteration);
          closeUnread();
        },
        enter: this.#instrumentation.tracing?.enter,
      });
      iterations.add(iteration);
      if (isEnding) iteration.endSoon();
      return iterator;
    };
    return delegate(subscription, {
      [Symbol.asyncIterator]: iterate,
      unsubscribe(after?: number): void {
        subscription.unsubscribe(after);
        if (!after) end();
      },
      drain(): Promise<void> {
        const drained = subscription.drain();
        end();
        return drained;
      },
    });
  }

  #handOver(message: MessageShape): Processing {
    const destination = this.#instrumentation.subjects.ofDelivery(message, this.#destination);
    destination.countReceived(payloadLength(message) ?? 0);
    return this.#begin(message, destination);
  }
}

function countFailure(instrumentation: Instrumentation, { label }: Destination): void {
  instrumentation.metrics.vectors.processingErrors.of(label).value++;
}
