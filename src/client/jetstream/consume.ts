/**
 * Messages that a consumer pushes to a callback or a loop: `consume()` of pull, push and ordered consumers,
 * and v2's subscriptions. Pending messages are those that the client holds and has not delivered.
 */

import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { OpenSubscription } from "../instrumentation/open-subscriptions.ts";
import { delegate } from "../wrapping/delegate.ts";
import { type Iteration, type LoopInstrumentation, wrapIterator } from "../wrapping/iteration.ts";
import { beginProcessing, wrapCallback } from "./delivery.ts";
import type {
  ConsumeOptionsShape,
  ConsumerMessagesShape,
  ConsumerShape,
  JetStreamMessageShape,
} from "./shapes.ts";
import type { Source } from "./source.ts";

/** `consume()` of a consumer. Throws and rejects as the client's own does. */
export function consume(
  instrumentation: Instrumentation,
  source: Source,
  raw: ConsumerShape,
  options: ConsumeOptionsShape | undefined,
): Promise<ConsumerMessagesShape> {
  const callback = options?.callback;
  if (typeof callback !== "function") {
    const consuming = raw.consume(options && { ...options });
    return consuming.then((messages) => wrapMessages(instrumentation, source, messages));
  }
  const begin = (message: JetStreamMessageShape) => beginProcessing(instrumentation, source, message);
  const consuming = raw.consume({ ...options, callback: wrapCallback(begin, callback) });
  return consuming.then((messages) => {
    // A callback gets each message at once, so none is pending.
    const { destination } = source;
    instrumentation.subscriptions.add({ destination, pending: () => 0 }, messages.closed());
    return messages;
  });
}

function wrapMessages(
  instrumentation: Instrumentation,
  source: Source,
  messages: ConsumerMessagesShape,
): ConsumerMessagesShape {
  const loop = new ConsumerLoop(instrumentation, source, messages, messages.closed());
  return delegate(messages, {
    [Symbol.asyncIterator]: () => loop.iterate(),
    close(): Promise<unknown> {
      const closed = messages.close();
      loop.endUnread();
      return closed;
    },
    stop(error?: Error): void {
      messages.stop(error);
      loop.endUnread();
    },
  });
}

/** Messages to loop over, and the number of those that wait. */
interface Loopable extends AsyncIterable<JetStreamMessageShape> {
  getPending(): number;
}

/** A loop over the messages of a consumer. */
export class ConsumerLoop {
  readonly #instrumentation: Instrumentation;
  readonly #source: Source;
  readonly #messages: Loopable;
  readonly #iterations = new Set<Iteration<JetStreamMessageShape>>();
  readonly #open: OpenSubscription;

  /** @param over settles when there will be no further message */
  constructor(instrumentation: Instrumentation, source: Source, messages: Loopable, over: Promise<unknown>) {
    this.#instrumentation = instrumentation;
    this.#source = source;
    this.#messages = messages;
    const { destination } = source;
    const pending = () => messages.getPending();
    const endSoon = () => {
      for (const iteration of this.#iterations) iteration.endSoon();
    };
    this.#open = instrumentation.subscriptions.add({ destination, pending, closed: endSoon }, over);
  }

  iterate(): AsyncIterableIterator<JetStreamMessageShape> {
    const loopInstrumentation: LoopInstrumentation<JetStreamMessageShape> = {
      begin: (message) => beginProcessing(this.#instrumentation, this.#source, message),
      finish: () => {
        this.#iterations.delete(iteration);
        // After `break`, v2's iterator reports its end only to a reader, which no longer exists.
        this.endUnread();
      },
      enter: this.#instrumentation.tracing?.enter,
    };
    const { iterator, iteration } = wrapIterator(this.#messages[Symbol.asyncIterator](), loopInstrumentation);
    this.#iterations.add(iteration);
    return iterator;
  }

  /**
   * Closes the subscription if no loop runs: the client's iterator learns of its end only when it is read.
   */
  endUnread(): void {
    if (this.#iterations.size === 0) this.#open.close();
  }
}
