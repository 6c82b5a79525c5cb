/** Server: distance to limits, traffic, connections with problems, and links of each server. */

import { type Dashboard, table, timeSeries } from "../grafana/dashboard.ts";
import { SERVER_MATCHERS, top } from "../promql/expressions.ts";
import { SERVERS } from "./variables.ts";

const rateOf = (metric: string): string =>
  `max by (server) (rate(${metric}{${SERVER_MATCHERS}}[$__rate_interval]))`;
const each = (metric: string): string => `max by (server) (${metric}{${SERVER_MATCHERS}})`;

export const server: Dashboard = {
  name: "server",
  title: "Server",
  description:
    "Each server in detail: saturation, traffic, connections with problems, links to other servers.",
  variables: SERVERS,
  rows: [
    {
      title: "Health",
      panels: [
        timeSeries({
          title: "Health checks",
          description:
            "1 for each check that passed: the server accepts connections, JetStream is current with its meta leader, every stream and consumer on the server is recovered. The server skips the checks after the first failure.",
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
          title: "Slow consumers by kind",
          description:
            "New slow consumers by kind of connection, per interval. The server disconnects a slow client. A slow route or gateway means that servers cannot keep up with each other.",
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
          title: "Abnormal disconnects",
          description:
            "Connections among the last 1,000 closed ones that the client did not close itself, by reason. This is a sliding window, not a counter.",
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
            "Processor time used, as a share of the cores that the server may use. Near 100 % round-trip times grow.",
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
          description: "Resident memory, and the soft limit of the Go runtime (GOMEMLIMIT) if it is set.",
          unit: "bytes",
          width: 8,
          queries: [
            { expr: each("nats_server_memory_bytes"), legend: "{{server}}" },
            { expr: each("nats_server_memory_limit_bytes"), legend: "{{server}} limit" },
          ],
        }),
        timeSeries({
          title: "Connections used",
          description:
            "Client connections as a share of max_connections. At 100 % the server refuses clients.",
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
          title: "Pending bytes",
          description:
            "Bytes that wait to be written to clients and to other servers. A connection whose bytes stay high will be closed as a slow consumer.",
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
            "Items waiting in the server's internal queues, for the longest queues. A queue that grows shows which part of the server is overloaded.",
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
          description: "Share of the time in which the Go runtime pauses the whole server.",
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
          description:
            "Messages received and sent per second, from and to clients, routes, gateways and leaf nodes.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: rateOf("nats_server_received_messages_total"), legend: "{{server}} received" },
            { expr: rateOf("nats_server_sent_messages_total"), legend: "{{server}} sent" },
          ],
        }),
        timeSeries({
          title: "Bytes",
          description: "Bytes of these messages per second.",
          unit: "Bps",
          width: 8,
          queries: [
            { expr: rateOf("nats_server_received_bytes_total"), legend: "{{server}} received" },
            { expr: rateOf("nats_server_sent_bytes_total"), legend: "{{server}} sent" },
          ],
        }),
        timeSeries({
          title: "Busiest accounts",
          description: "Messages received and sent per second by account, summed over the selected servers.",
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
          description: "Client connections by account and client name, for the largest groups.",
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
            "Connections accepted per second. If it is high while the number of open connections stays the same, clients reconnect in a loop.",
          unit: "cps",
          width: 8,
          queries: [{ expr: rateOf("nats_server_accepted_connections_total"), legend: "{{server}}" }],
        }),
        timeSeries({
          title: "Client RTT",
          description:
            "Maximum round-trip time by client name, from the last PING, which may be minutes old.",
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
          title: "Clients with the most pending bytes",
          description:
            "Bytes that the server could not yet write to each client. The clients at the top are the next slow consumers.",
          unit: "short",
          keys: ["account", "client", "lang"],
          columns: [
            {
              title: "pending",
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
          sortBy: "pending",
          width: 12,
        }),
        table({
          title: "Certificates",
          description:
            "Time until the certificate of each listener expires. An alert fires three weeks before.",
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
          noValue: "No listener reports a certificate",
        }),
      ],
    },
    {
      title: "Links to other servers",
      panels: [
        timeSeries({
          title: "Route RTT",
          description:
            "Maximum round-trip time to each peer of the cluster, from the last PING. Every replicated JetStream write waits for it.",
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
          title: "Route peers",
          description:
            "Servers of the cluster that each server has routes to. If it is not all others, the cluster is partitioned.",
          unit: "short",
          width: 8,
          queries: [{ expr: each("nats_server_route_peers"), legend: "{{server}}" }],
        }),
        timeSeries({
          title: "Gateways and leaf nodes",
          description: "Connected outbound gateways, and leaf node connections, of each server.",
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
