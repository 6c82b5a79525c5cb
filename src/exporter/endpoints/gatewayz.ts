/**
 * `/gatewayz`: links to other clusters, by the name of the remote gateway.
 *
 * Each server sends over a single outbound connection per remote gateway: its traffic is a counter that restarts
 * with the connection. It can have many inbound connections, one from each server of the remote cluster that chose
 * this server: those form a group. Messages leave over outbound and arrive over inbound connections only.
 *
 * Deliberately absent: the interest mode of each account (`accs=1`), which is a list of accounts per connection;
 * and `configured` of inbound connections, which servers never set.
 */
import type { Collector } from "../collect/collector.ts";
import { type Conversion, duration, flag, instant, number } from "../collect/conversions.ts";
import type { Row, Table } from "../collect/table.ts";
import { at, list, object } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { type ConnectionGroup, ConnectionGroups, connectionGroupRows } from "./connection-group.ts";

/** This server's connection to a remote gateway: server struct RemoteGatewayz. */
interface Outbound {
  readonly gateway: string;
  readonly json: unknown;
}

const outboundField = (field: string, as: Conversion = number): Pick<Row<Outbound>, "field" | "read"> => {
  const path = field.split(".");
  return { field: `outbound_gateways.*.${field}`, read: ({ json }) => as(at(json, path)) };
};

/** Servers report 0 until a PING was answered: no sample. */
const roundTrip: Conversion = (value) => duration(value) || undefined;

const outboundGateway: Table<Outbound> = {
  item: "outbound gateway connection",
  endpoint: "/gatewayz",
  labels: ["gateway"],
  identify: ({ gateway }) => [gateway],
  rows: [
    {
      name: "nats_gateway_outbound_connected",
      type: "gauge",
      help: "Whether this server is connected to the remote gateway (1). Absent if it is not.",
      field: "outbound_gateways.*.connection",
      read: ({ json }) => (at(json, ["connection"]) ? 1 : undefined),
    },
    {
      name: "nats_gateway_outbound_configured",
      type: "gauge",
      help: "Whether the remote gateway is in this server's configuration (1) or was discovered from other servers (0).",
      ...outboundField("configured", flag),
    },
    {
      name: "nats_gateway_outbound_rtt_seconds",
      type: "gauge",
      help: "Round-trip time in seconds, from the last PING, which may be minutes ago. Absent until a PING was answered.",
      ...outboundField("connection.rtt", roundTrip),
    },
    {
      name: "nats_gateway_outbound_pending_bytes",
      type: "gauge",
      help: "Bytes that this server has buffered for the remote gateway.",
      ...outboundField("connection.pending_bytes"),
    },
    {
      name: "nats_gateway_outbound_subscriptions",
      type: "gauge",
      help: "Subscriptions that the remote cluster announced to this server.",
      ...outboundField("connection.subscriptions"),
    },
    {
      name: "nats_gateway_outbound_sent_messages_total",
      type: "counter",
      help: "Messages sent to the remote gateway since this connection opened.",
      ...outboundField("connection.out_msgs"),
    },
    {
      name: "nats_gateway_outbound_sent_bytes_total",
      type: "counter",
      help: "Bytes sent to the remote gateway since this connection opened.",
      ...outboundField("connection.out_bytes"),
    },
    {
      name: "nats_gateway_outbound_received_messages_total",
      type: "counter",
      help: "Messages received over the outbound connection since it opened. Normally 0: messages arrive over inbound connections.",
      ...outboundField("connection.in_msgs"),
    },
    {
      name: "nats_gateway_outbound_received_bytes_total",
      type: "counter",
      help: "Bytes received over the outbound connection since it opened. Normally 0: messages arrive over inbound connections.",
      ...outboundField("connection.in_bytes"),
    },
    {
      name: "nats_gateway_outbound_start_timestamp_seconds",
      type: "gauge",
      help: "Time at which the connection opened, in seconds since 1970.",
      ...outboundField("connection.start", instant),
    },
    {
      name: "nats_gateway_outbound_last_activity_timestamp_seconds",
      type: "gauge",
      help: "Time of the last activity on the connection, in seconds since 1970.",
      ...outboundField("connection.last_activity", instant),
    },
  ],
};

const inboundGateway: Table<ConnectionGroup> = {
  item: "inbound gateway connections from a gateway",
  endpoint: "/gatewayz",
  labels: ["gateway"],
  identify: ({ labels }) => labels,
  rows: connectionGroupRows({ prefix: "nats_gateway_inbound", path: "inbound_gateways.*[].connection" }, [
    "connections",
    "slowestRoundTrip",
    "pendingBytes",
    "subscriptions",
    "receivedMessages",
    "receivedBytes",
    "sentMessages",
    "sentBytes",
    "oldestStart",
    "newestStart",
    "lastActivity",
  ]),
};

export const gatewayz: Collector<{ gatewayz: Document }> = {
  name: "gatewayz",
  summary: "links to other clusters: round-trip time, pending bytes, traffic in both directions",
  tables: [outboundGateway, inboundGateway],
  async fetch(ask) {
    return { gatewayz: await ask({ path: "/gatewayz" }) };
  },
  *read({ gatewayz: { root } }, _context, sink) {
    for (const [gateway, json] of Object.entries(object(at(root, ["outbound_gateways"])))) {
      sink.add(outboundGateway, { gateway, json });
      yield;
    }
    const inbound = new ConnectionGroups();
    for (const [gateway, connections] of Object.entries(object(at(root, ["inbound_gateways"])))) {
      for (const item of list(connections)) {
        const connection = at(item, ["connection"]);
        if (connection !== undefined) inbound.of([gateway]).add(object(connection));
        yield;
      }
    }
    for (const bundle of inbound) sink.add(inboundGateway, bundle);
  },
};
