/**
 * `/connz`: open client connections, grouped by client, and recently closed ones.
 *
 * A series per connection would grow with the number of clients and change with every reconnect. So connections
 * with the same account, client name, language, version and type form one group. The largest groups are reported
 * separately and the others as one. Leaf nodes, which newer servers list here too, come from `/leafz`. Users, tags,
 * addresses and credentials in the reply are not read.
 */
import type { Collector } from "../../collect/collector.ts";
import { number } from "../../collect/conversions.ts";
import { isSelected, type Selection } from "../../collect/selection.ts";
import type { SampleSink, Table } from "../../collect/table.ts";
import { at, type JsonObject, object, text } from "../../sources/json.ts";
import type { Document } from "../../sources/monitoring-port/document.ts";
import { type ConnectionGroup, ConnectionGroups, connectionGroupRows } from "../connection-group.ts";
import { accountOf, MAX_GROUPS, OTHER_CLIENTS } from "./client-groups.ts";
import {
  CLOSED_CONNECTIONS,
  closedByClient,
  closedByReason,
  closedWindow,
  readClosedConnections,
} from "./closed.ts";
import { askOpenConnections } from "./pages.ts";

const path = "connections[]";

const allClients: Table<ConnectionGroup> = {
  item: "server",
  endpoint: "/connz",
  labels: [],
  identify: () => [],
  rows: connectionGroupRows({ prefix: "nats_server_client", path }, [
    "connections",
    "pendingBytes",
    "maxPendingBytes",
    "subscriptions",
    "stalls",
    "slowestRoundTrip",
  ]),
};

const clients: Table<ConnectionGroup> = {
  item: "group of client connections",
  endpoint: "/connz",
  labels: ["account", "client", "lang", "version", "type"],
  identify: ({ labels }) => labels,
  rows: connectionGroupRows({ prefix: "nats_client", path }, [
    "connections",
    "pendingBytes",
    "maxPendingBytes",
    "subscriptions",
    "stalls",
    "slowestRoundTrip",
    "receivedMessages",
    "receivedBytes",
    "sentMessages",
    "sentBytes",
    "newestStart",
    "lastActivity",
  ]),
};

/** Client connections with the same protocol and TLS version. */
interface Transport {
  readonly labels: readonly string[];
  connections: number;
}

const transports: Table<Transport> = {
  item: "transport of client connections",
  endpoint: "/connz",
  labels: ["type", "tls"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_client_connections_by_transport",
      type: "gauge",
      help: "Open client connections by protocol (nats, mqtt, websocket) and TLS version (none without TLS).",
      field: `${path}.type, ${path}.tls_version`,
      read: ({ connections }) => connections,
    },
  ],
};

interface ConnzDocuments {
  /** Pages in the order of their offsets. */
  readonly open: readonly Document[];
  readonly closed: Document;
}

export const connz: Collector<ConnzDocuments> = {
  name: "connz",
  summary: "client connections by account, name, language, version; closed connections by reason",
  tables: [allClients, transports, closedWindow, closedByReason, clients, closedByClient],
  async fetch(ask) {
    const [open, closed] = await Promise.all([askOpenConnections(ask), ask(CLOSED_CONNECTIONS)]);
    return { open, closed };
  },
  *read({ open, closed }, { selection }, sink) {
    // The few most useful series first, so that a low series limit cuts only the long tail.
    const groups = yield* readOpenConnections(open, selection, sink);
    const closedGroups = yield* readClosedConnections(closed, selection, sink);
    for (const group of largest(groups)) {
      sink.add(clients, group);
      yield;
    }
    for (const group of closedGroups) {
      sink.add(closedByClient, group);
      yield;
    }
  },
};

function* readOpenConnections(
  pages: readonly Document[],
  selection: Selection,
  sink: SampleSink,
): Generator<void, ConnectionGroups> {
  const all = new ConnectionGroups();
  const groups = new ConnectionGroups();
  const byTransport = new Map<string, Transport>();
  const seen = new Set<number>();
  for (const page of pages) {
    for (const item of page.elements(at(page.root, ["connections"]))) {
      const json = object(item);
      if (isClient(json) && isNew(json, seen)) {
        all.of([]).add(json);
        countTransport(byTransport, json);
        const account = accountOf(json);
        if (isSelected(account, selection.accounts)) {
          const labels = [account, text(json.name), text(json.lang), text(json.version), text(json.type)];
          groups.of(labels).add(json);
        }
      }
      yield;
    }
  }
  for (const bundle of all) sink.add(allClients, bundle);
  for (const transport of byTransport.values()) sink.add(transports, transport);
  return groups;
}

/** A connection without a `kind` counts as a client: servers may leave the field out. */
function isClient(json: JsonObject): boolean {
  return number(json.cid) !== undefined && (json.kind === undefined || json.kind === "Client");
}

/** A connection can be on two pages, because connections open and close between the requests. */
function isNew(json: JsonObject, seen: Set<number>): boolean {
  const cid = json.cid as number;
  if (seen.has(cid)) return false;
  seen.add(cid);
  return true;
}

function countTransport(byTransport: Map<string, Transport>, json: JsonObject): void {
  const labels = [text(json.type), text(json.tls_version) || "none"];
  const key = labels.join("\u0000");
  const known = byTransport.get(key);
  if (known) known.connections++;
  else byTransport.set(key, { labels, connections: 1 });
}

/**
 * Groups sorted by size, then by pending bytes so that struggling clients stay separate; the groups beyond
 * MAX_GROUPS are merged.
 */
function* largest(groups: ConnectionGroups): Generator<ConnectionGroup> {
  const sorted = [...groups].sort(
    (a, b) => b.connections - a.connections || (b.pendingBytes ?? 0) - (a.pendingBytes ?? 0),
  );
  yield* sorted.slice(0, MAX_GROUPS);
  const rest = new ConnectionGroups().of(["", OTHER_CLIENTS, "", "", ""]);
  for (const group of sorted.slice(MAX_GROUPS)) rest.merge(group);
  if (rest.connections > 0) yield rest;
}
