/** Server: how near each server is to its limits, what it carries, which connections are in trouble, its links. */
import { OF_SERVER, top } from "../expressions.ts";
import { type Dashboard, lines, table } from "./dashboard.ts";
import { SERVERS } from "./variables.ts";

const rateOf = (metric: string): string =>
  `max by (server) (rate(${metric}{${OF_SERVER}}[$__rate_interval]))`;
const each = (metric: string): string => `max by (server) (${metric}{${OF_SERVER}})`;

export const server: Dashboard = {
  name: "server",
  title: "Server",
  description:
    "Servers one by one: saturation, traffic, connections in trouble, links to other servers, the Go runtime.",
  variables: SERVERS,
  rows: [
    {
      title: "Health",
      panels: [
        lines({
          title: "Health checks",
          description:
            "1 for a check that passed: the server takes connections, JetStream is current with its meta leader, every stream and consumer here is recovered. A check behind one that failed is not made.",
          unit: "short",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `min by (server, check) (nats_health_check_ok{${OF_SERVER}})`,
              legend: "{{server}} {{check}}",
            },
          ],
        }),
        lines({
          title: "Slow consumers",
          description:
            "New ones by kind of connection, in the time between two points. A client is cut for it; a slow route or gateway means that servers cannot keep up with each other.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `max by (server, kind) (increase(nats_server_slow_consumers_by_kind_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "{{server}} {{kind}}",
            },
          ],
        }),
        lines({
          title: "Connections that ended badly",
          description:
            "Of the last 1,000 closed connections that the server remembers, those that did not leave by themselves, by reason. A window, not a counter.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top(
                `max by (server, reason) (nats_closed_connections{${OF_SERVER}, reason!="Client Closed"})`,
              ),
              legend: "{{server}} {{reason}}",
            },
          ],
        }),
      ],
    },
    {
      title: "Saturation",
      panels: [
        lines({
          title: "CPU",
          description:
            "Processor time used, as a share of the cores that the server may use. Near 100 % round trips grow.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `max by (server) (nats_server_cpu_ratio{${OF_SERVER}} / nats_server_gomaxprocs{${OF_SERVER}})`,
              legend: "{{server}}",
            },
          ],
        }),
        lines({
          title: "Memory",
          description:
            "Resident memory, and the limit that the Go runtime tries to stay below (GOMEMLIMIT), where it is set.",
          unit: "bytes",
          width: 8,
          queries: [
            { expr: each("nats_server_memory_bytes"), legend: "{{server}}" },
            { expr: each("nats_server_memory_limit_bytes"), legend: "{{server}} limit" },
          ],
        }),
        lines({
          title: "Connections by the most allowed",
          description: "Client connections as a share of max_connections. At 100 % clients are refused.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `max by (server) (nats_server_connections{${OF_SERVER}} / nats_server_connections_limit{${OF_SERVER}})`,
              legend: "{{server}}",
            },
          ],
        }),
        lines({
          title: "Bytes waiting to be written",
          description: "To clients and to other servers. What stays high will be cut as a slow consumer.",
          unit: "bytes",
          width: 8,
          queries: [
            { expr: each("nats_server_client_pending_bytes"), legend: "{{server}} clients" },
            {
              expr: `sum by (server) (max by (server, peer, account) (nats_route_pending_bytes{${OF_SERVER}}))`,
              legend: "{{server}} routes",
            },
          ],
        }),
        lines({
          title: "Internal queues",
          description:
            "Items that wait in the server's own queues, the longest kinds. One that grows shows which part of the server is overrun.",
          unit: "short",
          width: 8,
          queries: [
            { expr: each("nats_internal_queues_busy"), legend: "{{server}} busy queues" },
            {
              expr: top(`max by (server, kind) (nats_internal_queue_pending{${OF_SERVER}})`, 10),
              legend: "{{server}} {{kind}}",
            },
          ],
        }),
        lines({
          title: "Garbage collection",
          description: "Share of the time that the Go runtime stops the whole server.",
          unit: "percentunit",
          width: 8,
          queries: [{ expr: rateOf("nats_go_gc_pause_seconds_total"), legend: "{{server}}" }],
        }),
      ],
    },
    {
      title: "Traffic",
      panels: [
        lines({
          title: "Messages",
          description: "Received and sent in a second, from and to clients, routes, gateways and leaf nodes.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: rateOf("nats_server_received_messages_total"), legend: "{{server}} received" },
            { expr: rateOf("nats_server_sent_messages_total"), legend: "{{server}} sent" },
          ],
        }),
        lines({
          title: "Bytes",
          description: "Bytes of these messages.",
          unit: "Bps",
          width: 8,
          queries: [
            { expr: rateOf("nats_server_received_bytes_total"), legend: "{{server}} received" },
            { expr: rateOf("nats_server_sent_bytes_total"), legend: "{{server}} sent" },
          ],
        }),
        lines({
          title: "Accounts with most traffic",
          description:
            "Messages received and sent for each account in a second, all chosen servers together.",
          unit: "mps",
          width: 8,
          queries: [
            {
              expr: top(
                `sum by (account) (rate(nats_account_received_messages_total{${OF_SERVER}}[$__rate_interval]) + rate(nats_account_sent_messages_total{${OF_SERVER}}[$__rate_interval]))`,
                10,
              ),
              legend: "{{account}}",
            },
          ],
        }),
      ],
    },
    {
      title: "Clients",
      panels: [
        lines({
          title: "Connections",
          description: "Client connections by account and client name, those with most.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top(`sum by (account, client) (nats_client_connections{${OF_SERVER}})`),
              legend: "{{account}} {{client}}",
            },
          ],
        }),
        lines({
          title: "New connections",
          description:
            "Accepted in a second. Many, while the number that is open stays the same, are clients that reconnect in a loop.",
          unit: "cps",
          width: 8,
          queries: [{ expr: rateOf("nats_server_accepted_connections_total"), legend: "{{server}}" }],
        }),
        lines({
          title: "Round trip to clients",
          description: "The longest, by client name, as measured by the last PING, which may be minutes ago.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: top(`max by (account, client) (nats_client_rtt_max_seconds{${OF_SERVER}})`),
              legend: "{{account}} {{client}}",
            },
          ],
        }),
        table({
          title: "Clients with most bytes waiting",
          description:
            "Who is about to be cut as a slow consumer: bytes that the server could not write to them yet.",
          unit: "short",
          keys: ["account", "client", "lang"],
          columns: [
            {
              title: "waiting",
              expr: top(`sum by (account, client, lang) (nats_client_pending_bytes{${OF_SERVER}})`),
              unit: "bytes",
            },
            {
              title: "connections",
              expr: `sum by (account, client, lang) (nats_client_connections{${OF_SERVER}})`,
              unit: "short",
            },
            {
              title: "subscriptions",
              expr: `sum by (account, client, lang) (nats_client_subscriptions{${OF_SERVER}})`,
              unit: "short",
            },
          ],
          sortBy: "waiting",
          width: 12,
        }),
        table({
          title: "Certificates",
          description:
            "When the certificate that a listener shows expires. natscope warns three weeks before.",
          unit: "s",
          keys: ["server", "listener"],
          columns: [
            {
              title: "expires in",
              expr: `min by (server, listener) (nats_server_listener_certificate_expiry_timestamp_seconds{${OF_SERVER}}) - time()`,
              unit: "s",
            },
          ],
          sortBy: "expires in",
          width: 12,
          none: "No listener says that it has one",
        }),
      ],
    },
    {
      title: "Links to other servers",
      panels: [
        lines({
          title: "Round trip of routes",
          description:
            "The longest to each peer of the cluster, by the last PING. JetStream waits for it at every replicated write.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: `max by (server, peer) (nats_route_rtt_max_seconds{${OF_SERVER}})`,
              legend: "{{server}} to {{peer}}",
            },
          ],
        }),
        lines({
          title: "Peers",
          description:
            "Servers of the cluster that each server has routes to: all others, or the cluster is partitioned.",
          unit: "short",
          width: 8,
          queries: [{ expr: each("nats_server_route_peers"), legend: "{{server}}" }],
        }),
        lines({
          title: "Gateways and leaf nodes",
          description: "Outbound gateways that are connected, and leaf node connections, of each server.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `count by (server) (max by (server, gateway) (nats_gateway_outbound_connected{${OF_SERVER}}))`,
              legend: "{{server}} gateways",
            },
            { expr: each("nats_server_leaf_connections"), legend: "{{server}} leaf nodes" },
          ],
        }),
      ],
    },
  ],
};
