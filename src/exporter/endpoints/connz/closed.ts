/**
 * Connections that closed lately, as the server remembers them: why, whose, and when.
 *
 * A server keeps its last closes only (10,000 unless `max_closed_clients` says otherwise), of which the newest
 * 1,000 are read, and natscope keeps nothing between scrapes: so these are gauges over that window. They rise
 * until it is full and then stay near its size; the oldest close in it says how far it reaches back.
 */

import { instant, number } from "../../collect/conversions.ts";
import { isSelected, type Selection } from "../../collect/selection.ts";
import type { SampleSink, Table } from "../../collect/table.ts";
import { at, object, text } from "../../sources/json.ts";
import type { Document } from "../../sources/monitoring-port/document.ts";
import type { Request } from "../../sources/monitoring-port/monitor.ts";
import { accountOf, MAX_GROUPS, REST } from "./client-groups.ts";

/**
 * The newest thousand: a full memory would be five megabytes in every scrape. `auth=true` is what adds the
 * account.
 */
export const CLOSED_CONNECTIONS: Request = {
  path: "/connz?auth=true&state=closed&sort=stop&limit=1000",
  cut: ["connections"],
};

/** What a client does by itself; every other reason is the server's, the network's or a fault. */
const ORDINARY_REASON = "Client Closed";

interface Closes {
  readonly labels: readonly string[];
  connections: number;
  /** Seconds since 1970. */
  lastStop: number | undefined;
}

interface Memory {
  readonly root: unknown;
  readonly oldestStop: number | undefined;
}

export const closedMemory: Table<Memory> = {
  item: "server",
  endpoint: "/connz?state=closed",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_closed_connections_remembered",
      type: "gauge",
      help: "Closed connections that the server remembers.",
      field: "total",
      read: ({ root }) => number(at(root, ["total"])),
    },
    {
      name: "nats_closed_connections_oldest_timestamp_seconds",
      type: "gauge",
      help: "When the oldest of the newest 1,000 was closed: how far the other metrics of closed connections reach back.",
      field: "connections[].stop",
      read: ({ oldestStop }) => oldestStop,
    },
  ],
};

export const closedByReason: Table<Closes> = {
  item: "reason of closing",
  endpoint: "/connz?state=closed",
  labels: ["reason"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_closed_connections",
      type: "gauge",
      help: "Connections of clients and leaf nodes that closed for this reason, of the newest 1,000 that the server remembers. A bounded window, not a counter.",
      field: "connections[].reason",
      read: ({ connections }) => connections,
    },
    {
      name: "nats_closed_connections_last_timestamp_seconds",
      type: "gauge",
      help: "When the last of them closed.",
      field: "connections[].stop",
      read: ({ lastStop }) => lastStop,
    },
  ],
};

export const closedByClient: Table<Closes> = {
  item: "reason of closing of a client",
  endpoint: "/connz?state=closed",
  labels: ["account", "client", "reason"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_client_closed_connections",
      type: "gauge",
      help: "Connections of this client name that closed for this reason, of the newest 1,000 that the server remembers. A bounded window, not a counter.",
      field: "connections[].reason",
      read: ({ connections }) => connections,
    },
    {
      name: "nats_client_closed_connections_last_timestamp_seconds",
      type: "gauge",
      help: "When the last of them closed.",
      field: "connections[].stop",
      read: ({ lastStop }) => lastStop,
    },
  ],
};

/** Adds the memory and the reasons; returns the groups of `closedByClient`, the most telling first. */
export function* readClosedConnections(
  closed: Document,
  selection: Selection,
  sink: SampleSink,
): Generator<void, readonly Closes[]> {
  const byReason = new Map<string, Closes>();
  const byClient = new Map<string, Closes>();
  let oldestStop: number | undefined;
  for (const item of closed.elements(at(closed.root, ["connections"]))) {
    const json = object(item);
    const reason = text(json.reason);
    if (reason !== "") {
      const stop = instant(json.stop);
      if (stop !== undefined) oldestStop = Math.min(stop, oldestStop ?? stop);
      count(byReason, [reason], 1, stop);
      const account = accountOf(json);
      if (isSelected(account, selection.accounts))
        count(byClient, [account, text(json.name), reason], 1, stop);
    }
    yield;
  }
  sink.add(closedMemory, { root: closed.root, oldestStop });
  for (const closes of byReason.values()) sink.add(closedByReason, closes);
  return mostTelling([...byClient.values()]);
}

function count(
  groups: Map<string, Closes>,
  labels: readonly string[],
  connections: number,
  stop: number | undefined,
): void {
  const key = labels.join("\u0000");
  const known = groups.get(key);
  if (!known) {
    groups.set(key, { labels, connections, lastStop: stop });
    return;
  }
  known.connections += connections;
  if (stop !== undefined) known.lastStop = Math.max(stop, known.lastStop ?? stop);
}

/** Extraordinary reasons before ordinary ones, larger groups before smaller ones, and the rest by reason. */
function mostTelling(groups: readonly Closes[]): readonly Closes[] {
  const isOrdinary = ({ labels }: Closes): number => Number(labels[2] === ORDINARY_REASON);
  const sorted = [...groups].sort((a, b) => isOrdinary(a) - isOrdinary(b) || b.connections - a.connections);
  const rest = new Map<string, Closes>();
  for (const { labels, connections, lastStop } of sorted.slice(MAX_GROUPS)) {
    count(rest, ["", REST, labels[2] ?? ""], connections, lastStop);
  }
  return [...sorted.slice(0, MAX_GROUPS), ...rest.values()];
}
