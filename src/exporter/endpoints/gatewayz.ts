/**
 * `/gatewayz`: the links to other clusters, by the remote gateway's name.
 *
 * Each server has one outbound connection to a remote gateway, over which it sends: its traffic is a counter
 * that starts over with the connection. Inbound there may be many, one from each server of the remote cluster
 * that chose this one: a bundle. Messages go out over outbound and come in over inbound connections only.
 *
 * Deliberately absent: the interest mode of each account (`accs=1`), a list of accounts for each connection;
 * and `configured` of inbound connections, which servers never set.
 */
import type { Collector } from "../collect/collector.ts";
import { type Conversion, duration, flag, instant, number } from "../collect/conversions.ts";
import type { Row, Table } from "../collect/table.ts";
import { at, list, object } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { type ConnectionGroup, ConnectionGroups, connectionGroupRows } from "./connection-group.ts";

/** A remote gateway as this server reaches it: server struct RemoteGatewayz. */
interface Outbound {
  readonly gateway: string;
  readonly json: unknown;
}

const outboundField = (field: string, as: Conversion = number): Pick<Row<Outbound>, "field" | "read"> => {
  const path = field.split(".");
  return { field: `outbound_gateways.*.${field}`, read: ({ json }) => as(at(json, path)) };
};

/** No PING has measured the connection yet where servers say 0. */
const roundTrip: Conversion = (value) => duration(value) || undefined;

export const outboundGateway: Table<Outbound> = {
  item: "outbound gateway connection",
  endpoint: "/gatewayz",
  labels: ["gateway"],
  identify: ({ gateway }) => [gateway],
  rows: [
    {
      name: "nats_gateway_outbound_connected",
      type: "gauge",
      help: "1 for each remote gateway that this server has its connection to; absent while it has none.",
      field: "outbound_gateways.*.connection",
      read: ({ json }) => (at(json, ["connection"]) ? 1 : undefined),
    },
    {
      name: "nats_gateway_outbound_configured",
      type: "gauge",
      help: "1 if the remote gateway is in this server's configuration, 0 if it was learnt from others.",
      ...outboundField("configured", flag),
    },
    {
      name: "nats_gateway_outbound_rtt_seconds",
      type: "gauge",
      help: "Round trip, measured by the last PING, which may be minutes ago.",
      ...outboundField("connection.rtt", roundTrip),
    },
    {
      name: "nats_gateway_outbound_pending_bytes",
      type: "gauge",
      help: "Bytes waiting in this server to be written to the remote gateway.",
      ...outboundField("connection.pending_bytes"),
    },
    {
      name: "nats_gateway_outbound_subscriptions",
      type: "gauge",
      help: "Subscriptions that the remote cluster has told this server of.",
      ...outboundField("connection.subscriptions"),
    },
    {
      name: "nats_gateway_outbound_sent_messages_total",
      type: "counter",
      help: "Messages sent to the remote gateway over the connection open now.",
      ...outboundField("connection.out_msgs"),
    },
    {
      name: "nats_gateway_outbound_sent_bytes_total",
      type: "counter",
      help: "Bytes sent to the remote gateway over the connection open now.",
      ...outboundField("connection.out_bytes"),
    },
    {
      name: "nats_gateway_outbound_received_messages_total",
      type: "counter",
      help: "Messages received over the outbound connection open now; they come over inbound ones.",
      ...outboundField("connection.in_msgs"),
    },
    {
      name: "nats_gateway_outbound_received_bytes_total",
      type: "counter",
      help: "Bytes received over the outbound connection open now; they come over inbound ones.",
      ...outboundField("connection.in_bytes"),
    },
    {
      name: "nats_gateway_outbound_start_timestamp_seconds",
      type: "gauge",
      help: "When the connection was opened.",
      ...outboundField("connection.start", instant),
    },
    {
      name: "nats_gateway_outbound_last_activity_timestamp_seconds",
      type: "gauge",
      help: "When the connection last carried anything.",
      ...outboundField("connection.last_activity", instant),
    },
  ],
};

export const inboundGateway: Table<ConnectionGroup> = {
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
  summary: "links to other clusters: round trip, backlog, traffic, both directions",
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
