/** Overview: is anything wrong, and where to look next. */
import { SERVER_MATCHERS, top } from "../expressions.ts";
import { type Dashboard, RED_ABOVE_ZERO, stat, table, timeSeries } from "../grafana/dashboard.ts";
import { SERVERS } from "./variables.ts";

/** 0 where a server is watched and there is nothing to count; nothing where none is. */
const OR_ZERO = `or 0 * sum(nats_up{job=~"$job"})`;
const ALERT_KEYS = ["alertname", "severity", "job", "cluster", "server", "account", "stream", "consumer"];
const BY_ALERT = `by (${ALERT_KEYS.join(", ")})`;

export const overview: Dashboard = {
  name: "overview",
  title: "Overview",
  description: "All servers that natscope watches: what is wrong, who is behind, how much flows.",
  variables: SERVERS,
  rows: [
    {
      title: "Is anything wrong?",
      panels: [
        stat({
          title: "Servers down",
          description:
            "Servers of these jobs that do not answer their monitoring port, whatever cluster is chosen: one that is down cannot say which it belongs to.",
          unit: "none",
          query: {
            expr: `count(nats_up{job=~"$job"} == 0) or 0 * count(nats_up{job=~"$job"})`,
            legend: "down",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Servers unhealthy",
          description:
            "Servers that call themselves, or JetStream on them, not healthy. Server: Health checks says which check.",
          unit: "none",
          query: {
            expr: `count(nats_healthy{${SERVER_MATCHERS}}) - sum(nats_healthy{${SERVER_MATCHERS}})`,
            legend: "unhealthy",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Without a leader",
          description:
            "Streams and consumers of which no replica knows a leader: they take and deliver nothing.",
          unit: "none",
          query: {
            expr: `(count(min by (account, stream) (nats_stream_leaderless{${SERVER_MATCHERS}}) == 1) or vector(0)) + (count(min by (account, stream, consumer) (nats_consumer_leaderless{${SERVER_MATCHERS}}) == 1) or vector(0)) and on () sum(nats_up{job=~"$job"})`,
            legend: "without a leader",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Replicas lost",
          description:
            "Replicas of streams that their leader calls offline, or has not heard of for 10 seconds. JetStream shows on which server.",
          unit: "none",
          query: {
            expr: `count(nats_stream_replica_offline{${SERVER_MATCHERS}} == 1 or nats_stream_replica_last_seen_seconds{${SERVER_MATCHERS}} > 10) ${OR_ZERO}`,
            legend: "lost",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Slow consumers",
          description:
            "New ones in the time shown: connections that the servers cut, or that lost messages, because they read too slowly.",
          unit: "none",
          query: {
            expr: `round(sum(increase(nats_server_slow_consumers_total{${SERVER_MATCHERS}}[$__range])))`,
            legend: "slow",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Lag",
          description:
            "Messages that all consumers together have yet to get, each said once, by the consumer's leader. A number that grows is a problem; a large one need not be.",
          unit: "short",
          query: {
            expr: `sum(max by (account, stream, consumer) (nats_consumer_pending{${SERVER_MATCHERS}})) ${OR_ZERO}`,
            legend: "messages",
          },
          thresholds: [],
        }),
        table({
          title: "Firing alerts",
          description:
            "Alerts of dashboards/rules/natscope.yaml that fire now, and for how long. Each has a runbook in docs/runbooks.",
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
          noValue: "No alert fires, or the rules are not loaded",
        }),
      ],
    },
    {
      title: "Servers",
      panels: [
        table({
          title: "Servers",
          description:
            "Every server that answers, with what it carries. Click on a server to see more of it.",
          unit: "short",
          keys: ["server"],
          columns: [
            {
              title: "healthy",
              expr: `min by (server) (nats_healthy{${SERVER_MATCHERS}})`,
              unit: "bool_yes_no",
            },
            {
              title: "running for",
              expr: `time() - max by (server) (nats_server_start_timestamp_seconds{${SERVER_MATCHERS}})`,
              unit: "s",
            },
            {
              title: "connections",
              expr: `max by (server) (nats_server_connections{${SERVER_MATCHERS}})`,
              unit: "short",
            },
            {
              title: "CPU of its cores",
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
          sortBy: "CPU of its cores",
          drillDown: "natscope-server",
        }),
      ],
    },
    {
      title: "Traffic and trouble",
      panels: [
        timeSeries({
          title: "Messages",
          description:
            "What all servers together receive and send in a second, from and to clients, routes, gateways and leaf nodes: a message that crosses a route counts on both ends.",
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
          description: "The bytes of these messages.",
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
          title: "Trouble of connections",
          description:
            "New slow consumers, connections that answered no PING, and publishers that were held back, in the time between two points. All should be 0.",
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
              legend: "publishers held back",
            },
          ],
        }),
      ],
    },
    {
      title: "JetStream",
      panels: [
        timeSeries({
          title: "Consumers furthest behind",
          description:
            "Messages not delivered yet, of the ten consumers with most. Streams and consumers has every one.",
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
          title: "Storage in use",
          description:
            "Disk that streams use on each server, as a share of what JetStream may use. At 100 % nothing is stored any more.",
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
            "Messages appended to all streams in a second, each counted once, and JetStream API requests that failed.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum(rate(nats_stream_appended_messages_total{${SERVER_MATCHERS}}[$__rate_interval])) ${OR_ZERO}`,
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
