/**
 * Everything that natscope attaches to objects of the application and of its NATS client. Each map is weak: an
 * entry lives as long as its key, and natscope keeps no connection, client or error alive.
 *
 *     map          key                  value                      written by        read by
 *     RAW          wrapper              the wrapped object         delegate          rawOf
 *     CONNECTIONS  client's connection  wrapper, instrumentation   instrument        instrument, patches, retries
 *     REGISTRIES   registry             metrics and labels         instrument        instrument
 *     EQUIVALENTS  v3 object            its equivalents, by patch  @nats-io patches  @nats-io patches
 *     UNCONFIRMED  client's connection  unconfirmed publishes      publishWithRetry  publishWithRetry
 *     ATTEMPTS     thrown error         number of attempts         …WithRetry        attemptsOf
 *     PATCHED      class of a client    none: it is a set          patches           patches
 *
 * To debug: `rawOf(x) === x` means that `x` is no wrapper; `instrumentationOf(nc) === undefined` means that the
 * application uses the client's own connection and nothing is recorded for it.
 */
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { SharedMetrics } from "../instrumentation/shared-metrics.ts";
import type { ClientRegistry } from "../metrics/registry.ts";

const RAW = new WeakMap<object, object>();
const CONNECTIONS = new WeakMap<object, InstrumentedConnection>();
const REGISTRIES = new WeakMap<ClientRegistry, SharedMetrics>();
const EQUIVALENTS = new WeakMap<object, Map<object, object>>();
const UNCONFIRMED = new WeakMap<object, Set<UnconfirmedPublish>>();
const ATTEMPTS = new WeakMap<object, number>();
const PATCHED = new WeakSet<object>();

/** A connection after `instrument`. */
export interface InstrumentedConnection {
  /** The wrapper that the application uses. */
  readonly front: object;
  readonly instrumentation: Instrumentation;
}

/** A core publish that the server has not confirmed yet. */
export interface UnconfirmedPublish {
  readonly subject: string;
  fail(error: unknown): void;
}

/** Records what a wrapper wraps. */
export function registerWrapper(wrapper: object, raw: object): void {
  RAW.set(wrapper, raw);
}

/** The object behind a wrapper of `delegate`; any other value itself. */
export function rawOf<T>(value: T): T {
  return ((typeof value === "object" && value !== null && RAW.get(value)) || value) as T;
}

/** Records that a connection is instrumented. */
export function registerConnection(connection: InstrumentedConnection): void {
  CONNECTIONS.set(connection.instrumentation.connection, connection);
}

/**
 * The record of an instrumented connection.
 * @param connection the client's own, or its wrapper
 */
export function instrumentedConnection(connection: object): InstrumentedConnection | undefined {
  return CONNECTIONS.get(rawOf(connection));
}

/** The instrumentation of a wrapper; undefined for the client's own connection, even if it has a wrapper. */
export function instrumentationOf(connection: object): Instrumentation | undefined {
  const known = instrumentedConnection(connection);
  return known?.front === connection ? known.instrumentation : undefined;
}

/** Metrics and labels of a registry; undefined before its first connection. */
export function metricsOfRegistry(registry: ClientRegistry): SharedMetrics | undefined {
  return REGISTRIES.get(registry);
}

/** Records the metrics that all connections of a registry share. */
export function registerMetrics(registry: ClientRegistry, metrics: SharedMetrics): void {
  REGISTRIES.set(registry, metrics);
}

/** Instrumented equivalents of a v3 object, by the patch that asked for them; undefined without any. */
export function equivalentsOf(v3Object: object): ReadonlyMap<object, object> | undefined {
  return EQUIVALENTS.get(v3Object);
}

/** Records the instrumented equivalent of a v3 object for one patch. */
export function registerEquivalent(v3Object: object, patch: object, equivalent: object): void {
  const known = EQUIVALENTS.get(v3Object);
  if (known) known.set(patch, equivalent);
  else EQUIVALENTS.set(v3Object, new Map([[patch, equivalent]]));
}

/**
 * Core publishes of a connection that the server has not confirmed yet.
 * @param created called once for each connection
 */
export function unconfirmedPublishes(
  connection: object,
  created: (publishes: Set<UnconfirmedPublish>) => void,
): Set<UnconfirmedPublish> {
  const known = UNCONFIRMED.get(connection);
  if (known) return known;
  const publishes = new Set<UnconfirmedPublish>();
  UNCONFIRMED.set(connection, publishes);
  created(publishes);
  return publishes;
}

/** Records how many attempts preceded an error. Values that are not objects cannot be recorded. */
export function recordAttempts(error: unknown, attempts: number): void {
  if (typeof error === "object" && error !== null) ATTEMPTS.set(error, attempts);
}

/**
 * Returns how many attempts `publishWithRetry` or `requestWithRetry` made before it threw this error; undefined
 * for errors of other origin and for thrown values that are not objects.
 */
export function attemptsOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null ? ATTEMPTS.get(error) : undefined;
}

/** Records that a class is patched. Returns false if it was recorded before, so that no class is patched twice. */
export function registerPatched(patchedClass: object): boolean {
  if (PATCHED.has(patchedClass)) return false;
  PATCHED.add(patchedClass);
  return true;
}
