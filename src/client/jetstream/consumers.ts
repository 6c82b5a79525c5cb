/**
 * Wrappers of consumers, for each way to get one. Their deliveries are recorded; the rest is the client's
 * own.
 */

import type { Instrumentation } from "../instrumentation/instrumentation.ts";
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

/** Wraps `js.consumers`. */
export function wrapConsumers(instrumentation: Instrumentation, raw: ConsumersShape): ConsumersShape {
  const { getPullConsumerFor, getConsumerFromInfo, getBoundPushConsumer } = raw;
  const { ordered, getPushConsumer, getOrderedPushConsumer } = raw;
  const choosing = (get: ConsumersShape["get"]) => (stream: string, choice?: ConsumerChoice) =>
    get.call(raw, stream, choice).then((consumer) => wrapChosen(instrumentation, stream, choice, consumer));
  const describing = (get: (info: ConsumerInfoShape) => ConsumerShape) => (info: ConsumerInfoShape) =>
    wrapConsumer(instrumentation, describedSource(instrumentation, info), get.call(raw, info));
  return delegate(raw, {
    get: choosing(raw.get),
    ...(ordered && { ordered: choosing(ordered) }),
    ...(getPullConsumerFor && { getPullConsumerFor: describing(getPullConsumerFor) }),
    ...(getConsumerFromInfo && { getConsumerFromInfo: describing(getConsumerFromInfo) }),
    ...(getPushConsumer && { getPushConsumer: choosing(getPushConsumer) }),
    ...(getOrderedPushConsumer && { getOrderedPushConsumer: choosing(getOrderedPushConsumer) }),
    ...(getBoundPushConsumer && {
      getBoundPushConsumer: (options: object) =>
        // The consumer's name is known only from its messages.
        getBoundPushConsumer
          .call(raw, options)
          .then((consumer) => wrapConsumer(instrumentation, new Source(instrumentation, {}), consumer)),
    }),
  });
}

/** Wraps `js.streams` and a manager's `streams`. */
export function wrapStreams(instrumentation: Instrumentation, raw: StreamsShape): StreamsShape {
  return delegate(raw, {
    get: (name: string) => raw.get(name).then((stream) => wrapStream(instrumentation, stream)),
  });
}

function wrapStream(instrumentation: Instrumentation, raw: StreamShape): StreamShape {
  const { getConsumerFromInfo, getPushConsumer } = raw;
  const chosen = (choice: ConsumerChoice, getting: Promise<ConsumerShape>) =>
    getting.then((consumer) => wrapChosen(instrumentation, raw.name, choice, consumer));
  const wrapper: StreamShape = delegate(raw, {
    best: () => raw.best().then((best) => (best === raw ? wrapper : wrapStream(instrumentation, best))),
    getConsumer: (choice?: ConsumerChoice) => chosen(choice, raw.getConsumer(choice)),
    ...(getConsumerFromInfo && {
      getConsumerFromInfo: (info: ConsumerInfoShape) =>
        wrapConsumer(
          instrumentation,
          describedSource(instrumentation, info),
          getConsumerFromInfo.call(raw, info),
        ),
    }),
    ...(getPushConsumer && {
      getPushConsumer: (choice?: ConsumerChoice) => chosen(choice, getPushConsumer.call(raw, choice)),
    }),
  });
  return wrapper;
}

/** Wraps a consumer by how it was chosen: by name, or by the options of an ordered consumer. */
async function wrapChosen(
  instrumentation: Instrumentation,
  stream: string,
  choice: ConsumerChoice,
  consumer: ConsumerShape,
): Promise<ConsumerShape> {
  if (typeof choice !== "string") {
    return wrapConsumer(instrumentation, orderedSource(instrumentation, stream, choice), consumer);
  }
  return wrapConsumer(
    instrumentation,
    await namedSource(instrumentation, stream, choice, consumer),
    consumer,
  );
}

/** Uses the configuration that the client has just read; no request is sent. */
async function namedSource(
  instrumentation: Instrumentation,
  stream: string,
  name: string,
  consumer: ConsumerShape,
) {
  try {
    return describedSource(instrumentation, await consumer.info(true));
  } catch (error) {
    instrumentation.problems.note("message", error);
    return new Source(instrumentation, { stream, name: bareName(name) });
  }
}

function wrapConsumer(instrumentation: Instrumentation, source: Source, raw: ConsumerShape): ConsumerShape {
  const { next, fetch } = raw;
  return delegate(raw, {
    consume: (options?: ConsumeOptionsShape) => consume(instrumentation, source, raw, options),
    ...(next && {
      next: (options?: ConsumeOptionsShape) =>
        receiveOne(instrumentation, source, () => next.call(raw, options && { ...options })),
    }),
    ...(fetch && {
      fetch: (options?: ConsumeOptionsShape) =>
        instrumentedFetch(instrumentation, source, (own) => fetch.call(raw, own), options),
    }),
  });
}

function instrumentedFetch(
  instrumentation: Instrumentation,
  source: Source,
  fetch: (options: ConsumeOptionsShape | undefined) => Promise<ConsumerMessagesShape>,
  options: ConsumeOptionsShape | undefined,
): Promise<ConsumerMessagesShape> {
  const fetching = new Fetching(instrumentation, source);
  // Not in the types: `fetch` of both clients also takes a callback.
  const callback = typeof options?.callback === "function" && fetching.callback(options.callback);
  const own = options && { ...options, ...(callback && { callback }) };
  const succeed = (messages: ConsumerMessagesShape): ConsumerMessagesShape => {
    if (callback) {
      messages.closed().then(
        (error) => fetching.end(error ?? undefined),
        (error) => fetching.end(error),
      );
      return messages;
    }
    // `closed` is not the end: v2's ordered consumers are closed while their messages wait to be read.
    fetching.endUnlessRead(options?.expires);
    return delegate(messages, { [Symbol.asyncIterator]: () => fetching.iterate(messages) });
  };
  return attempt(
    () => fetch(own),
    (failure) => fetching.end(failure),
    succeed,
  );
}
