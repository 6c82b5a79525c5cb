/**
 * The first JetStream interface, which only `nats` 2.x has: subscribe, pullSubscribe, pull and fetch of the
 * client itself.
 */

import type { Observer } from "../instrumentation/instrumentation.ts";
import { bareName, EPHEMERAL, filterOf } from "../labels/consumer-name.ts";
import { delegate } from "../wrapping/delegate.ts";
import { ObservedLoop } from "./consume.ts";
import { beginProcessing } from "./delivery.ts";
import { Fetching, receiveOne } from "./receive.ts";
import type {
  JetStreamShape,
  LegacyCallback,
  LegacyFetchOptionsShape,
  LegacyOptionsShape,
  LegacySubscriptionShape,
} from "./shapes.ts";
import { factsOf, Source } from "./source.ts";

/** Those of them that the client has. */
export function legacy(observer: Observer, raw: JetStreamShape) {
  const { subscribe, pullSubscribe, pull, fetch } = raw;
  return {
    ...(subscribe && { subscribe: subscribing(observer, subscribe.bind(raw)) }),
    ...(pullSubscribe && { pullSubscribe: subscribing(observer, pullSubscribe.bind(raw)) }),
    ...(pull && {
      pull: (stream: string, durable: string, expiresMs?: number) =>
        receiveOne(observer, namedSource(observer, stream, durable), () =>
          pull.call(raw, stream, durable, expiresMs),
        ),
    }),
    ...(fetch && {
      fetch(stream: string, durable: string, options?: LegacyFetchOptionsShape) {
        const fetching = new Fetching(observer, namedSource(observer, stream, durable));
        const messages = fetching.during(() => fetch.call(raw, stream, durable, options && { ...options }));
        fetching.endUnlessRead(options?.expires);
        return delegate(messages, { [Symbol.asyncIterator]: () => fetching.iterate(messages) });
      },
    }),
  };
}

/** Its configuration is not asked for; what is no name is refused by the client. */
function namedSource(observer: Observer, stream: unknown, durable: unknown): Source {
  return new Source(observer, { stream: String(stream), name: bareName(String(durable)) });
}

type Subscribe = (subject: string, options?: LegacyOptionsShape) => Promise<LegacySubscriptionShape>;

function subscribing(observer: Observer, subscribe: Subscribe): Subscribe {
  return (subject, options) => {
    const source = new Source(observer, {
      name: options?.ordered ? EPHEMERAL : options?.config && factsOf(options.config).name,
      filter: filterOf(subject),
    });
    const callback = options?.callbackFn;
    if (!options || typeof callback !== "function") {
      return subscribe(subject, options).then((subscription) => {
        const loop = new ObservedLoop(observer, source, subscription, subscription.closed);
        return delegate(subscription, { [Symbol.asyncIterator]: () => loop.iterate() });
      });
    }
    // A builder of options stays one: what it is built from is its own, but for the callback.
    const observed: LegacyOptionsShape = Object.create(options, {
      callbackFn: { value: observedCallback(observer, source, callback), enumerable: true },
    });
    return subscribe(subject, observed).then((subscription) => {
      const { destination } = source;
      observer.subscriptions.add({ destination, pending: () => 0 }, subscription.closed);
      return subscription;
    });
  };
}

function observedCallback(observer: Observer, source: Source, callback: LegacyCallback): LegacyCallback {
  return function (this: unknown, error, message) {
    const processing = error || !message ? undefined : beginProcessing(observer, source, message);
    return processing ? processing.run(callback, this, error, message) : callback.call(this, error, message);
  };
}
