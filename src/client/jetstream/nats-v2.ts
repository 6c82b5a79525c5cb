/**
 * The first JetStream interface, which only `nats` 2.x has: `subscribe`, `pullSubscribe`, `pull` and `fetch`
 * of the JetStream client.
 */

import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { bareName, EPHEMERAL, filterOf } from "../labels/consumer-name.ts";
import { delegate } from "../wrapping/delegate.ts";
import { ConsumerLoop } from "./consume.ts";
import { beginProcessing } from "./delivery.ts";
import { Fetching, receiveOne } from "./receive.ts";
import type {
  JetStreamShape,
  V2Callback,
  V2FetchOptionsShape,
  V2SubscribeOptionsShape,
  V2SubscriptionShape,
} from "./shapes.ts";
import { factsOf, Source } from "./source.ts";

/** Those of the members that the client has. */
export function v2Members(instrumentation: Instrumentation, raw: JetStreamShape) {
  const { subscribe, pullSubscribe, pull, fetch } = raw;
  return {
    ...(subscribe && { subscribe: subscribing(instrumentation, subscribe.bind(raw)) }),
    ...(pullSubscribe && { pullSubscribe: subscribing(instrumentation, pullSubscribe.bind(raw)) }),
    ...(pull && {
      pull: (stream: string, durable: string, expiresMs?: number) =>
        receiveOne(instrumentation, namedSource(instrumentation, stream, durable), () =>
          pull.call(raw, stream, durable, expiresMs),
        ),
    }),
    ...(fetch && {
      fetch(stream: string, durable: string, options?: V2FetchOptionsShape) {
        const fetching = new Fetching(instrumentation, namedSource(instrumentation, stream, durable));
        const messages = fetching.during(() => fetch.call(raw, stream, durable, options && { ...options }));
        fetching.endUnlessRead(options?.expires);
        return delegate(messages, { [Symbol.asyncIterator]: () => fetching.iterate(messages) });
      },
    }),
  };
}

/** The configuration is not requested; the client refuses invalid names. */
function namedSource(instrumentation: Instrumentation, stream: unknown, durable: unknown): Source {
  return new Source(instrumentation, { stream: String(stream), name: bareName(String(durable)) });
}

type Subscribe = (subject: string, options?: V2SubscribeOptionsShape) => Promise<V2SubscriptionShape>;

function subscribing(instrumentation: Instrumentation, subscribe: Subscribe): Subscribe {
  return (subject, options) => {
    const source = new Source(instrumentation, {
      name: options?.ordered ? EPHEMERAL : options?.config && factsOf(options.config).name,
      filter: filterOf(subject),
    });
    const callback = options?.callbackFn;
    if (!options || typeof callback !== "function") {
      return subscribe(subject, options).then((subscription) => {
        const loop = new ConsumerLoop(instrumentation, source, subscription, subscription.closed);
        return delegate(subscription, { [Symbol.asyncIterator]: () => loop.iterate() });
      });
    }
    // The options may be a builder, which has to stay one: only the callback is replaced, by inheritance.
    const wrapped: V2SubscribeOptionsShape = Object.create(options, {
      callbackFn: { value: wrapCallback(instrumentation, source, callback), enumerable: true },
    });
    return subscribe(subject, wrapped).then((subscription) => {
      const { destination } = source;
      instrumentation.subscriptions.add({ destination, pending: () => 0 }, subscription.closed);
      return subscription;
    });
  };
}

function wrapCallback(instrumentation: Instrumentation, source: Source, callback: V2Callback): V2Callback {
  return function (this: unknown, error, message) {
    const processing = error || !message ? undefined : beginProcessing(instrumentation, source, message);
    return processing ? processing.run(callback, this, error, message) : callback.call(this, error, message);
  };
}
