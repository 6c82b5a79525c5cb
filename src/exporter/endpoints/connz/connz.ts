/**
 * `/connz`: the client connections that are open, grouped by who they are, and those that closed lately.
 *
 * A series for each connection would grow with the clients and die with each reconnect, so clients of one
 * account, name, language, version and type are one item; of the groups, the largest are told apart and the
 * rest are one. Leaf nodes, which newer servers list here too, are left to `/leafz`. Users, tags, addresses
 * and credentials that the reply holds are not read.
 */
import type { Collector } from "../../collect/collector.ts";
import { number } from "../../collect/conversions.ts";
import { isSelected, type Selection } from "../../collect/selection.ts";
import type { SampleSink, Table } from "../../collect/table.ts";
import { at, type JsonObject, object, text } from "../../sources/json.ts";
import type { Document } from "../../sources/monitoring-port/document.ts";
import { type ConnectionGroup, ConnectionGroups, connectionGroupRows } from "../connection-group.ts";
import { accountOf, MAX_GROUPS, REST } from "./client-groups.ts";
import {
  CLOSED_CONNECTIONS,
  closedByClient,
  closedByReason,
  closedMemory,
  readClosedConnections,
} from "./closed.ts";
import { askOpenConnections } from "./pages.ts";

const path = "connections[]";

export const allClients: Table<ConnectionGroup> = {
  item: "server",
  endpoint: "/connz",
  labels: [],
  identify: () => [],
  rows: connectionGroupRows({ prefix: "nats_server_client", path }, [
    "connections",
    "pendingBytes",
    "mostPendingBytes",
    "subscriptions",
    "stalls",
    "slowestRoundTrip",
  ]),
};

export const clients: Table<ConnectionGroup> = {
  item: "group of client connections",
  endpoint: "/connz",
  labels: ["account", "client", "lang", "version", "type"],
  identify: ({ labels }) => labels,
  rows: connectionGroupRows({ prefix: "nats_client", path }, [
    "connections",
    "pendingBytes",
    "mostPendingBytes",
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

/** Client connections that are alike on the wire. */
interface Transport {
  readonly labels: readonly string[];
  connections: number;
}

export const transports: Table<Transport> = {
  item: "transport of client connections",
  endpoint: "/connz",
  labels: ["type", "tls"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_client_connections_by_transport",
      type: "gauge",
      help: "Connections open now, by protocol (nats, mqtt, websocket) and TLS version (none without TLS).",
      field: `${path}.type, ${path}.tls_version`,
      read: ({ connections }) => connections,
    },
  ],
};

export interface ConnzDocuments {
  /** In the order of their offsets. */
  readonly open: readonly Document[];
  readonly closed: Document;
}

export const connz: Collector<ConnzDocuments> = {
  name: "connz",
  summary: "client connections by account, name, language and version; closed connections by reason",
  tables: [allClients, transports, closedMemory, closedByReason, clients, closedByClient],
  async fetch(ask) {
    const [open, closed] = await Promise.all([askOpenConnections(ask), ask(CLOSED_CONNECTIONS)]);
    return { open, closed };
  },
  *read({ open, closed }, { selection }, sink) {
    // Few and telling series first: a budget that is too small cuts the long tail.
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

/** Anything that is not said to be of another kind: servers may leave `kind` out. */
function isClient(json: JsonObject): boolean {
  return number(json.cid) !== undefined && (json.kind === undefined || json.kind === "Client");
}

/** A connection can stand on two pages, since connections come and go while pages are asked for. */
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

/** Largest first; of equals the one with more waiting for it, so that clients in trouble are told apart. */
function* largest(groups: ConnectionGroups): Generator<ConnectionGroup> {
  const sorted = [...groups].sort(
    (a, b) => b.connections - a.connections || (b.pendingBytes ?? 0) - (a.pendingBytes ?? 0),
  );
  yield* sorted.slice(0, MAX_GROUPS);
  const rest = new ConnectionGroups().of(["", REST, "", "", ""]);
  for (const group of sorted.slice(MAX_GROUPS)) rest.merge(group);
  if (rest.connections > 0) yield rest;
}
