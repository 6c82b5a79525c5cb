/**
 * Connections that share their labels, folded into one item while they are read, and the rows such an item
 * can have. Route pools, inbound gateways, leaf nodes and clients of one name are bundles.
 *
 * The traffic of a bundle is what its open connections have carried. It falls when one of them ends, without
 * starting over at 0, and a counter that does so would be read as a burst: so it is a gauge. True counters are
 * those of `/varz` and `/accstatz`.
 */
import { duration, instant, number } from "../collect/conversions.ts";
import type { Row } from "../collect/table.ts";
import type { JsonObject } from "../sources/json.ts";

type Figure = number | undefined;

const sum = (a: Figure, b: Figure): Figure => (a === undefined ? b : b === undefined ? a : a + b);
const most = (a: Figure, b: Figure): Figure => (a === undefined || (b !== undefined && b > a) ? b : a);
const least = (a: Figure, b: Figure): Figure => (a === undefined || (b !== undefined && b < a) ? b : a);

/** A figure is undefined until a connection has it. */
export class ConnectionGroup {
  /** Label values, by position. */
  readonly labels: readonly string[];
  connections = 0;
  pendingBytes: Figure;
  mostPendingBytes: Figure;
  subscriptions: Figure;
  stalls: Figure;
  receivedMessages: Figure;
  receivedBytes: Figure;
  sentMessages: Figure;
  sentBytes: Figure;
  /** Seconds; without connections that no PING has measured yet, of which servers say 0. */
  slowestRoundTrip: Figure;
  /** Seconds since 1970, as are the next two. */
  oldestStart: Figure;
  newestStart: Figure;
  lastActivity: Figure;

  constructor(labels: readonly string[] = []) {
    this.labels = labels;
  }

  /** @param connection server struct ConnInfo, RouteInfo or LeafInfo */
  add(connection: JsonObject): void {
    const pending = number(connection.pending_bytes ?? connection.pending_size);
    const start = instant(connection.start);
    this.connections++;
    this.pendingBytes = sum(this.pendingBytes, pending);
    this.mostPendingBytes = most(this.mostPendingBytes, pending);
    this.subscriptions = sum(this.subscriptions, number(connection.subscriptions));
    this.stalls = sum(this.stalls, number(connection.stalls));
    this.receivedMessages = sum(this.receivedMessages, number(connection.in_msgs));
    this.receivedBytes = sum(this.receivedBytes, number(connection.in_bytes));
    this.sentMessages = sum(this.sentMessages, number(connection.out_msgs));
    this.sentBytes = sum(this.sentBytes, number(connection.out_bytes));
    this.slowestRoundTrip = most(this.slowestRoundTrip, duration(connection.rtt) || undefined);
    this.oldestStart = least(this.oldestStart, start);
    this.newestStart = most(this.newestStart, start);
    this.lastActivity = most(this.lastActivity, instant(connection.last_activity));
  }

  /** Takes the other's connections in. */
  merge(other: ConnectionGroup): void {
    this.connections += other.connections;
    for (const figure of SUMS) this[figure] = sum(this[figure], other[figure]);
    for (const figure of MOSTS) this[figure] = most(this[figure], other[figure]);
    this.oldestStart = least(this.oldestStart, other.oldestStart);
  }
}

const SUMS = [
  "pendingBytes",
  "subscriptions",
  "stalls",
  "receivedMessages",
  "receivedBytes",
  "sentMessages",
  "sentBytes",
] as const;
const MOSTS = ["mostPendingBytes", "slowestRoundTrip", "newestStart", "lastActivity"] as const;

/** ConnectionGroups by their labels, in the order in which they appeared. */
export class ConnectionGroups {
  readonly #byLabels = new Map<string, ConnectionGroup>();

  /** The bundle of these labels; an empty one where there was none. */
  of(labels: readonly string[]): ConnectionGroup {
    const key = labels.join("\u0000");
    let bundle = this.#byLabels.get(key);
    if (!bundle) {
      bundle = new ConnectionGroup(labels);
      this.#byLabels.set(key, bundle);
    }
    return bundle;
  }

  *[Symbol.iterator](): Generator<ConnectionGroup> {
    yield* this.#byLabels.values();
  }
}

/** What a bundle can be asked. */
export type ConnectionFigure = Exclude<keyof ConnectionGroup, "labels" | "add" | "merge">;

interface FigureRow {
  /** Ends the metric's name. */
  readonly suffix: string;
  readonly help: string;
  /** The server's field of one connection; empty where connections are counted. */
  readonly field: string;
  readonly since?: string;
}

const FALLS = "Falls when one of them ends: not a counter.";

const FIGURES: Readonly<Record<ConnectionFigure, FigureRow>> = {
  connections: { suffix: "connections", help: "Connections open now.", field: "" },
  pendingBytes: {
    suffix: "pending_bytes",
    help: "Bytes waiting in the server to be written to them, together.",
    field: "pending_bytes",
  },
  mostPendingBytes: {
    suffix: "pending_max_bytes",
    help: "Bytes waiting for the one of them that has most.",
    field: "pending_bytes",
  },
  subscriptions: { suffix: "subscriptions", help: "Subscriptions they have now.", field: "subscriptions" },
  stalls: {
    suffix: "stalls",
    help: `Times that a publisher was held back because one of them takes its messages too slowly. Absent where never. ${FALLS}`,
    field: "stalls",
    since: "2.12.0",
  },
  receivedMessages: {
    suffix: "received_messages",
    help: `Messages that the server received from those open now. ${FALLS}`,
    field: "in_msgs",
  },
  receivedBytes: {
    suffix: "received_bytes",
    help: `Bytes that the server received from those open now. ${FALLS}`,
    field: "in_bytes",
  },
  sentMessages: {
    suffix: "sent_messages",
    help: `Messages that the server sent to those open now. ${FALLS}`,
    field: "out_msgs",
  },
  sentBytes: {
    suffix: "sent_bytes",
    help: `Bytes that the server sent to those open now. ${FALLS}`,
    field: "out_bytes",
  },
  slowestRoundTrip: {
    suffix: "rtt_max_seconds",
    help: "Longest round trip among them, each measured by its last PING, which may be minutes ago.",
    field: "rtt",
  },
  oldestStart: {
    suffix: "oldest_start_timestamp_seconds",
    help: "When the oldest of them was opened.",
    field: "start",
  },
  newestStart: {
    suffix: "newest_start_timestamp_seconds",
    help: "When the newest of them was opened: recent where something reconnects.",
    field: "start",
  },
  lastActivity: {
    suffix: "last_activity_timestamp_seconds",
    help: "When one of them last carried anything.",
    field: "last_activity",
  },
};

/**
 * Rows of a bundle.
 *
 * @param prefix begins each name: `nats_route`
 * @param path where the connections stand in the reply: `routes[]`
 * @param renamed fields that the endpoint calls otherwise
 */
export function connectionGroupRows(
  {
    prefix,
    path,
    renamed = {},
  }: { prefix: string; path: string; renamed?: Readonly<Record<string, string>> },
  figures: readonly ConnectionFigure[],
): Row<ConnectionGroup>[] {
  return figures.map((figure) => {
    const { suffix, help, field, since } = FIGURES[figure];
    return {
      name: `${prefix}_${suffix}`,
      type: "gauge",
      help,
      field: field === "" ? path : `${path}.${renamed[field] ?? field}`,
      read: (bundle) => bundle[figure],
      ...(since !== undefined && { since }),
    };
  });
}
