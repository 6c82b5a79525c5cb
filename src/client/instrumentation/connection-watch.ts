/**
 * Watches one connection until it closes: its status events, its gauges, and the attributes that its spans
 * share.
 */
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { errorType } from "../errors/failure.ts";
import type { Gauge, Vector } from "../metrics/cells.ts";
import type { ConnectionShape, StatusShape } from "../shapes/connection.ts";
import type { Instrumentation } from "./instrumentation.ts";

/** Starts to watch. */
export function watchConnection(instrumentation: Instrumentation): void {
  const { connection, metrics, problems } = instrumentation;
  describe(instrumentation);
  const forget = metrics.addGaugeSource((vectors) =>
    addGaugeSource(instrumentation, vectors).catch((error: unknown) => problems.note("metrics", error)),
  );
  const hear = (status: StatusShape) => problems.guard("status", () => note(instrumentation, status));
  // Otherwise the handlers would run, for the life of the connection, in the context of the code that
  // connected.
  context.with(ROOT_CONTEXT, () => {
    if (!interceptStatus(connection, hear)) void follow(instrumentation, hear);
    const closed = () => {
      instrumentation.markDisconnected();
      instrumentation.countDropped();
      instrumentation.subscriptions.closeAll();
      for (const one of instrumentation.openOperations)
        problems.guard("metrics", () => one.connectionClosed());
      forget();
    };
    connection.closed().then(closed, closed);
  });
}

/**
 * Calls `hear` with each status when the client dispatches it. An open `status()` iterator would be later,
 * and would change the client: v3's `close()` waits for each iterator.
 * @param hear must not throw
 * @returns false if the client has no `dispatchStatus`
 */
export function interceptStatus({ protocol }: ConnectionShape, hear: (status: StatusShape) => void): boolean {
  const dispatch = protocol?.dispatchStatus;
  if (!protocol || !dispatch) return false;
  protocol.dispatchStatus = (status) => {
    // The client would treat an exception here as a failed attempt to connect: `hear` is guarded.
    hear(status);
    dispatch.call(protocol, status);
  };
  return true;
}

async function follow(instrumentation: Instrumentation, hear: (status: StatusShape) => void): Promise<void> {
  try {
    for await (const status of instrumentation.connection.status()) hear(status);
  } catch (error) {
    instrumentation.problems.note("status", error);
  }
}

function note(instrumentation: Instrumentation, status: StatusShape): void {
  const { vectors } = instrumentation.metrics;
  switch (status.type) {
    // An outage may dispatch several of each: a server that refuses the connection, each ping that was
    // pending.
    case "disconnect":
      if (instrumentation.connected) vectors.disconnects.of().value++;
      instrumentation.markDisconnected();
      return;
    case "reconnecting":
      // The client drops its buffered messages at the start of each attempt.
      instrumentation.countDropped();
      return;
    case "reconnect":
      // One of several attempts may be dispatched late.
      if (instrumentation.connection.protocol?.connected === false) return;
      if (!instrumentation.connected) vectors.reconnects.of().value++;
      instrumentation.markReconnected();
      describe(instrumentation);
      return;
    case "error":
      noteError(instrumentation, status);
      return;
    case "slowConsumer": {
      const subject = status.sub?.getSubject() ?? "";
      vectors.slowConsumers.of(instrumentation.subjects.ofSubscription(subject).label).value++;
    }
  }
}

function noteError(instrumentation: Instrumentation, { data, error, permissionContext }: StatusShape): void {
  const { vectors } = instrumentation.metrics;
  const type = errorType(error ?? { code: data });
  vectors.connectionErrors.of(type).value++;
  if (type !== "permissions_violation") return;
  const { operation = "unknown", subject } = permissionContext ?? (error as DeniedShape | undefined) ?? {};
  const label =
    operation === "subscription" && subject !== undefined
      ? instrumentation.subjects.ofSubscription(subject).label
      : instrumentation.subjects.ofAnything(subject).label;
  vectors.permissionViolations.of(operation, label).value++;
}

/** `PermissionViolationError` of v3. */
interface DeniedShape {
  readonly operation?: string;
  readonly subject?: string;
}

/** Describes the server of the connection, which may change with a reconnect. */
function describe(instrumentation: Instrumentation): void {
  const { tracing, connection, problems } = instrumentation;
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

/** Parses `host:port`; the host may be an IPv6 address in brackets. */
function serverAttributes(server: string) {
  const [, host, port] = /^(.*):(\d+)$/.exec(server) ?? [];
  if (!host) return {};
  return { "server.address": host.replace(/^\[(.*)\]$/, "$1"), "server.port": Number(port) };
}

type Vectors = Instrumentation["metrics"]["vectors"];

/** Maximum time that a scrape waits for the server's PONG. */
const ROUND_TRIP_LIMIT_MS = 250;

async function addGaugeSource(instrumentation: Instrumentation, vectors: Vectors): Promise<void> {
  if (!instrumentation.connected) vectors.connected.of().value = 0;
  vectors.requestsInFlight.of().value += instrumentation.requestsInFlight;
  for (const subscription of instrumentation.subscriptions) {
    subscription.flush?.();
    vectors.pending.of(subscription.destination.label).value += subscription.pending();
    if (subscription.isOpen?.() ?? true) vectors.subscriptions.of().value++;
  }
  if (instrumentation.connected) await measureRoundTrip(instrumentation, vectors.roundTrip);
}

/** Measures a round trip. If several connections share the registry, the gauge has the longest. */
async function measureRoundTrip({ connection }: Instrumentation, gauge: Vector<Gauge>): Promise<void> {
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
