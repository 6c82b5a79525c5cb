/**
 * `instrument`: returns a connection with the same behaviour that records metrics and spans. Read
 * `instrumentConnection` as the table of contents: each member of the wrapper comes from the folder of its concept.
 */
import { register as defaultRegistry } from "prom-client";
import { publishing } from "./core/publish.ts";
import { requesting } from "./core/request.ts";
import { subscribing } from "./core/subscribe.ts";
import { watchConnection } from "./instrumentation/connection-watch.ts";
import { Listeners } from "./instrumentation/hooks.ts";
import { Instrumentation } from "./instrumentation/instrumentation.ts";
import { Problems } from "./instrumentation/problems.ts";
import { createSharedMetrics, ignoredSettings } from "./instrumentation/shared-metrics.ts";
import { jetStreaming } from "./jetstream/jetstream.ts";
import { SubjectLabels } from "./labels/destination.ts";
import { register } from "./metrics/registry.ts";
import { wrapApiObject } from "./nats-io-v3/api-objects.ts";
import { passingOwnTraffic } from "./nats-io-v3/own-traffic.ts";
import { patchPackages } from "./nats-io-v3/patches.ts";
import { type InstrumentOptions, type Settings, settingsOf } from "./options.ts";
import { wrapServices } from "./services/services.ts";
import { type ConnectionShape, isConnection } from "./shapes/connection.ts";
import { registeredProvider } from "./tracing/provider.ts";
import { Tracing } from "./tracing/tracing.ts";
import { delegate } from "./wrapping/delegate.ts";
import {
  type InstrumentedConnection,
  instrumentedConnection,
  metricsOfRegistry,
  rawOf,
  registerConnection,
  registerMetrics,
} from "./wrapping/registrations.ts";

/**
 * Returns a connection that behaves as the given one and records metrics and spans. Works with `nats` 2.x and
 * `@nats-io/*` 3.x. An instrumented connection is returned as it is.
 *
 * Objects that `@nats-io` creates from a connection can be passed too: `jetstream(nc)`, `jetstreamManager(nc)`,
 * `new Kvm(nc)`, `new Objm(nc)`, `new Svcm(nc)`. This is only needed in a bundled application; otherwise they are
 * instrumented if their connection is.
 *
 * @throws TypeError naming every invalid option, or if `connection` is not a NATS connection; nothing else
 */
export function instrument<Connection extends object>(
  connection: Connection,
  options: InstrumentOptions = {},
): Connection {
  const settings = settingsOf(options);
  const raw = rawOf(connection);
  if (typeof raw === "object" && raw !== null) {
    if (isConnection(raw)) return instrumentConnection(raw, settings).front as Connection;
    const wrapper = wrapApiObject(
      connection,
      (of) => instrumentConnection(rawOf(of) as ConnectionShape, settings).instrumentation,
    );
    if (wrapper) return wrapper as Connection;
  }
  throw new TypeError("instrument: expected a connection of `nats` 2.x or `@nats-io/*` 3.x");
}

function instrumentConnection(raw: ConnectionShape, settings: Settings): InstrumentedConnection {
  const known = instrumentedConnection(raw);
  if (known) return known;
  const instrumentation = createInstrumentation(raw, settings);
  const created = { front: delegate(raw, membersOf(instrumentation)), instrumentation };
  registerConnection(created);
  watchConnection(instrumentation);
  return created;
}

function membersOf(instrumentation: Instrumentation) {
  const { connection, problems } = instrumentation;
  const members = {
    ...publishing(instrumentation),
    ...requesting(instrumentation),
    ...subscribing(instrumentation),
  };
  const { services } = connection;
  // Only v2 connections have JetStream and services as members; in v3 they are packages, whose classes are patched.
  if (services) {
    return {
      ...members,
      ...jetStreaming(instrumentation),
      services: wrapServices(instrumentation, services),
    };
  }
  problems.guard("client", patchPackages);
  return { ...members, ...passingOwnTraffic(instrumentation, members) };
}

function createInstrumentation(connection: ConnectionShape, settings: Settings): Instrumentation {
  const registry = settings.registry === undefined ? defaultRegistry : settings.registry;
  const shared = (registry && metricsOfRegistry(registry)) || createSharedMetrics(settings);
  const { metrics, destinations, registered } = shared;
  const problems = new Problems(metrics.vectors.problems, settings.onProblem);
  if (registry) {
    registerMetrics(registry, shared);
    for (const error of ignoredSettings(shared, settings)) problems.note("registry", error);
    // With every connection: the application may have cleared its registry.
    for (const error of register(registered, registry)) problems.note("registry", error);
  }
  const tracer =
    settings.tracer === undefined ? registeredProvider()?.getTracer("natscope") : settings.tracer;
  return new Instrumentation({
    connection,
    metrics,
    problems,
    subjects: new SubjectLabels(destinations, {
      templates: settings.templates,
      inboxPrefix: connection.options?.inboxPrefix,
    }),
    tracing: tracer ? problems.guard("tracer", () => new Tracing(tracer, settings.tracing)) : undefined,
    listeners: new Listeners(settings.hooks, problems),
  });
}
