/**
 * `leafz`: every leaf node connection. prometheus-nats-exporter also declares a metric per subscription but never
 * requests the data, so the metric is absent here too.
 */
import type { Collector } from "../collect/collector.ts";
import type { Table } from "../collect/table.ts";
import { type JsonObject, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { count, durationSeconds, objects, replyObject, shown } from "./decoding.ts";
import type { Naming } from "./naming.ts";

const PATH = "/leafz";

interface Leaf {
  readonly serverId: string;
  readonly leaf: JsonObject;
}

interface LeafNodes {
  readonly serverId: string;
  readonly reply: JsonObject;
}

export function leafz(naming: Naming): Collector<{ reply: Document }> {
  const connection = leafConnection(naming);
  const total: Table<LeafNodes> = {
    item: "server",
    endpoint: PATH,
    labels: ["server_id"],
    identify: ({ serverId }) => [serverId],
    rows: [
      {
        name: naming.core("leafz", "conn_nodes_total"),
        type: "gauge",
        help: "Open leaf node connections.",
        field: "leafnodes",
        read: ({ reply }) => count(reply.leafnodes),
      },
    ],
  };
  return {
    name: "leafz",
    summary: "each leaf node connection",
    tables: [connection, total],
    async fetch(ask) {
      return { reply: await ask({ path: PATH }) };
    },
    *read({ reply: document }, context, sink) {
      const serverId = naming.serverId(context);
      if (serverId === undefined) return;
      const reply = replyObject(document, PATH);
      for (const leaf of objects(document, reply.leafs)) {
        sink.add(connection, { serverId, leaf });
        yield;
      }
      sink.add(total, { serverId, reply });
    },
  };
}

function leafConnection({ core }: Naming): Table<Leaf> {
  const row = (
    name: string,
    field: string,
    help: string,
    convert: (value: unknown) => number | undefined = count,
  ): Table<Leaf>["rows"][number] => ({
    name: core("leafz", name),
    type: "gauge",
    help,
    field: `leafs.${field}`,
    read: ({ leaf }) => convert(leaf[field]),
  });
  return {
    item: "leaf node connection",
    endpoint: PATH,
    labels: ["server_id", "account", "account_id", "ip", "port", "name"],
    identify: ({ serverId, leaf }) => [
      serverId,
      text(leaf.account),
      text(leaf.account),
      text(leaf.ip),
      shown(leaf.port, "0"),
      text(leaf.name),
    ],
    rows: [
      row("info", "name", "Open leaf node connection. Always 1.", () => 1),
      row("conn_rtt", "rtt", "Round-trip time in seconds.", durationSeconds),
      row("conn_in_msgs", "in_msgs", "Messages received."),
      row("conn_out_msgs", "out_msgs", "Messages sent."),
      row("conn_in_bytes", "in_bytes", "Bytes received."),
      row("conn_out_bytes", "out_bytes", "Bytes sent."),
      row("conn_subscriptions_total", "subscriptions", "Subscriptions."),
    ],
  };
}
