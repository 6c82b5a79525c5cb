/**
 * Watches the life of one connection: its status events, its gauges, the attributes that its spans share. It
 * ends with the connection.
 */
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { errorType } from "../errors/failure.ts";
import type { Gauge, Vector } from "../metrics/cells.ts";
import type { ConnectionShape, StatusShape } from "../shapes/connection.ts";
import type { Observer } from "./instrumentation.ts";

/** Starts to watch. */
export function watchConnection(observer: Observer): void {
  const { connection, metrics, problems } = observer;
  describe(observer);
  const forget = metrics.contribute((vectors) =>
    contribute(observer, vectors).catch((error: unknown) => problems.note("metrics", error)),
  );
  const hear = (status: StatusShape) => problems.guard("status", () => note(observer, status));
  // Or what follows would run, for ever, in the context of whoever connected.
  context.with(ROOT_CONTEXT, () => {
    if (!hearAtTheSource(connection, hear)) void follow(observer, hear);
    const closed = () => {
      observer.lose();
      observer.dropWaiting();
      observer.subscriptions.closeAll();
      forget();
    };
    connection.closed().then(closed, closed);
  });
}

/**
 * Hears of each status at the moment it happens, where the client says it to its own listeners. An open
 * `status()` iterator would be heard later, and would change the client: v3's `close()` waits for each.
 * @param hear must not throw
 * @returns false where the client has no such place
 */
export function hearAtTheSource({ protocol }: ConnectionShape, hear: (status: StatusShape) => void): boolean {
  const dispatch = protocol?.dispatchStatus;
  if (!protocol || !dispatch) return false;
  protocol.dispatchStatus = (status) => {
    // What this threw would be taken for a failed attempt to connect: `hear` is guarded.
    hear(status);
    dispatch.call(protocol, status);
  };
  return true;
}

async function follow(observer: Observer, hear: (status: StatusShape) => void): Promise<void> {
  try {
    for await (const status of observer.connection.status()) hear(status);
  } catch (error) {
    observer.problems.note("status", error);
  }
}

function note(observer: Observer, status: StatusShape): void {
  const { vectors } = observer.metrics;
  switch (status.type) {
    // An outage may have several of either: a server that is reached and refuses, each ping that waited.
    case "disconnect":
      if (observer.connected) vectors.disconnects.of().value++;
      observer.lose();
      return;
    case "reconnecting":
      // Each attempt begins by throwing away what waits to be sent.
      observer.dropWaiting();
      return;
    case "reconnect":
      // One of several attempts may have been told late.
      if (observer.connection.protocol?.connected === false) return;
      if (!observer.connected) vectors.reconnects.of().value++;
      observer.regain();
      describe(observer);
      return;
    case "error":
      noteError(observer, status);
      return;
    case "slowConsumer": {
      const subject = status.sub?.getSubject() ?? "";
      vectors.slowConsumers.of(observer.subjects.ofSubscription(subject).label).value++;
    }
  }
}

function noteError(observer: Observer, { data, error, permissionContext }: StatusShape): void {
  const { vectors } = observer.metrics;
  const type = errorType(error ?? { code: data });
  vectors.connectionErrors.of(type).value++;
  if (type !== "permissions_violation") return;
  const { operation = "unknown", subject } = permissionContext ?? (error as DeniedShape | undefined) ?? {};
  const label =
    operation === "subscription" && subject !== undefined
      ? observer.subjects.ofSubscription(subject).label
      : observer.subjects.ofAnything(subject).label;
  vectors.permissionViolations.of(operation, label).value++;
}

/** v3's `PermissionViolationError`. */
interface DeniedShape {
  readonly operation?: string;
  readonly subject?: string;
}

/** Which server the connection is to: another one after a reconnect. */
function describe(observer: Observer): void {
  const { tracing, connection, problems } = observer;
  problems.guard("tracer", () =>
    tracing?.describeConnection({
      "messaging.system": "nats",
      ...serverAttributes(connection.getServer()),
      ...(connection.info?.client_id !== undefined && {
        "messaging.client.id": String(connection.info.client_id),
      }),
    }),
  );
}

/** `host:port`, where the host may be an IPv6 address in brackets. */
function serverAttributes(server: string) {
  const [, host, port] = /^(.*):(\d+)$/.exec(server) ?? [];
  if (!host) return {};
  return { "server.address": host.replace(/^\[(.*)\]$/, "$1"), "server.port": Number(port) };
}

type Vectors = Observer["metrics"]["vectors"];

/** A server that does not answer within this is not waited for. */
const ROUND_TRIP_LIMIT_MS = 250;

async function contribute(observer: Observer, vectors: Vectors): Promise<void> {
  if (!observer.connected) vectors.connected.of().value = 0;
  vectors.requestsInFlight.of().value += observer.requestsInFlight;
  for (const subscription of observer.subscriptions) {
    subscription.flush?.();
    vectors.pending.of(subscription.destination.label).value += subscription.pending();
    if (subscription.isOpen?.() ?? true) vectors.subscriptions.of().value++;
  }
  if (observer.connected) await measureRoundTrip(observer, vectors.roundTrip);
}

/** Of several connections in one registry, the longest. */
async function measureRoundTrip({ connection }: Observer, gauge: Vector<Gauge>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ROUND_TRIP_LIMIT_MS, undefined);
  });
  const started = performance.now();
  const answered = connection.flush().then(
    () => true,
    () => false,
  );
  if (await Promise.race([answered, limit])) {
    const cell = gauge.of();
    cell.value = Math.max(cell.value, (performance.now() - started) / 1000);
  }
  clearTimeout(timer);
}
