/**
 * A JetStream client, observed. It is made upon the client's own connection, so that its requests to the API
 * and its inboxes are nobody's messages. Buckets and object stores are observed elsewhere.
 */

import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { wrapKeyValue } from "../kv/key-value.ts";
import { wrapObjectStore } from "../object-store/object-store.ts";
import { opening } from "../stores/openers.ts";
import type { ViewsShape } from "../stores/shapes.ts";
import { delegate } from "../wrapping/delegate.ts";
import { wrapConsumers, wrapStreams } from "./consumers.ts";
import { legacy } from "./nats-v2.ts";
import { publishing } from "./publish.ts";
import type { JetStreamManagerShape, JetStreamShape } from "./shapes.ts";

/** The JetStream members of an observed connection: only v2's connections have them. */
export function jetStreaming(instrumentation: Instrumentation) {
  const { connection } = instrumentation;
  const { jetstream, jetstreamManager } = connection;
  return {
    ...(jetstream && {
      jetstream: (options?: object) =>
        wrapJetStream(instrumentation, jetstream.call(connection, options) as JetStreamShape),
    }),
    ...(jetstreamManager && {
      jetstreamManager: (options?: object) =>
        jetstreamManager
          .call(connection, options)
          .then((manager) => wrapJetStreamManager(instrumentation, manager as JetStreamManagerShape)),
    }),
  };
}

/** The same client: `connection.jetstream()` of v2, `jetstream(connection)` of v3. */
export function wrapJetStream<JetStream extends JetStreamShape>(
  instrumentation: Instrumentation,
  raw: JetStream,
): JetStream {
  const { views } = raw;
  return delegate(raw, {
    ...publishing(instrumentation, raw),
    ...legacy(instrumentation, raw),
    ...(views && { views: wrapViews(instrumentation, views as ViewsShape) }),
    consumers: wrapConsumers(instrumentation, raw.consumers),
    streams: wrapStreams(instrumentation, raw.streams),
    jetstreamManager: (checkApi?: boolean) =>
      raw.jetstreamManager(checkApi).then((manager) => wrapJetStreamManager(instrumentation, manager)),
  });
}

/** A manager, which gives streams that give consumers, and a client: those are observed. */
export function wrapJetStreamManager<Manager extends JetStreamManagerShape>(
  instrumentation: Instrumentation,
  raw: Manager,
): Manager {
  const { jetstream } = raw;
  return delegate(raw, {
    streams: wrapStreams(instrumentation, raw.streams),
    ...(jetstream && { jetstream: () => wrapJetStream(instrumentation, jetstream.call(raw)) }),
  });
}

/** `views` of a 2.x JetStream client, whose buckets are instrumented. */
function wrapViews(instrumentation: Instrumentation, views: ViewsShape): object {
  return delegate(views, {
    kv: opening(instrumentation, (...input) => views.kv(...input), wrapKeyValue),
    os: opening(instrumentation, (...input) => views.os(...input), wrapObjectStore),
  });
}
