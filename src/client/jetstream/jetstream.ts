/**
 * A JetStream client, observed. It is made upon the client's own connection, so that its requests to the API
 * and its inboxes are nobody's messages. Buckets and object stores are observed elsewhere.
 */

import type { Observer } from "../instrumentation/instrumentation.ts";
import { observedViews } from "../stores/openers.ts";
import { delegate } from "../wrapping/delegate.ts";
import { observedConsumers, observedStreams } from "./consumers.ts";
import { legacy } from "./nats-v2.ts";
import { publishing } from "./publish.ts";
import type { JetStreamManagerShape, JetStreamShape } from "./shapes.ts";

/** The JetStream members of an observed connection: only v2's connections have them. */
export function jetStreaming(observer: Observer) {
  const { connection } = observer;
  const { jetstream, jetstreamManager } = connection;
  return {
    ...(jetstream && {
      jetstream: (options?: object) =>
        observedJetStream(observer, jetstream.call(connection, options) as JetStreamShape),
    }),
    ...(jetstreamManager && {
      jetstreamManager: (options?: object) =>
        jetstreamManager
          .call(connection, options)
          .then((manager) => observedJetStreamManager(observer, manager as JetStreamManagerShape)),
    }),
  };
}

/** The same client: `connection.jetstream()` of v2, `jetstream(connection)` of v3. */
export function observedJetStream<JetStream extends JetStreamShape>(
  observer: Observer,
  raw: JetStream,
): JetStream {
  const { views } = raw;
  return delegate(raw, {
    ...publishing(observer, raw),
    ...legacy(observer, raw),
    ...(views && { views: observedViews(observer, { views }) }),
    consumers: observedConsumers(observer, raw.consumers),
    streams: observedStreams(observer, raw.streams),
    jetstreamManager: (checkApi?: boolean) =>
      raw.jetstreamManager(checkApi).then((manager) => observedJetStreamManager(observer, manager)),
  });
}

/** A manager, which gives streams that give consumers, and a client: those are observed. */
export function observedJetStreamManager<Manager extends JetStreamManagerShape>(
  observer: Observer,
  raw: Manager,
): Manager {
  const { jetstream } = raw;
  return delegate(raw, {
    streams: observedStreams(observer, raw.streams),
    ...(jetstream && { jetstream: () => observedJetStream(observer, jetstream.call(raw)) }),
  });
}
