/**
 * `/leafz`: leaf node connections, by remote server name and local account.
 *
 * A leaf server opens one connection per account it binds, and may open several to the same account: those form a
 * group. Before 2.9.15 the reply has no name, and `leaf` is the remote address without its port, because the port
 * of an accepted connection changes with each reconnect. Leaf servers behind one address are then one group.
 */
import type { Collector } from "../collect/collector.ts";
import { flag } from "../collect/conversions.ts";
import { isSelected } from "../collect/selection.ts";
import type { Table } from "../collect/table.ts";
import { at, type JsonObject, list, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { type ConnectionGroup, ConnectionGroups, connectionGroupRows } from "./connection-group.ts";

const leaf: Table<ConnectionGroup> = {
  item: "leaf node connections",
  endpoint: "/leafz",
  labels: ["leaf", "account"],
  identify: ({ labels }) => labels,
  rows: connectionGroupRows({ prefix: "nats_leaf", path: "leafs[]" }, [
    "connections",
    "slowestRoundTrip",
    "subscriptions",
    "receivedMessages",
    "receivedBytes",
    "sentMessages",
    "sentBytes",
  ]),
};

/** Properties of leaf node connections. If those of a group differ, each combination is one item. */
interface LeafKind {
  readonly labels: readonly string[];
}

const leafInfo: Table<LeafKind> = {
  item: "kind of leaf node connections",
  endpoint: "/leafz",
  labels: ["leaf", "account", "role", "isolated", "compression"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_leaf_info",
      type: "info",
      help: "Role of this server towards the remote end (hub or spoke), whether the hub isolates the leaf from other leaf nodes (since 2.12.0), and compression (since 2.10.0). Always 1.",
      since: "2.9.15",
      field: "leafs[].is_spoke, leafs[].is_isolated, leafs[].compression",
      read: ({ labels }) => (labels[2] === "" ? undefined : 1),
    },
  ],
};

export const leafz: Collector<{ leafz: Document }> = {
  name: "leafz",
  summary: "leaf node connections: round-trip time, traffic, role, compression",
  tables: [leaf, leafInfo],
  async fetch(ask) {
    return { leafz: await ask({ path: "/leafz" }) };
  },
  *read({ leafz: { root } }, { selection }, sink) {
    const bundles = new ConnectionGroups();
    const kinds = new Map<string, LeafKind>();
    for (const item of list(at(root, ["leafs"]))) {
      const json = object(item);
      const name = text(json.name) || text(json.ip);
      const account = text(json.account);
      if (name === "" || !isSelected(account, selection.accounts)) continue;
      bundles.of([name, account]).add(json);
      const labels = [name, account, role(json), isolated(json), text(json.compression)];
      kinds.set(labels.join("\u0000"), { labels });
      yield;
    }
    for (const bundle of bundles) sink.add(leaf, bundle);
    for (const kind of kinds.values()) sink.add(leafInfo, kind);
  },
};

function role(json: JsonObject): string {
  const isSpoke = flag(json.is_spoke);
  return isSpoke === undefined ? "" : isSpoke === 1 ? "spoke" : "hub";
}

/** Servers leave the field out if it is false. */
function isolated(json: JsonObject): string {
  return String(flag(json.is_isolated) === 1);
}
