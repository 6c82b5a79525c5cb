/**
 * `/leafz`: leaf node connections, by the name of the server at the other end and the account here.
 *
 * A leaf server opens one connection for each account it binds, and may open several to the same one: those
 * are one bundle. Before 2.9.15 the reply has no name: `leaf` is then the remote address without its port,
 * since the port of an accepted connection is another one after each reconnect; leaf servers behind one
 * address are then one.
 */
import type { Collector } from "../collect/collector.ts";
import { flag } from "../collect/conversions.ts";
import { isSelected } from "../collect/selection.ts";
import type { Table } from "../collect/table.ts";
import { at, type JsonObject, list, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { type ConnectionGroup, ConnectionGroups, connectionGroupRows } from "./connection-group.ts";

export const leaf: Table<ConnectionGroup> = {
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

/** What a leaf node connection is; where those of a bundle differ, each kind once. */
interface LeafKind {
  readonly labels: readonly string[];
}

export const leafInfo: Table<LeafKind> = {
  item: "kind of leaf node connections",
  endpoint: "/leafz",
  labels: ["leaf", "account", "role", "isolated", "compression"],
  identify: ({ labels }) => labels,
  rows: [
    {
      name: "nats_leaf_info",
      type: "info",
      help: "This server's role towards the other end (hub or spoke), whether the hub keeps the leaf apart from other leafs (since 2.12.0), and the compression (since 2.10.0).",
      since: "2.9.15",
      field: "leafs[].is_spoke, leafs[].is_isolated, leafs[].compression",
      read: ({ labels }) => (labels[2] === "" ? undefined : 1),
    },
  ],
};

export const leafz: Collector<{ leafz: Document }> = {
  name: "leafz",
  summary: "leaf node connections: round trip, traffic, role, compression",
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

/** The field is left out where it is false. */
function isolated(json: JsonObject): string {
  return String(flag(json.is_isolated) === 1);
}
