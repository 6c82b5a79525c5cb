/**
 * JetStream clients and managers. They are created over the client's own connection, so that their requests
 * to the API and their inboxes are not counted as messages of the application.
 */

import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { wrapKeyValue } from "../kv/key-value.ts";
import { wrapObjectStore } from "../object-store/object-store.ts";
import { opening } from "../stores/openers.ts";
import type { ViewsShape } from "../stores/shapes.ts";
import { delegate } from "../wrapping/delegate.ts";
import { wrapConsumers, wrapStreams } from "./consumers.ts";
import { v2Members } from "./nats-v2.ts";
import { publishing } from "./publish.ts";
import type { JetStreamManagerShape, JetStreamShape } from "./shapes.ts";

/** The JetStream members of an instrumented connection; only v2 connections have them. */
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

/** Wraps a JetStream client: `connection.jetstream()` of v2, `jetstream(connection)` of v3. */
export function wrapJetStream<JetStream extends JetStreamShape>(
  instrumentation: Instrumentation,
  raw: JetStream,
): JetStream {
  const { views } = raw;
  return delegate(raw, {
    ...publishing(instrumentation, raw),
    ...v2Members(instrumentation, raw),
    ...(views && { views: wrapViews(instrumentation, views as ViewsShape) }),
    consumers: wrapConsumers(instrumentation, raw.consumers),
    streams: wrapStreams(instrumentation, raw.streams),
    jetstreamManager: (checkApi?: boolean) =>
      raw.jetstreamManager(checkApi).then((manager) => wrapJetStreamManager(instrumentation, manager)),
  });
}

/** Wraps a manager: the streams and the client that it returns are instrumented. */
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

/** Wraps `views` of a v2 JetStream client, so that its buckets are instrumented. */
function wrapViews(instrumentation: Instrumentation, views: ViewsShape): object {
  return delegate(views, {
    kv: opening(instrumentation, (...input) => views.kv(...input), wrapKeyValue),
    os: opening(instrumentation, (...input) => views.os(...input), wrapObjectStore),
  });
}
