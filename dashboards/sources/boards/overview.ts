/** Overview: is anything wrong, and where to look next. */
import { OF_SERVER, top } from "../expressions.ts";
import { type Dashboard, figure, lines, NONE_IS_GOOD, table } from "./dashboard.ts";
import { SERVERS } from "./variables.ts";

/** 0 where a server is watched and there is nothing to count; nothing where none is. */
const OR_NONE = `or 0 * sum(nats_up{job=~"$job"})`;
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
        figure({
          title: "Servers down",
          description:
            "Servers of these jobs that do not answer their monitoring port, whatever cluster is chosen: one that is down cannot say which it belongs to.",
          unit: "none",
          query: {
            expr: `count(nats_up{job=~"$job"} == 0) or 0 * count(nats_up{job=~"$job"})`,
            legend: "down",
          },
          thresholds: NONE_IS_GOOD,
        }),
        figure({
          title: "Servers unhealthy",
          description:
            "Servers that call themselves, or JetStream on them, not healthy. Server: Health checks says which check.",
          unit: "none",
          query: {
            expr: `count(nats_healthy{${OF_SERVER}}) - sum(nats_healthy{${OF_SERVER}})`,
            legend: "unhealthy",
          },
          thresholds: NONE_IS_GOOD,
        }),
        figure({
          title: "Without a leader",
          description:
            "Streams and consumers of which no replica knows a leader: they take and deliver nothing.",
          unit: "none",
          query: {
            expr: `(count(min by (account, stream) (nats_stream_leaderless{${OF_SERVER}}) == 1) or vector(0)) + (count(min by (account, stream, consumer) (nats_consumer_leaderless{${OF_SERVER}}) == 1) or vector(0)) and on () sum(nats_up{job=~"$job"})`,
            legend: "without a leader",
          },
          thresholds: NONE_IS_GOOD,
        }),
        figure({
          title: "Replicas lost",
          description:
            "Replicas of streams that their leader calls offline, or has not heard of for 10 seconds. JetStream shows on which server.",
          unit: "none",
          query: {
            expr: `count(nats_stream_replica_offline{${OF_SERVER}} == 1 or nats_stream_replica_last_seen_seconds{${OF_SERVER}} > 10) ${OR_NONE}`,
            legend: "lost",
          },
          thresholds: NONE_IS_GOOD,
        }),
        figure({
          title: "Slow consumers",
          description:
            "New ones in the time shown: connections that the servers cut, or that lost messages, because they read too slowly.",
          unit: "none",
          query: {
            expr: `round(sum(increase(nats_server_slow_consumers_total{${OF_SERVER}}[$__range])))`,
            legend: "slow",
          },
          thresholds: NONE_IS_GOOD,
        }),
        figure({
          title: "Lag",
          description:
            "Messages that all consumers together have yet to get, each said once, by the consumer's leader. A number that grows is a problem; a large one need not be.",
          unit: "short",
          query: {
            expr: `sum(max by (account, stream, consumer) (nats_consumer_pending{${OF_SERVER}})) ${OR_NONE}`,
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
          none: "No alert fires, or the rules are not loaded",
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
            { title: "healthy", expr: `min by (server) (nats_healthy{${OF_SERVER}})`, unit: "bool_yes_no" },
            {
              title: "running for",
              expr: `time() - max by (server) (nats_server_start_timestamp_seconds{${OF_SERVER}})`,
              unit: "s",
            },
            {
              title: "connections",
              expr: `max by (server) (nats_server_connections{${OF_SERVER}})`,
              unit: "short",
            },
            {
              title: "CPU of its cores",
              expr: `max by (server) (nats_server_cpu_ratio{${OF_SERVER}} / nats_server_gomaxprocs{${OF_SERVER}})`,
              unit: "percentunit",
              thresholds: [
                [0.7, "orange"],
                [0.9, "red"],
              ],
            },
            {
              title: "memory",
              expr: `max by (server) (nats_server_memory_bytes{${OF_SERVER}})`,
              unit: "bytes",
            },
            {
              title: "in",
              expr: `max by (server) (rate(nats_server_received_messages_total{${OF_SERVER}}[$__rate_interval]))`,
              unit: "mps",
            },
            {
              title: "out",
              expr: `max by (server) (rate(nats_server_sent_messages_total{${OF_SERVER}}[$__rate_interval]))`,
              unit: "mps",
            },
          ],
          sortBy: "CPU of its cores",
          leadsTo: "natscope-server",
        }),
      ],
    },
    {
      title: "Traffic and trouble",
      panels: [
        lines({
          title: "Messages",
          description:
            "What all servers together receive and send in a second, from and to clients, routes, gateways and leaf nodes: a message that crosses a route counts on both ends.",
          unit: "mps",
          width: 8,
          queries: [
            {
              expr: `sum(rate(nats_server_received_messages_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "received",
            },
            {
              expr: `sum(rate(nats_server_sent_messages_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "sent",
            },
          ],
        }),
        lines({
          title: "Bytes",
          description: "The bytes of these messages.",
          unit: "Bps",
          width: 8,
          queries: [
            {
              expr: `sum(rate(nats_server_received_bytes_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "received",
            },
            {
              expr: `sum(rate(nats_server_sent_bytes_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "sent",
            },
          ],
        }),
        lines({
          title: "Trouble of connections",
          description:
            "New slow consumers, connections that answered no PING, and publishers that were held back, in the time between two points. All should be 0.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum(increase(nats_server_slow_consumers_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "slow consumers",
            },
            {
              expr: `sum(increase(nats_server_stale_connections_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "stale connections",
            },
            {
              expr: `sum(increase(nats_server_stalls_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "publishers held back",
            },
          ],
        }),
      ],
    },
    {
      title: "JetStream",
      panels: [
        lines({
          title: "Consumers furthest behind",
          description:
            "Messages not delivered yet, of the ten consumers with most. Streams and consumers has every one.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top(`max by (account, stream, consumer) (nats_consumer_pending{${OF_SERVER}})`, 10),
              legend: "{{account}} / {{stream}} / {{consumer}}",
            },
          ],
        }),
        lines({
          title: "Storage in use",
          description:
            "Disk that streams use on each server, as a share of what JetStream may use. At 100 % nothing is stored any more.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `max by (server) (nats_jetstream_storage_used_bytes{${OF_SERVER}} / nats_jetstream_storage_limit_bytes{${OF_SERVER}})`,
              legend: "{{server}}",
            },
          ],
        }),
        lines({
          title: "Messages stored",
          description:
            "Messages appended to all streams in a second, each counted once, and JetStream API requests that failed.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum(rate(nats_stream_appended_messages_total{${OF_SERVER}}[$__rate_interval])) ${OR_NONE}`,
              legend: "messages stored/s",
            },
            {
              expr: `sum(rate(nats_jetstream_api_errors_total{${OF_SERVER}}[$__rate_interval]))`,
              legend: "API errors/s",
            },
          ],
        }),
      ],
    },
  ],
};
