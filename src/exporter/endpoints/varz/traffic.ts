/** What passed through the server since it started, and over how many connections. */
import { limit } from "../../collect/conversions.ts";
import { from, type Row } from "../../collect/table.ts";
import { at, list } from "../../sources/json.ts";

/** Messages and bytes, as ever growing counts. */
export const traffic: readonly Row<unknown>[] = [
  {
    name: "nats_server_received_messages_total",
    type: "counter",
    help: "Messages received from clients, routes, gateways and leaf nodes.",
    ...from("in_msgs"),
  },
  {
    name: "nats_server_received_bytes_total",
    type: "counter",
    help: "Bytes of the messages received from clients, routes, gateways and leaf nodes.",
    ...from("in_bytes"),
  },
  {
    name: "nats_server_sent_messages_total",
    type: "counter",
    help: "Messages sent to clients, routes, gateways and leaf nodes.",
    ...from("out_msgs"),
  },
  {
    name: "nats_server_sent_bytes_total",
    type: "counter",
    help: "Bytes of the messages sent to clients, routes, gateways and leaf nodes.",
    ...from("out_bytes"),
  },
  {
    name: "nats_server_client_received_messages_total",
    type: "counter",
    help: "Messages received from clients alone.",
    since: "2.12.9, 2.14.1",
    ...from("in_client_msgs"),
  },
  {
    name: "nats_server_client_received_bytes_total",
    type: "counter",
    help: "Bytes of the messages received from clients alone.",
    since: "2.12.9, 2.14.1",
    ...from("in_client_bytes"),
  },
  {
    name: "nats_server_client_sent_messages_total",
    type: "counter",
    help: "Messages sent to clients alone.",
    since: "2.12.9, 2.14.1",
    ...from("out_client_msgs"),
  },
  {
    name: "nats_server_client_sent_bytes_total",
    type: "counter",
    help: "Bytes of the messages sent to clients alone.",
    since: "2.12.9, 2.14.1",
    ...from("out_client_bytes"),
  },
];

/** Connections and subscriptions there are now, by kind, with what bounds them. */
export const connections: readonly Row<unknown>[] = [
  {
    name: "nats_server_connections",
    type: "gauge",
    help: "Client connections open now.",
    ...from("connections"),
  },
  {
    name: "nats_server_connections_limit",
    type: "gauge",
    help: "Most client connections that may be open. Absent where unlimited.",
    ...from("max_connections", limit),
  },
  {
    name: "nats_server_accepted_connections_total",
    type: "counter",
    help: "Client connections ever accepted.",
    ...from("total_connections"),
  },
  {
    name: "nats_server_route_connections",
    type: "gauge",
    help: "Route connections open now. With route pooling there are several to each peer.",
    ...from("routes"),
  },
  {
    name: "nats_server_route_peers",
    type: "gauge",
    help: "Servers of the cluster that this one has routes to.",
    ...from("remotes"),
  },
  {
    name: "nats_server_route_pool_size",
    type: "gauge",
    help: "Route connections that are made to each peer, besides one for each account pinned to its own.",
    since: "2.10.0",
    ...from("cluster.pool_size"),
  },
  {
    name: "nats_server_leaf_connections",
    type: "gauge",
    help: "Leaf node connections open now, whichever side made them; one for each account.",
    ...from("leafnodes"),
  },
  {
    name: "nats_server_leaf_remotes_configured",
    type: "gauge",
    help: "Leaf node connections that this server is configured to make. Absent where there are none.",
    field: "leaf.remotes",
    read: (varz) => list(at(varz, ["leaf", "remotes"])).length || undefined,
  },
  {
    name: "nats_server_subscriptions",
    type: "gauge",
    help: "Subscriptions known to the server: its clients', its own, and what its peers have told it of.",
    ...from("subscriptions"),
  },
  {
    name: "nats_server_subscriptions_per_connection_limit",
    type: "gauge",
    help: "Most subscriptions that one connection may have. Absent where unlimited.",
    ...from("max_subscriptions", limit),
  },
];
