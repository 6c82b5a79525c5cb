/** Overview: current problems of all servers, and links to the details. */

import { type Dashboard, RED_ABOVE_ZERO, stat, table, timeSeries } from "../grafana/dashboard.ts";
import { SERVER_MATCHERS, top } from "../promql/expressions.ts";
import { SERVERS } from "./variables.ts";

/** 0 if a server is watched but the query finds nothing; no value if no server is watched. */
const ZERO = `0 * sum(nats_up{job=~"$job"})`;
const ALERT_KEYS = ["alertname", "severity", "job", "cluster", "server", "account", "stream", "consumer"];
const BY_ALERT = `by (${ALERT_KEYS.join(", ")})`;

export const overview: Dashboard = {
  name: "overview",
  title: "Overview",
  description: "All servers that natscope watches: current problems, consumer lag, traffic.",
  variables: SERVERS,
  rows: [
    {
      title: "Is anything wrong?",
      panels: [
        stat({
          title: "Servers down",
          description:
            "Servers of the selected jobs whose monitoring port does not answer. The cluster selection does not apply: a server that is down does not report its cluster.",
          unit: "none",
          query: {
            expr: `count(nats_up{job=~"$job"} == 0) or 0 * count(nats_up{job=~"$job"})`,
            legend: "down",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Servers unhealthy",
          description: "Servers whose health check fails. NATS / Server, Health checks shows which check.",
          unit: "none",
          query: {
            expr: `count(nats_healthy{${SERVER_MATCHERS}}) - sum(nats_healthy{${SERVER_MATCHERS}})`,
            legend: "unhealthy",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Leaderless assets",
          description: "Streams and consumers without a leader: they accept and deliver no messages.",
          unit: "none",
          query: {
            expr: `(count(min by (account, stream) (nats_stream_leaderless{${SERVER_MATCHERS}}) == 1) or vector(0)) + (count(min by (account, stream, consumer) (nats_consumer_leaderless{${SERVER_MATCHERS}}) == 1) or vector(0)) and on () sum(nats_up{job=~"$job"})`,
            legend: "leaderless",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Replicas lost",
          description:
            "Stream replicas that their leader reports offline, or has not heard from for 10 seconds. NATS / JetStream shows the servers.",
          unit: "none",
          query: {
            expr: `count(nats_stream_replica_offline{${SERVER_MATCHERS}} == 1 or nats_stream_replica_last_seen_seconds{${SERVER_MATCHERS}} > 10) or ${ZERO}`,
            legend: "lost",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Slow consumers",
          description:
            "Connections that servers closed in the selected time because the client read too slowly. Core NATS messages pending for them were lost.",
          unit: "none",
          query: {
            expr: `round(sum(increase(nats_server_slow_consumers_total{${SERVER_MATCHERS}}[$__range])))`,
            legend: "slow consumers",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Consumer lag",
          description:
            "Messages not yet delivered, summed over all consumers; each consumer counts once, as its leader reports it. A growing number is a problem, a large one need not be.",
          unit: "short",
          query: {
            expr: `sum(max by (account, stream, consumer) (nats_consumer_pending{${SERVER_MATCHERS}})) or ${ZERO}`,
            legend: "messages",
          },
          thresholds: [],
        }),
        table({
          title: "Firing alerts",
          description:
            "Alerts of dashboards/rules/natscope.yaml that are firing, and for how long. Each has a runbook in docs/runbooks.",
          unit: "none",
          keys: ALERT_KEYS,
          columns: [
            {
              title: "since",
              expr: `time() - max ${BY_ALERT} (ALERTS_FOR_STATE{alertname=~"Nats.+"}) and on (${ALERT_KEYS.join(", ")}) max ${BY_ALERT} (ALERTS{alertname=~"Nats.+", alertstate="firing"})`,
              unit: "s",
            },
          ],
          sortBy: "since",
          noValue: "No alert is firing, or the rules are not loaded",
        }),
      ],
    },
    {
      title: "Servers",
      panels: [
        table({
          title: "Servers",
          description: "Every server that answers, with its load. Click on a server for details.",
          unit: "short",
          keys: ["server"],
          columns: [
            {
              title: "healthy",
              expr: `min by (server) (nats_healthy{${SERVER_MATCHERS}})`,
              unit: "bool_yes_no",
            },
            {
              title: "uptime",
              expr: `time() - max by (server) (nats_server_start_timestamp_seconds{${SERVER_MATCHERS}})`,
              unit: "s",
            },
            {
              title: "connections",
              expr: `max by (server) (nats_server_connections{${SERVER_MATCHERS}})`,
              unit: "short",
            },
            {
              title: "CPU",
              expr: `max by (server) (nats_server_cpu_ratio{${SERVER_MATCHERS}} / nats_server_gomaxprocs{${SERVER_MATCHERS}})`,
              unit: "percentunit",
              thresholds: [
                [0.7, "orange"],
                [0.9, "red"],
              ],
            },
            {
              title: "memory",
              expr: `max by (server) (nats_server_memory_bytes{${SERVER_MATCHERS}})`,
              unit: "bytes",
            },
            {
              title: "in",
              expr: `max by (server) (rate(nats_server_received_messages_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              unit: "mps",
            },
            {
              title: "out",
              expr: `max by (server) (rate(nats_server_sent_messages_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              unit: "mps",
            },
          ],
          sortBy: "CPU",
          drillDown: "natscope-server",
        }),
      ],
    },
    {
      title: "Traffic",
      panels: [
        timeSeries({
          title: "Messages",
          description:
            "Messages received and sent per second by all servers, from and to clients, routes, gateways and leaf nodes. A message that crosses a route counts on both ends.",
          unit: "mps",
          width: 8,
          queries: [
            {
              expr: `sum(rate(nats_server_received_messages_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "received",
            },
            {
              expr: `sum(rate(nats_server_sent_messages_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "sent",
            },
          ],
        }),
        timeSeries({
          title: "Bytes",
          description: "Bytes of these messages per second.",
          unit: "Bps",
          width: 8,
          queries: [
            {
              expr: `sum(rate(nats_server_received_bytes_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "received",
            },
            {
              expr: `sum(rate(nats_server_sent_bytes_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "sent",
            },
          ],
        }),
        timeSeries({
          title: "Connection problems",
          description:
            "New slow consumers, connections that did not answer PINGs, and publishers that the server stalled, per interval. All should be 0.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum(increase(nats_server_slow_consumers_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "slow consumers",
            },
            {
              expr: `sum(increase(nats_server_stale_connections_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "stale connections",
            },
            {
              expr: `sum(increase(nats_server_stalls_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "publisher stalls",
            },
          ],
        }),
      ],
    },
    {
      title: "JetStream",
      panels: [
        timeSeries({
          title: "Consumers with the largest lag",
          description:
            "Messages not yet delivered, for the ten consumers with the most. NATS / Streams and consumers shows all.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top(`max by (account, stream, consumer) (nats_consumer_pending{${SERVER_MATCHERS}})`, 10),
              legend: "{{account}} / {{stream}} / {{consumer}}",
            },
          ],
        }),
        timeSeries({
          title: "JetStream storage used",
          description:
            "Disk used by streams on each server, as a share of JetStream's limit. At 100 % the server refuses publishes.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `max by (server) (nats_jetstream_storage_used_bytes{${SERVER_MATCHERS}} / nats_jetstream_storage_limit_bytes{${SERVER_MATCHERS}})`,
              legend: "{{server}}",
            },
          ],
        }),
        timeSeries({
          title: "Messages stored",
          description:
            "Messages appended to all streams per second, not counting replicas, and failed JetStream API requests per second.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum(rate(nats_stream_appended_messages_total{${SERVER_MATCHERS}}[$__rate_interval])) or ${ZERO}`,
              legend: "messages stored/s",
            },
            {
              expr: `sum(rate(nats_jetstream_api_errors_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
              legend: "API errors/s",
            },
          ],
        }),
      ],
    },
  ],
};
