/**
 * `instrument`: a connection becomes the same connection, observed. Everything that it needs is put together
 * here; what is done for each operation is in `operations/`.
 */
import { ProxyTracerProvider, type Tracer, trace } from "@opentelemetry/api";
import { register as defaultRegistry } from "prom-client";
import { watchConnection } from "./connection-watch.ts";
import { delegate, rawOf } from "./delegate.ts";
import { Listeners } from "./events.ts";
import { Problems } from "./harmless.ts";
import { ClientMetrics } from "./metrics/client-metrics.ts";
import {
  type ClientRegistry,
  type RegisteredMetric,
  register,
  registeredMetrics,
} from "./metrics/registry.ts";
import { Observer } from "./observer.ts";
import { publishing } from "./operations/publish.ts";
import { requesting } from "./operations/request.ts";
import { subscribing } from "./operations/subscribe.ts";
import { type InstrumentOptions, type Settings, settingsOf } from "./options.ts";
import { type ConnectionShape, isConnection } from "./shapes.ts";
import { Destinations, SubjectBook } from "./subjects/destination.ts";
import { Tracing } from "./tracing/tracing.ts";

/** A connection that is observed, by the raw one. */
const OBSERVED = new WeakMap<object, { readonly front: object; readonly observer: Observer }>();

/**
 * Gives back a connection that does what the given one does, and leaves metrics and spans. Works with
 * `nats` 2.x and `@nats-io/*` 3.x. A connection that is observed already is given back as it is.
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
  if (typeof raw !== "object" || raw === null || !isConnection(raw)) {
    throw new TypeError("instrument: expected a connection of `nats` 2.x or `@nats-io/*` 3.x");
  }
  const known = OBSERVED.get(raw);
  if (known) return known.front as Connection;
  const observer = observerOf(raw, settings);
  const front = delegate(raw, membersOf(observer));
  OBSERVED.set(raw, { front, observer });
  watchConnection(observer);
  return front as Connection & ConnectionShape;
}

function membersOf(observer: Observer) {
  return { ...publishing(observer), ...requesting(observer), ...subscribing(observer) };
}

/** What connections that share a registry share. */
interface Shared {
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
    // Again with each connection: an application may have cleared its registry.
    for (const refusal of register(registered, registry)) problems.note("registry", refusal);
  }
  const tracer = settings.tracer === undefined ? globalTracer() : settings.tracer;
  return new Observer({
    connection,
    metrics,
    problems,
    subjects: new SubjectBook(destinations, connection.options?.inboxPrefix),
    tracing: tracer ? problems.guard("tracer", () => new Tracing(tracer, settings.tracing)) : undefined,
    listeners: new Listeners(settings.hooks, problems),
  });
}

function sharedOf({ boundaries, templates, subjectLimit }: Settings): Shared {
  // Some metrics have an outcome or an error for each subject.
  const metrics = new ClientMetrics(boundaries, 4 * subjectLimit);
  const destinations = new Destinations({ templates, limit: subjectLimit }, metrics);
  return { metrics, destinations, registered: registeredMetrics(metrics) };
}

/** Undefined where no SDK is registered: asking the API's own tracer for nothing would cost something. */
function globalTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  if (!(provider instanceof ProxyTracerProvider)) return provider.getTracer("natscope");
  const isNothing = provider.getDelegate().constructor.name === "NoopTracerProvider";
  return isNothing ? undefined : provider.getTracer("natscope");
}
