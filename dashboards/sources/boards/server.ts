/** Server: how near each server is to its limits, what it carries, which connections are in trouble, its links. */
import { SERVER_MATCHERS, top } from "../expressions.ts";
import { type Dashboard, table, timeSeries } from "../grafana/dashboard.ts";
import { SERVERS } from "./variables.ts";

const rateOf = (metric: string): string =>
  `max by (server) (rate(${metric}{${SERVER_MATCHERS}}[$__rate_interval]))`;
const each = (metric: string): string => `max by (server) (${metric}{${SERVER_MATCHERS}})`;

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
        timeSeries({
          title: "Health checks",
          description:
            "1 for a check that passed: the server takes connections, JetStream is current with its meta leader, every stream and consumer here is recovered. A check behind one that failed is not made.",
          unit: "short",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `min by (server, check) (nats_health_check_ok{${SERVER_MATCHERS}})`,
              legend: "{{server}} {{check}}",
            },
          ],
        }),
        timeSeries({
          title: "Slow consumers",
          description:
            "New ones by kind of connection, in the time between two points. A client is cut for it; a slow route or gateway means that servers cannot keep up with each other.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `max by (server, kind) (increase(nats_server_slow_consumers_by_kind_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "{{server}} {{kind}}",
            },
          ],
        }),
        timeSeries({
          title: "Connections that ended badly",
          description:
            "Of the last 1,000 closed connections that the server remembers, those that did not leave by themselves, by reason. A window, not a counter.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top(
                `max by (server, reason) (nats_closed_connections{${SERVER_MATCHERS}, reason!="Client Closed"})`,
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
        timeSeries({
          title: "CPU",
          description:
            "Processor time used, as a share of the cores that the server may use. Near 100 % round trips grow.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `max by (server) (nats_server_cpu_ratio{${SERVER_MATCHERS}} / nats_server_gomaxprocs{${SERVER_MATCHERS}})`,
              legend: "{{server}}",
            },
          ],
        }),
        timeSeries({
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
        timeSeries({
          title: "Connections by the most allowed",
          description: "Client connections as a share of max_connections. At 100 % clients are refused.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `max by (server) (nats_server_connections{${SERVER_MATCHERS}} / nats_server_connections_limit{${SERVER_MATCHERS}})`,
              legend: "{{server}}",
            },
          ],
        }),
        timeSeries({
          title: "Bytes waiting to be written",
          description: "To clients and to other servers. What stays high will be cut as a slow consumer.",
          unit: "bytes",
          width: 8,
          queries: [
            { expr: each("nats_server_client_pending_bytes"), legend: "{{server}} clients" },
            {
              expr: `sum by (server) (max by (server, peer, account) (nats_route_pending_bytes{${SERVER_MATCHERS}}))`,
              legend: "{{server}} routes",
            },
          ],
        }),
        timeSeries({
          title: "Internal queues",
          description:
            "Items that wait in the server's own queues, the longest kinds. One that grows shows which part of the server is overrun.",
          unit: "short",
          width: 8,
          queries: [
            { expr: each("nats_internal_queues_busy"), legend: "{{server}} busy queues" },
            {
              expr: top(`max by (server, kind) (nats_internal_queue_pending{${SERVER_MATCHERS}})`, 10),
              legend: "{{server}} {{kind}}",
            },
          ],
        }),
        timeSeries({
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
        timeSeries({
          title: "Messages",
          description: "Received and sent in a second, from and to clients, routes, gateways and leaf nodes.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: rateOf("nats_server_received_messages_total"), legend: "{{server}} received" },
            { expr: rateOf("nats_server_sent_messages_total"), legend: "{{server}} sent" },
          ],
        }),
        timeSeries({
          title: "Bytes",
          description: "Bytes of these messages.",
          unit: "Bps",
          width: 8,
          queries: [
            { expr: rateOf("nats_server_received_bytes_total"), legend: "{{server}} received" },
            { expr: rateOf("nats_server_sent_bytes_total"), legend: "{{server}} sent" },
          ],
        }),
        timeSeries({
          title: "Accounts with most traffic",
          description:
            "Messages received and sent for each account in a second, all chosen servers together.",
          unit: "mps",
          width: 8,
          queries: [
            {
              expr: top(
                `sum by (account) (rate(nats_account_received_messages_total{${SERVER_MATCHERS}}[$__rate_interval]) + rate(nats_account_sent_messages_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
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
        timeSeries({
          title: "Connections",
          description: "Client connections by account and client name, those with most.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top(`sum by (account, client) (nats_client_connections{${SERVER_MATCHERS}})`),
              legend: "{{account}} {{client}}",
            },
          ],
        }),
        timeSeries({
          title: "New connections",
          description:
            "Accepted in a second. Many, while the number that is open stays the same, are clients that reconnect in a loop.",
          unit: "cps",
          width: 8,
          queries: [{ expr: rateOf("nats_server_accepted_connections_total"), legend: "{{server}}" }],
        }),
        timeSeries({
          title: "Round trip to clients",
          description: "The longest, by client name, as measured by the last PING, which may be minutes ago.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: top(`max by (account, client) (nats_client_rtt_max_seconds{${SERVER_MATCHERS}})`),
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
              expr: top(`sum by (account, client, lang) (nats_client_pending_bytes{${SERVER_MATCHERS}})`),
              unit: "bytes",
            },
            {
              title: "connections",
              expr: `sum by (account, client, lang) (nats_client_connections{${SERVER_MATCHERS}})`,
              unit: "short",
            },
            {
              title: "subscriptions",
              expr: `sum by (account, client, lang) (nats_client_subscriptions{${SERVER_MATCHERS}})`,
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
              expr: `min by (server, listener) (nats_server_listener_certificate_expiry_timestamp_seconds{${SERVER_MATCHERS}}) - time()`,
              unit: "s",
            },
          ],
          sortBy: "expires in",
          width: 12,
          noValue: "No listener says that it has one",
        }),
      ],
    },
    {
      title: "Links to other servers",
      panels: [
        timeSeries({
          title: "Round trip of routes",
          description:
            "The longest to each peer of the cluster, by the last PING. JetStream waits for it at every replicated write.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: `max by (server, peer) (nats_route_rtt_max_seconds{${SERVER_MATCHERS}})`,
              legend: "{{server}} to {{peer}}",
            },
          ],
        }),
        timeSeries({
          title: "Peers",
          description:
            "Servers of the cluster that each server has routes to: all others, or the cluster is partitioned.",
          unit: "short",
          width: 8,
          queries: [{ expr: each("nats_server_route_peers"), legend: "{{server}}" }],
        }),
        timeSeries({
          title: "Gateways and leaf nodes",
          description: "Outbound gateways that are connected, and leaf node connections, of each server.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `count by (server) (max by (server, gateway) (nats_gateway_outbound_connected{${SERVER_MATCHERS}}))`,
              legend: "{{server}} gateways",
            },
            { expr: each("nats_server_leaf_connections"), legend: "{{server}} leaf nodes" },
          ],
        }),
      ],
    },
  ],
};
