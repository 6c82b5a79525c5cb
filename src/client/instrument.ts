/**
 * `instrument`: a connection becomes the same connection, observed. Everything that it needs is put together
 * here; what is done for each operation is in `operations/`.
 */
import { register as defaultRegistry } from "prom-client";
import { publishing } from "./core/publish.ts";
import { requesting } from "./core/request.ts";
import { subscribing } from "./core/subscribe.ts";
import { watchConnection } from "./instrumentation/connection-watch.ts";
import { Listeners } from "./instrumentation/hooks.ts";
import { Observer } from "./instrumentation/instrumentation.ts";
import { Problems } from "./instrumentation/problems.ts";
import { jetStreaming } from "./jetstream/jetstream.ts";
import { Destinations, SubjectBook } from "./labels/destination.ts";
import { ClientMetrics } from "./metrics/client-metrics.ts";
import {
  type ClientRegistry,
  type RegisteredMetric,
  register,
  registeredMetrics,
} from "./metrics/registry.ts";
import type { Boundaries } from "./metrics/table.ts";
import { observedFacility } from "./nats-io-v3/api-objects.ts";
import { passingOwnTraffic } from "./nats-io-v3/own-traffic.ts";
import { teachPackages } from "./nats-io-v3/packages.ts";
import { type InstrumentOptions, type Settings, settingsOf } from "./options.ts";
import { observedServices } from "./services/services.ts";
import { type ConnectionShape, isConnection } from "./shapes/connection.ts";
import { registeredProvider } from "./tracing/provider.ts";
import { Tracing } from "./tracing/tracing.ts";
import { delegate, rawOf } from "./wrapping/delegate.ts";
import { type Observed, observedConnection, remember } from "./wrapping/registrations.ts";

/**
 * Gives back a connection that does what the given one does, and leaves metrics and spans. Works with
 * `nats` 2.x and `@nats-io/*` 3.x. A connection that is observed already is given back as it is.
 *
 * Takes a facility of a connection as well, and gives it back observed: `jetstream(nc)`, `new Kvm(nc)`,
 * `new Objm(nc)`, `new Svcm(nc)`. Those of an observed connection are observed without it, unless the
 * application is bundled.
 *
 * Throws a `TypeError` that names every wrong option, or that says that this is no connection. Never throws
 * for anything else.
 */
export function instrument<Connection extends object>(
  connection: Connection,
  options: InstrumentOptions = {},
): Connection {
  const settings = settingsOf(options);
  const raw = rawOf(connection);
  if (typeof raw === "object" && raw !== null) {
    if (isConnection(raw)) return observe(raw, settings).front as Connection;
    const facility = observedFacility(
      connection,
      (of) => observe(rawOf(of) as ConnectionShape, settings).observer,
    );
    if (facility) return facility as Connection;
  }
  throw new TypeError("instrument: expected a connection of `nats` 2.x or `@nats-io/*` 3.x");
}

function observe(raw: ConnectionShape, settings: Settings): Observed {
  const known = observedConnection(raw);
  if (known) return known;
  const observer = observerOf(raw, settings);
  const observed = { front: delegate(raw, membersOf(observer)), observer };
  remember(observed);
  watchConnection(observer);
  return observed;
}

function membersOf(observer: Observer) {
  const { connection, problems } = observer;
  const members = { ...publishing(observer), ...requesting(observer), ...subscribing(observer) };
  const { services } = connection;
  // Only in v2 a connection has facilities of its own.
  if (services) {
    return { ...members, ...jetStreaming(observer), services: observedServices(observer, services) };
  }
  problems.guard("client", teachPackages);
  return { ...members, ...passingOwnTraffic(observer, members) };
}

/** What connections that share a registry share, as the first of them said. */
interface Shared {
  readonly subjectLimit: number;
  readonly boundaries: Boundaries;
  readonly metrics: ClientMetrics;
  readonly destinations: Destinations;
  readonly registered: readonly RegisteredMetric[];
}

const SHARED = new WeakMap<ClientRegistry, Shared>();

function observerOf(connection: ConnectionShape, settings: Settings): Observer {
  const registry = settings.registry === undefined ? defaultRegistry : settings.registry;
  const shared = (registry && SHARED.get(registry)) || sharedOf(settings);
  const { metrics, destinations, registered } = shared;
  const problems = new Problems(metrics.vectors.problems, settings.onProblem);
  if (registry) {
    SHARED.set(registry, shared);
    for (const difference of differences(shared, settings)) problems.note("registry", difference);
    // Again with each connection: an application may have cleared its registry.
    for (const refusal of register(registered, registry)) problems.note("registry", refusal);
  }
  const tracer =
    settings.tracer === undefined ? registeredProvider()?.getTracer("natscope") : settings.tracer;
  return new Observer({
    connection,
    metrics,
    problems,
    subjects: new SubjectBook(destinations, {
      templates: settings.templates,
      inboxPrefix: connection.options?.inboxPrefix,
    }),
    tracing: tracer ? problems.guard("tracer", () => new Tracing(tracer, settings.tracing)) : undefined,
    listeners: new Listeners(settings.hooks, problems),
  });
}

/** What a later connection asks of a registry that has it otherwise: a metric has one set of buckets, one limit. */
function differences(shared: Shared, { boundaries, subjectLimit }: Settings): readonly Error[] {
  const sentences = [
    ...(shared.subjectLimit === subjectLimit
      ? []
      : [`subjects.limit is ${subjectLimit}, but this registry's is ${shared.subjectLimit} and stays`]),
    ...(JSON.stringify(shared.boundaries) === JSON.stringify(boundaries)
      ? []
      : ["boundaries differ from those that this registry has, which stay"]),
  ];
  return sentences.map((sentence) => new Error(sentence));
}

function sharedOf({ boundaries, subjectLimit }: Settings): Shared {
  // Some metrics have an outcome or an error for each subject.
  const metrics = new ClientMetrics(boundaries, 4 * subjectLimit);
  const destinations = new Destinations(subjectLimit, metrics);
  return { metrics, destinations, registered: registeredMetrics(metrics), boundaries, subjectLimit };
}
