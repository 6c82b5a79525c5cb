/** subscribe: messages that are handed to a callback or a loop. */
import { type Attributes, context } from "@opentelemetry/api";
import { delegate } from "../delegate.ts";
import { isPromise } from "../events.ts";
import type { Observer, OpenSubscription } from "../observer.ts";
import type { MessageCallback, MessageShape, SubscribeOptionsShape, SubscriptionShape } from "../shapes.ts";
import type { Destination } from "../subjects/destination.ts";
import { type Iteration, observedIterator } from "./iteration.ts";
import { type Delivery, observeReplies, Processing } from "./processing.ts";
import { ProcessingClock, UNTIMED } from "./processing-clock.ts";

/** The subscribing member of an observed connection. */
export function subscribing(observer: Observer) {
  return {
    subscribe(subject: string, options?: SubscribeOptionsShape): SubscriptionShape {
      if (typeof subject !== "string") return observer.connection.subscribe(subject, options);
      return new ObservedSubscription(observer, subject, options).subscribe();
    },
  };
}

/** What is shared by the messages of a subscription. */
class ObservedSubscription {
  readonly #observer: Observer;
  readonly #subject: string;
  readonly #options: SubscribeOptionsShape | undefined;
  readonly #destination: Destination;
  readonly #attributes: Attributes | undefined;
  readonly #clock = new ProcessingClock();
  /** Of messages without a span: one for all of them. */
  readonly #plainDelivery: Delivery;

  constructor(observer: Observer, subject: string, options: SubscribeOptionsShape | undefined) {
    this.#observer = observer;
    this.#subject = subject;
    this.#options = options;
    this.#destination = observer.subjects.ofSubscription(subject);
    this.#attributes = options?.queue ? { "messaging.consumer.group.name": options.queue } : undefined;
    this.#plainDelivery = { observer, context: undefined };
  }

  subscribe(): SubscriptionShape {
    const { connection } = this.#observer;
    const callback = this.#options?.callback;
    if (typeof callback !== "function") {
      return this.#observedLoop(connection.subscribe(this.#subject, this.#options));
    }
    const observed = this.#observedCallback(callback);
    const subscription = connection.subscribe(this.#subject, { ...this.#options, callback: observed });
    // The client counts no message as pending that a callback gets at once.
    this.#open(subscription, () => 0);
    return subscription;
  }

  /** @returns closes it, for ways out that `closed` does not tell of */
  #open(subscription: SubscriptionShape, pending: () => number, closed = () => {}): () => void {
    const { subscriptions } = this.#observer;
    const open: OpenSubscription = {
      destination: this.#destination,
      pending,
      flush: () => this.#clock.flush(this.#destination.processing),
      close: () => {
        if (!subscriptions.delete(open)) return;
        open.flush();
        closed();
      },
    };
    subscriptions.add(open);
    subscription.closed.then(open.close, open.close);
    return open.close;
  }

  #observedCallback(callback: MessageCallback): MessageCallback {
    const observer = this.#observer;
    const clock = this.#clock;
    if (observer.subjects.haveTemplates) clock.timeAll();
    return (error, message) => {
      // Errors come with an empty object: a timeout, a denied subscription.
      if (error || message?.data === undefined) return callback(error, message);
      const destination = observer.subjects.ofDelivery(message, this.#destination);
      destination.countReceived(message.data.length);
      if (observer.tracing || observer.listeners.hear("consume")) {
        return this.#callWithin(this.#begin(message, destination), callback, message);
      }
      observeReplies(message, this.#plainDelivery);
      const started = clock.start();
      let result: unknown;
      try {
        result = callback(error, message);
      } catch (failure) {
        countFailure(observer, destination);
        if (started !== UNTIMED) clock.stop(started, destination.processing);
        throw failure;
      }
      if (isPromise(result)) return this.#settle(result, started, destination);
      if (started !== UNTIMED) clock.stop(started, destination.processing);
      return result;
    };
  }

  /** A promise is given on as it is, and a rejection stays unhandled if the client leaves it so. */
  #settle(result: PromiseLike<unknown>, started: number, destination: Destination): PromiseLike<unknown> {
    this.#clock.timeAll();
    const stop = () => started !== UNTIMED && this.#clock.stop(started, destination.processing);
    return result.then(
      (value) => {
        stop();
        return value;
      },
      (failure: unknown) => {
        stop();
        countFailure(this.#observer, destination);
        throw failure;
      },
    );
  }

  #begin(message: MessageShape, destination: Destination): Processing {
    const processing = new Processing(this.#observer, {
      message,
      destination,
      attributes: this.#attributes,
      source: this.#subject,
    });
    observeReplies(message, {
      observer: this.#observer,
      context: this.#observer.tracing && processing.context,
    });
    return processing;
  }

  #callWithin(processing: Processing, callback: MessageCallback, message: MessageShape): unknown {
    let result: unknown;
    try {
      result = this.#observer.tracing
        ? context.with(processing.context, callback, undefined, null, message)
        : callback(null, message);
    } catch (failure) {
      processing.end(failure ?? "error");
      throw failure;
    }
    if (!isPromise(result)) {
      processing.end();
      return result;
    }
    return result.then(
      (value) => {
        processing.end();
        return value;
      },
      (failure: unknown) => {
        processing.end(failure ?? "error");
        throw failure;
      },
    );
  }

  #observedLoop(subscription: SubscriptionShape): SubscriptionShape {
    const iterations = new Set<Iteration<MessageShape>>();
    const iterate = (): AsyncIterableIterator<MessageShape> => {
      const { iterator, iteration } = observedIterator(subscription[Symbol.asyncIterator](), {
        begin: (message) => {
          const destination = this.#observer.subjects.ofDelivery(message, this.#destination);
          destination.countReceived(message.data.length);
          return this.#begin(message, destination);
        },
        finish: () => iterations.delete(iteration),
        enter: this.#observer.tracing?.enter,
      });
      iterations.add(iteration);
      return iterator;
    };
    this.#open(
      subscription,
      () => subscription.getPending(),
      () => {
        for (const iteration of iterations) iteration.over();
      },
    );
    return delegate(subscription, { [Symbol.asyncIterator]: iterate });
  }
}

function countFailure(observer: Observer, { label }: Destination): void {
  observer.metrics.vectors.processingErrors.of(label).value++;
}
