/**
 * A shop on a NATS server, which gives the demo something to monitor: real streams and consumers, requests and plain
 * messages. One client keeps up, one is too slow, one never acknowledges.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, connect, type JetStreamManager, type NatsConnection, nanos, StorageType } from "nats";
import { compareVersions } from "../nats-server/releases.ts";

/** Durable consumers, by the state that the demo shows. */
export const CONSUMERS = { healthy: "billing", lagging: "warehouse", stuck: "email", push: "audit" } as const;

const ORDERS_PER_SECOND = 200;
const PICKS_PER_SECOND = 25;
const READINGS_PER_SECOND = 100;
const QUOTES_PER_SECOND = 20;
/** Maximum of unacknowledged messages, after which delivery stops. */
const MAX_UNACKNOWLEDGED_MAILS = 50;
/**
 * Number of waiting messages at which the warehouse asks for an alert; in its metadata, which needs
 * nats-server 2.10.
 */
const WAREHOUSE_LIMIT = "500";
const METADATA_SINCE = "2.10.0";

/** An open shop with its numbers of streams, consumers and clients. */
export interface Shop extends AsyncDisposable {
  readonly streams: number;
  readonly consumers: number;
  readonly clients: number;
}

/** Opens the shop. Disposing disconnects all clients; streams and consumers stay. */
export async function openShop(clientUrl: string, serverVersion: string): Promise<Shop> {
  const connections: NatsConnection[] = [];
  const closed = new AbortController();
  const join = async (name: string): Promise<NatsConnection> => {
    const connection = await connect({ servers: clientUrl, name });
    connections.push(connection);
    return connection;
  };
  const close = async (): Promise<void> => {
    closed.abort();
    await Promise.all(connections.map((connection) => connection.close()));
  };
  try {
    const checkout = await join("checkout");
    await build(await checkout.jetstreamManager(), serverVersion);
    await takeOrders(checkout, closed.signal);
    await keepUp(await join("billing-worker"));
    await fallBehind(await join("warehouse-worker"), closed.signal);
    await neverAcknowledge(await join("email-worker"));
    await watchAlong(await join("dashboard"));
    audit(await join("audit-log"));
    measure(await join("thermometer"), await join("thermostat"), closed.signal);
    quote(await join("price-service"), await join("storefront"), closed.signal);
  } catch (error) {
    await close();
    throw error;
  }
  const durable = Object.keys(CONSUMERS).length;
  return { streams: 2, consumers: durable + 1, clients: connections.length, [Symbol.asyncDispose]: close };
}

async function build(manager: JetStreamManager, serverVersion: string): Promise<void> {
  // Limited by age, because the server would reserve disk space for a limit in bytes.
  await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"], max_age: nanos(1800 * 1000) });
  await manager.streams.add({
    name: "EVENTS",
    subjects: ["events.>"],
    storage: StorageType.Memory,
    max_age: nanos(1800 * 1000),
  });
  const hasMetadata = compareVersions(serverVersion, METADATA_SINCE) >= 0;
  await manager.consumers.add("ORDERS", {
    durable_name: CONSUMERS.healthy,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 1000,
  });
  await manager.consumers.add("ORDERS", {
    durable_name: CONSUMERS.lagging,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 1000,
    ...(hasMetadata && { metadata: { "io.nats.monitor.unprocessed-critical": WAREHOUSE_LIMIT } }),
  });
  await manager.consumers.add("ORDERS", {
    durable_name: CONSUMERS.stuck,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: MAX_UNACKNOWLEDGED_MAILS,
    ack_wait: nanos(3600 * 1000),
  });
  await manager.consumers.add("EVENTS", {
    durable_name: CONSUMERS.push,
    ack_policy: AckPolicy.None,
    deliver_subject: "deliver.audit",
  });
}

/** Calls `act` `perSecond` times a second, in small bursts, until the signal. */
function pace(perSecond: number, signal: AbortSignal, act: (n: number) => void): void {
  const started = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1000) * perSecond);
    while (done < due) act(done++);
  }, 25);
  signal.addEventListener("abort", () => clearInterval(timer));
}

async function takeOrders(connection: NatsConnection, signal: AbortSignal): Promise<void> {
  const countries = ["de", "fr", "jp", "us"];
  const order = (n: number): void => {
    const subject = `orders.${countries[n % countries.length]}`;
    connection.publish(subject, JSON.stringify({ order: n, items: (n % 5) + 1, note: "x".repeat(200) }));
    if (n % 4 === 0) connection.publish("events.order.placed", JSON.stringify({ order: n }));
  };
  for (let n = 0; n < 1000; n++) order(n); // Older orders, so that the first scrape has values.
  await connection.flush();
  pace(ORDERS_PER_SECOND, signal, (n) => order(1000 + n));
}

/** Acknowledges each order as it comes. */
async function keepUp(connection: NatsConnection): Promise<void> {
  const consumer = await connection.jetstream().consumers.get("ORDERS", CONSUMERS.healthy);
  await consumer.consume({ max_messages: 500, callback: (message) => message.ack() });
}

/** Handles one order at a time, more slowly than they come in. */
async function fallBehind(connection: NatsConnection, signal: AbortSignal): Promise<void> {
  const consumer = await connection.jetstream().consumers.get("ORDERS", CONSUMERS.lagging);
  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      (await consumer.next({ expires: 5000 }))?.ack();
      await sleep(1000 / PICKS_PER_SECOND);
    }
  };
  work().catch(() => {}); // The connection was closed while it waited.
}

async function neverAcknowledge(connection: NatsConnection): Promise<void> {
  const consumer = await connection.jetstream().consumers.get("ORDERS", CONSUMERS.stuck);
  await consumer.consume({ max_messages: 100, callback: () => {} });
}

/** An ephemeral consumer, as a dashboard creates for a short look. */
async function watchAlong(connection: NatsConnection): Promise<void> {
  const manager = await connection.jetstreamManager();
  const { name } = await manager.consumers.add("ORDERS", {
    ack_policy: AckPolicy.None,
    filter_subject: "orders.jp",
    inactive_threshold: nanos(60_000),
  });
  const consumer = await connection.jetstream().consumers.get("ORDERS", name);
  await consumer.consume({ callback: () => {} });
}

function audit(connection: NatsConnection): void {
  connection.subscribe("deliver.audit", { callback: () => {} });
}

/** Plain messages, without JetStream. */
function measure(thermometer: NatsConnection, thermostat: NatsConnection, signal: AbortSignal): void {
  thermostat.subscribe("temperature.*", { callback: () => {} });
  pace(READINGS_PER_SECOND, signal, (n) => thermometer.publish("temperature.cellar", String(10 + (n % 7))));
}

/** Requests with replies. */
function quote(service: NatsConnection, storefront: NatsConnection, signal: AbortSignal): void {
  service.subscribe("price.get", { callback: (_error, request) => request.respond("19.90") });
  pace(QUOTES_PER_SECOND, signal, () => {
    storefront.request("price.get", "tea", { timeout: 5000 }).catch(() => {}); // The connection was closed before the reply.
  });
}
