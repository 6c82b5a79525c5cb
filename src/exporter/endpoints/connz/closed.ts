/**
 * Recently closed connections, as the server remembers them: reason, client, time.
 *
 * A server remembers its last closed connections (10,000 unless `max_closed_clients` is set). natscope reads the
 * newest 1,000 and keeps nothing between scrapes, so these metrics are gauges over a window: they rise until it is
 * full and then stay near its size. The time of the oldest close shows how far back the window reaches.
 */

import { instant, number } from "../../collect/conversions.ts";
import { isSelected, type Selection } from "../../collect/selection.ts";
import type { SampleSink, Table } from "../../collect/table.ts";
import { at, object, text } from "../../sources/json.ts";
import type { Document } from "../../sources/monitoring-port/document.ts";
import type { Request } from "../../sources/monitoring-port/monitor.ts";
import { accountOf, MAX_GROUPS, OTHER_CLIENTS } from "./client-groups.ts";

/** The newest 1,000 closed connections. All 10,000 would be 5 MB per scrape. `auth=true` adds the account. */
export const CLOSED_CONNECTIONS: Request = {
  path: "/connz?auth=true&state=closed&sort=stop&limit=1000",
  cut: ["connections"],
};

/**
 * The reason for a normal close by the client. Every other reason is a fault of the client, the network or the
 * server.
 */
const NORMAL_REASON = "Client Closed";

interface ClosedGroup {
  readonly labels: readonly string[];
  connections: number;
  /** In seconds since 1970. */
  lastStop: number | undefined;
}

interface ClosedWindow {
  readonly root: unknown;
  readonly oldestStop: number | undefined;
}

export const closedWindow: Table<ClosedWindow> = {
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
      help: "Time at which the oldest of the newest 1,000 closed connections closed, in seconds since 1970: how far back all metrics of closed connections reach.",
      field: "connections[].stop",
      read: ({ oldestStop }) => oldestStop,
    },
  ],
};

export const closedByReason: Table<ClosedGroup> = {
  item: "close reason",
  endpoint: "/connz?state=closed",
  labels: ["reason"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_closed_connections",
      type: "gauge",
      help: "Client and leaf node connections closed for this reason, among the newest 1,000 that the server remembers. A bounded window, not a counter.",
      field: "connections[].reason",
      read: ({ connections }) => connections,
    },
    {
      name: "nats_closed_connections_last_timestamp_seconds",
      type: "gauge",
      help: "Time of the last close for this reason, in seconds since 1970.",
      field: "connections[].stop",
      read: ({ lastStop }) => lastStop,
    },
  ],
};

export const closedByClient: Table<ClosedGroup> = {
  item: "close reason of a client",
  endpoint: "/connz?state=closed",
  labels: ["account", "client", "reason"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_client_closed_connections",
      type: "gauge",
      help: "Connections of this client closed for this reason, among the newest 1,000 that the server remembers. A bounded window, not a counter.",
      field: "connections[].reason",
      read: ({ connections }) => connections,
    },
    {
      name: "nats_client_closed_connections_last_timestamp_seconds",
      type: "gauge",
      help: "Time of the client's last close for this reason, in seconds since 1970.",
      field: "connections[].stop",
      read: ({ lastStop }) => lastStop,
    },
  ],
};

/** Adds the window and its reasons. Returns the groups for `closedByClient`, most important first. */
export function* readClosedConnections(
  closed: Document,
  selection: Selection,
  sink: SampleSink,
): Generator<void, readonly ClosedGroup[]> {
  const byReason = new Map<string, ClosedGroup>();
  const byClient = new Map<string, ClosedGroup>();
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
  sink.add(closedWindow, { root: closed.root, oldestStop });
  for (const closes of byReason.values()) sink.add(closedByReason, closes);
  return mostImportant([...byClient.values()]);
}

function count(
  groups: Map<string, ClosedGroup>,
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

/**
 * Sorts abnormal reasons before normal ones and large groups before small ones, and merges the groups beyond
 * MAX_GROUPS by reason.
 */
function mostImportant(groups: readonly ClosedGroup[]): readonly ClosedGroup[] {
  const isNormal = ({ labels }: ClosedGroup): number => Number(labels[2] === NORMAL_REASON);
  const sorted = [...groups].sort((a, b) => isNormal(a) - isNormal(b) || b.connections - a.connections);
  const rest = new Map<string, ClosedGroup>();
  for (const { labels, connections, lastStop } of sorted.slice(MAX_GROUPS)) {
    count(rest, ["", OTHER_CLIENTS, labels[2] ?? ""], connections, lastStop);
  }
  return [...sorted.slice(0, MAX_GROUPS), ...rest.values()];
}
