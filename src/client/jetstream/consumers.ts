/** Consumers, however an application comes by them: what they deliver is observed, the rest is their own. */

import type { Observer } from "../instrumentation/instrumentation.ts";
import { bareName } from "../labels/consumer-name.ts";
import { delegate } from "../wrapping/delegate.ts";
import { attempt } from "../wrapping/settling.ts";
import { consume } from "./consume.ts";
import { Fetching, receiveOne } from "./receive.ts";
import type {
  ConsumeOptionsShape,
  ConsumerChoice,
  ConsumerInfoShape,
  ConsumerMessagesShape,
  ConsumerShape,
  ConsumersShape,
  StreamShape,
  StreamsShape,
} from "./shapes.ts";
import { describedSource, orderedSource, Source } from "./source.ts";

/** `js.consumers`, whose consumers are observed. */
export function observedConsumers(observer: Observer, raw: ConsumersShape): ConsumersShape {
  const { getPullConsumerFor, getConsumerFromInfo, getBoundPushConsumer } = raw;
  const { ordered, getPushConsumer, getOrderedPushConsumer } = raw;
  const choosing = (get: ConsumersShape["get"]) => (stream: string, choice?: ConsumerChoice) =>
    get.call(raw, stream, choice).then((consumer) => observedChoice(observer, stream, choice, consumer));
  const describing = (get: (info: ConsumerInfoShape) => ConsumerShape) => (info: ConsumerInfoShape) =>
    observedConsumer(observer, describedSource(observer, info), get.call(raw, info));
  return delegate(raw, {
    get: choosing(raw.get),
    ...(ordered && { ordered: choosing(ordered) }),
    ...(getPullConsumerFor && { getPullConsumerFor: describing(getPullConsumerFor) }),
    ...(getConsumerFromInfo && { getConsumerFromInfo: describing(getConsumerFromInfo) }),
    ...(getPushConsumer && { getPushConsumer: choosing(getPushConsumer) }),
    ...(getOrderedPushConsumer && { getOrderedPushConsumer: choosing(getOrderedPushConsumer) }),
    ...(getBoundPushConsumer && {
      getBoundPushConsumer: (options: object) =>
        // Only its messages say which consumer it is.
        getBoundPushConsumer
          .call(raw, options)
          .then((consumer) => observedConsumer(observer, new Source(observer, {}), consumer)),
    }),
  });
}

/** `js.streams`, and a manager's, whose streams' consumers are observed. */
export function observedStreams(observer: Observer, raw: StreamsShape): StreamsShape {
  return delegate(raw, {
    get: (name: string) => raw.get(name).then((stream) => observedStream(observer, stream)),
  });
}

function observedStream(observer: Observer, raw: StreamShape): StreamShape {
  const { getConsumerFromInfo, getPushConsumer } = raw;
  const chosen = (choice: ConsumerChoice, getting: Promise<ConsumerShape>) =>
    getting.then((consumer) => observedChoice(observer, raw.name, choice, consumer));
  const observed: StreamShape = delegate(raw, {
    best: () => raw.best().then((best) => (best === raw ? observed : observedStream(observer, best))),
    getConsumer: (choice?: ConsumerChoice) => chosen(choice, raw.getConsumer(choice)),
    ...(getConsumerFromInfo && {
      getConsumerFromInfo: (info: ConsumerInfoShape) =>
        observedConsumer(observer, describedSource(observer, info), getConsumerFromInfo.call(raw, info)),
    }),
    ...(getPushConsumer && {
      getPushConsumer: (choice?: ConsumerChoice) => chosen(choice, getPushConsumer.call(raw, choice)),
    }),
  });
  return observed;
}

/** A consumer that was chosen by its name; any other choice is an ordered one. */
async function observedChoice(
  observer: Observer,
  stream: string,
  choice: ConsumerChoice,
  consumer: ConsumerShape,
): Promise<ConsumerShape> {
  if (typeof choice !== "string") {
    return observedConsumer(observer, orderedSource(observer, stream, choice), consumer);
  }
  return observedConsumer(observer, await namedSource(observer, stream, choice, consumer), consumer);
}

/** The client has just read its configuration, and knows it still. */
async function namedSource(observer: Observer, stream: string, name: string, consumer: ConsumerShape) {
  try {
    return describedSource(observer, await consumer.info(true));
  } catch (error) {
    observer.problems.note("message", error);
    return new Source(observer, { stream, name: bareName(name) });
  }
}

function observedConsumer(observer: Observer, source: Source, raw: ConsumerShape): ConsumerShape {
  const { next, fetch } = raw;
  return delegate(raw, {
    consume: (options?: ConsumeOptionsShape) => consume(observer, source, raw, options),
    ...(next && {
      next: (options?: ConsumeOptionsShape) =>
        receiveOne(observer, source, () => next.call(raw, options && { ...options })),
    }),
    ...(fetch && {
      fetch: (options?: ConsumeOptionsShape) =>
        fetchObserved(observer, source, (given) => fetch.call(raw, given), options),
    }),
  });
}

function fetchObserved(
  observer: Observer,
  source: Source,
  fetch: (options: ConsumeOptionsShape | undefined) => Promise<ConsumerMessagesShape>,
  options: ConsumeOptionsShape | undefined,
): Promise<ConsumerMessagesShape> {
  const fetching = new Fetching(observer, source);
  // Not in the types: both clients take a callback here, too.
  const callback = typeof options?.callback === "function" && fetching.callback(options.callback);
  const given = options && { ...options, ...(callback && { callback }) };
  const succeed = (messages: ConsumerMessagesShape): ConsumerMessagesShape => {
    if (callback) {
      messages.closed().then(
        (error) => fetching.end(error ?? undefined),
        (error) => fetching.end(error),
      );
      return messages;
    }
    // Closed is not the end: v2's ordered consumers are, while their messages wait to be read.
    fetching.endUnlessRead(options?.expires);
    return delegate(messages, { [Symbol.asyncIterator]: () => fetching.iterate(messages) });
  };
  return attempt(
    () => fetch(given),
    (failure) => fetching.end(failure),
    succeed,
  );
}
