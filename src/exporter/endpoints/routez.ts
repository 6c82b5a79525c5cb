/**
 * `/routez`: links to the other servers of the cluster, by the peer's name.
 *
 * Up to 2.9 a peer has one route. Since 2.10 it has a pool of routes, plus one for each account with its own route.
 * The routes of a pool have no stable name, so they form one group; the route of a pinned account forms another,
 * with an `account` label. Before 2.9.16 servers do not name their peers: `peer` is then the peer's id, which
 * changes whenever the peer restarts.
 */
import type { Collector } from "../collect/collector.ts";
import { flag } from "../collect/conversions.ts";
import { isSelected } from "../collect/selection.ts";
import type { Table } from "../collect/table.ts";
import { at, list, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { type ConnectionGroup, ConnectionGroups, connectionGroupRows } from "./connection-group.ts";

const route: Table<ConnectionGroup> = {
  item: "routes to a peer",
  endpoint: "/routez",
  labels: ["peer", "account"],
  identify: ({ labels }) => labels,
  rows: connectionGroupRows(
    { prefix: "nats_route", path: "routes[]", renamed: { pending_bytes: "pending_size" } },
    [
      "connections",
      "slowestRoundTrip",
      "pendingBytes",
      "maxPendingBytes",
      "subscriptions",
      "receivedMessages",
      "receivedBytes",
      "sentMessages",
      "sentBytes",
      "oldestStart",
      "newestStart",
      "lastActivity",
    ],
  ),
};

/** Properties of routes. If those of a group differ, each combination is one item. */
interface RouteKind {
  readonly labels: readonly string[];
}

const routeInfo: Table<RouteKind> = {
  item: "kind of routes to a peer",
  endpoint: "/routez",
  labels: ["peer", "account", "compression", "configured"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_route_info",
      type: "info",
      help: "Compression of the routes to the peer, and whether the peer is in this server's configuration. Always 1.",
      since: "2.10.0",
      field: "routes[].compression, routes[].is_configured",
      read: ({ labels }) => (labels[2] === "" ? undefined : 1),
    },
  ],
};

export const routez: Collector<{ routez: Document }> = {
  name: "routez",
  summary: "links to other servers of the cluster: round-trip time, pending bytes, traffic, compression",
  tables: [route, routeInfo],
  async fetch(ask) {
    return { routez: await ask({ path: "/routez" }) };
  },
  *read({ routez: { root } }, { selection }, sink) {
    const bundles = new ConnectionGroups();
    const kinds = new Map<string, RouteKind>();
    for (const item of list(at(root, ["routes"]))) {
      const json = object(item);
      const peer = text(json.remote_name) || text(json.remote_id);
      const account = text(json.account);
      if (peer === "" || (account !== "" && !isSelected(account, selection.accounts))) continue;
      bundles.of([peer, account]).add(json);
      const configured = flag(json.is_configured);
      const labels = [
        peer,
        account,
        text(json.compression),
        configured === undefined ? "" : String(configured === 1),
      ];
      kinds.set(labels.join("\u0000"), { labels });
      yield;
    }
    for (const bundle of bundles) sink.add(route, bundle);
    for (const kind of kinds.values()) sink.add(routeInfo, kind);
  },
};
