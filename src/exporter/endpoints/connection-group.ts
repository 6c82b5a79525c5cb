/**
 * Connections with the same labels, aggregated while they are read, and the rows that such a group can have. Route
 * pools, inbound gateways, leaf nodes and clients of one name are groups.
 *
 * The traffic of a group is the traffic of its open connections. It falls when one of them closes, without
 * restarting at 0, which `rate()` over a counter would read as a burst. So it is a gauge; true counters come from
 * `/varz` and `/accstatz`.
 */
import { duration, instant, number } from "../collect/conversions.ts";
import type { Row } from "../collect/table.ts";
import type { JsonObject } from "../sources/json.ts";

type Figure = number | undefined;

const sum = (a: Figure, b: Figure): Figure => (a === undefined ? b : b === undefined ? a : a + b);
const maximum = (a: Figure, b: Figure): Figure => (a === undefined || (b !== undefined && b > a) ? b : a);
const minimum = (a: Figure, b: Figure): Figure => (a === undefined || (b !== undefined && b < a) ? b : a);

/** One group of connections. A figure is undefined until a connection reports it. */
export class ConnectionGroup {
  /** Label values, by position. */
  readonly labels: readonly string[];
  connections = 0;
  pendingBytes: Figure;
  maxPendingBytes: Figure;
  subscriptions: Figure;
  stalls: Figure;
  receivedMessages: Figure;
  receivedBytes: Figure;
  sentMessages: Figure;
  sentBytes: Figure;
  /** In seconds. Ignores connections without a PING reply yet, for which servers report 0. */
  slowestRoundTrip: Figure;
  /** In seconds since 1970, as are the next two. */
  oldestStart: Figure;
  newestStart: Figure;
  lastActivity: Figure;

  constructor(labels: readonly string[] = []) {
    this.labels = labels;
  }

  /**
   * Adds a connection.
   *
   * @param connection server struct ConnInfo, RouteInfo or LeafInfo
   */
  add(connection: JsonObject): void {
    const pending = number(connection.pending_bytes ?? connection.pending_size);
    const start = instant(connection.start);
    this.connections++;
    this.pendingBytes = sum(this.pendingBytes, pending);
    this.maxPendingBytes = maximum(this.maxPendingBytes, pending);
    this.subscriptions = sum(this.subscriptions, number(connection.subscriptions));
    this.stalls = sum(this.stalls, number(connection.stalls));
    this.receivedMessages = sum(this.receivedMessages, number(connection.in_msgs));
    this.receivedBytes = sum(this.receivedBytes, number(connection.in_bytes));
    this.sentMessages = sum(this.sentMessages, number(connection.out_msgs));
    this.sentBytes = sum(this.sentBytes, number(connection.out_bytes));
    this.slowestRoundTrip = maximum(this.slowestRoundTrip, duration(connection.rtt) || undefined);
    this.oldestStart = minimum(this.oldestStart, start);
    this.newestStart = maximum(this.newestStart, start);
    this.lastActivity = maximum(this.lastActivity, instant(connection.last_activity));
  }

  /** Adds the connections of another group. */
  merge(other: ConnectionGroup): void {
    this.connections += other.connections;
    for (const figure of SUMS) this[figure] = sum(this[figure], other[figure]);
    for (const figure of MAXIMA) this[figure] = maximum(this[figure], other[figure]);
    this.oldestStart = minimum(this.oldestStart, other.oldestStart);
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
const MAXIMA = ["maxPendingBytes", "slowestRoundTrip", "newestStart", "lastActivity"] as const;

/** Groups by their labels, in order of first appearance. */
export class ConnectionGroups {
  readonly #byLabels = new Map<string, ConnectionGroup>();

  /** The group with these labels; created empty if missing. */
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

/** A figure of a group that a row can report. */
type ConnectionFigure = Exclude<keyof ConnectionGroup, "labels" | "add" | "merge">;

interface FigureRow {
  /** End of the metric's name. */
  readonly suffix: string;
  readonly help: string;
  /** Field of one connection in the reply; empty for the number of connections. */
  readonly field: string;
  readonly since?: string;
}

const FALLS = "Falls when a connection closes: not a counter.";

const FIGURES: Readonly<Record<ConnectionFigure, FigureRow>> = {
  connections: { suffix: "connections", help: "Open connections with these labels.", field: "" },
  pendingBytes: {
    suffix: "pending_bytes",
    help: "Bytes that the server has buffered for connections with these labels.",
    field: "pending_bytes",
  },
  maxPendingBytes: {
    suffix: "pending_max_bytes",
    help: "Maximum bytes that the server has buffered for one connection with these labels.",
    field: "pending_bytes",
  },
  subscriptions: {
    suffix: "subscriptions",
    help: "Subscriptions of connections with these labels.",
    field: "subscriptions",
  },
  stalls: {
    suffix: "stalls",
    help: `Times that the server stalled a publisher because a connection with these labels reads too slowly. Absent if never. ${FALLS}`,
    field: "stalls",
    since: "2.12.0",
  },
  receivedMessages: {
    suffix: "received_messages",
    help: `Messages received over the open connections with these labels. ${FALLS}`,
    field: "in_msgs",
  },
  receivedBytes: {
    suffix: "received_bytes",
    help: `Bytes received over the open connections with these labels. ${FALLS}`,
    field: "in_bytes",
  },
  sentMessages: {
    suffix: "sent_messages",
    help: `Messages sent over the open connections with these labels. ${FALLS}`,
    field: "out_msgs",
  },
  sentBytes: {
    suffix: "sent_bytes",
    help: `Bytes sent over the open connections with these labels. ${FALLS}`,
    field: "out_bytes",
  },
  slowestRoundTrip: {
    suffix: "rtt_max_seconds",
    help: "Longest round-trip time of connections with these labels, in seconds, from the last PING of each, which may be minutes ago. Absent before the first answered PING.",
    field: "rtt",
  },
  oldestStart: {
    suffix: "oldest_start_timestamp_seconds",
    help: "Time at which the oldest connection with these labels was opened, in seconds since 1970.",
    field: "start",
  },
  newestStart: {
    suffix: "newest_start_timestamp_seconds",
    help: "Time at which the newest connection with these labels was opened, in seconds since 1970. Stays recent if a client keeps reconnecting.",
    field: "start",
  },
  lastActivity: {
    suffix: "last_activity_timestamp_seconds",
    help: "Time of the last activity on connections with these labels, in seconds since 1970.",
    field: "last_activity",
  },
};

/**
 * Rows for a group of connections.
 *
 * @param prefix begins each metric name: `nats_route`
 * @param path position of the connections in the reply: `routes[]`
 * @param renamed the endpoint's own names for fields that differ
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
