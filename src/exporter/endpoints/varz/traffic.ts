/** Traffic since the server started, and current connections. */
import { limit } from "../../collect/conversions.ts";
import { from, type Row } from "../../collect/table.ts";
import { at, list } from "../../sources/json.ts";

/** Counters of messages and bytes. */
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
    help: "Bytes of messages received from clients, routes, gateways and leaf nodes.",
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
    help: "Bytes of messages sent to clients, routes, gateways and leaf nodes.",
    ...from("out_bytes"),
  },
  {
    name: "nats_server_client_received_messages_total",
    type: "counter",
    help: "Messages received from clients only.",
    since: "2.12.9, 2.14.1",
    ...from("in_client_msgs"),
  },
  {
    name: "nats_server_client_received_bytes_total",
    type: "counter",
    help: "Bytes of messages received from clients only.",
    since: "2.12.9, 2.14.1",
    ...from("in_client_bytes"),
  },
  {
    name: "nats_server_client_sent_messages_total",
    type: "counter",
    help: "Messages sent to clients only.",
    since: "2.12.9, 2.14.1",
    ...from("out_client_msgs"),
  },
  {
    name: "nats_server_client_sent_bytes_total",
    type: "counter",
    help: "Bytes of messages sent to clients only.",
    since: "2.12.9, 2.14.1",
    ...from("out_client_bytes"),
  },
];

/** Current connections and subscriptions by type, and their limits. */
export const connections: readonly Row<unknown>[] = [
  {
    name: "nats_server_connections",
    type: "gauge",
    help: "Open client connections.",
    ...from("connections"),
  },
  {
    name: "nats_server_connections_limit",
    type: "gauge",
    help: "Maximum number of client connections. Absent if unlimited.",
    ...from("max_connections", limit),
  },
  {
    name: "nats_server_accepted_connections_total",
    type: "counter",
    help: "Client connections accepted since the start.",
    ...from("total_connections"),
  },
  {
    name: "nats_server_route_connections",
    type: "gauge",
    help: "Open route connections. With route pooling there are several to each peer.",
    ...from("routes"),
  },
  {
    name: "nats_server_route_peers",
    type: "gauge",
    help: "Servers of the cluster that this server has routes to.",
    ...from("remotes"),
  },
  {
    name: "nats_server_route_pool_size",
    type: "gauge",
    help: "Size of the route pool: route connections to each peer, besides one for each account with its own route.",
    since: "2.10.0",
    ...from("cluster.pool_size"),
  },
  {
    name: "nats_server_leaf_connections",
    type: "gauge",
    help: "Open leaf node connections, incoming and outgoing. Each account has its own.",
    ...from("leafnodes"),
  },
  {
    name: "nats_server_leaf_remotes_configured",
    type: "gauge",
    help: "Leaf node connections that this server is configured to open. Absent if 0.",
    field: "leaf.remotes",
    read: (varz) => list(at(varz, ["leaf", "remotes"])).length || undefined,
  },
  {
    name: "nats_server_subscriptions",
    type: "gauge",
    help: "Subscriptions known to the server: its clients', its own, and those announced by its peers.",
    ...from("subscriptions"),
  },
  {
    name: "nats_server_subscriptions_per_connection_limit",
    type: "gauge",
    help: "Maximum subscriptions of one connection. Absent if unlimited.",
    ...from("max_subscriptions", limit),
  },
];
