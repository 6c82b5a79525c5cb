/** JetStream: room that is left, the meta group, raft, the API, who leads what. */
import { SERVER_MATCHERS, top } from "../expressions.ts";
import { type Dashboard, RED_ABOVE_ZERO, stat, table, timeSeries } from "../grafana/dashboard.ts";
import { SERVERS } from "./variables.ts";

const each = (metric: string): string => `max by (server) (${metric}{${SERVER_MATCHERS}})`;
const rateOf = (metric: string): string =>
  `max by (server) (rate(${metric}{${SERVER_MATCHERS}}[$__rate_interval]))`;

export const jetstream: Dashboard = {
  name: "jetstream",
  title: "JetStream",
  description:
    "JetStream as a service: room left on disk and in memory, the meta group, raft, the API, accounts.",
  variables: SERVERS,
  rows: [
    {
      title: "Does it work?",
      panels: [
        stat({
          title: "Meta leader",
          description:
            "Servers that call themselves leader of the meta group: one for each cluster, else no stream can be made or moved.",
          unit: "none",
          query: {
            expr: `sum(max by (server) (nats_jetstream_meta_leader{${SERVER_MATCHERS}}))`,
            legend: "leaders",
          },
          thresholds: [],
        }),
        stat({
          title: "Meta group may lose",
          description:
            "Servers that may still be lost before the meta group stops, of the cluster with fewest; below 0 it has stopped.",
          unit: "none",
          query: { expr: `min(nats_jetstream_meta_quorum_margin{${SERVER_MATCHERS}})`, legend: "servers" },
          thresholds: [],
        }),
        stat({
          title: "Least margin of a stream",
          description:
            "Replicas that may still be lost before the weakest replicated stream stops; below 0 it has.",
          unit: "none",
          query: { expr: `min(nats_stream_quorum_margin{${SERVER_MATCHERS}})`, legend: "replicas" },
          thresholds: [],
        }),
        stat({
          title: "Assets not healthy",
          description: "Streams and consumers that a server finds not recovered or not current.",
          unit: "none",
          query: {
            expr: `sum(nats_health_failing_assets{${SERVER_MATCHERS}}) or 0 * sum(nats_healthy{${SERVER_MATCHERS}})`,
            legend: "failing",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Raft logs that failed",
          description:
            "Groups whose log a server could not write: it takes no part in them until it is restarted.",
          unit: "none",
          query: {
            expr: `sum(nats_raft_log_failed{${SERVER_MATCHERS}}) or 0 * sum(nats_jetstream_enabled{${SERVER_MATCHERS}})`,
            legend: "failed",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "API errors",
          description:
            "JetStream API requests answered with an error, of all, in the time shown. Clients that look whether something exists cause some.",
          unit: "percentunit",
          query: {
            expr: `sum(increase(nats_jetstream_api_errors_total{${SERVER_MATCHERS}}[$__range])) / (sum(increase(nats_jetstream_api_requests_total{${SERVER_MATCHERS}}[$__range])) > 0) or 0 * sum(nats_jetstream_enabled{${SERVER_MATCHERS}})`,
            legend: "errors",
          },
          thresholds: [
            [0.05, "orange"],
            [0.25, "red"],
          ],
        }),
      ],
    },
    {
      title: "Room",
      panels: [
        timeSeries({
          title: "Storage in use",
          description:
            "Disk of file streams as a share of max_file_store. The limit of the file system may be lower: no server says it.",
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
          title: "Storage",
          description: "Bytes used on each server, and bytes promised to streams and accounts with a limit.",
          unit: "bytes",
          width: 8,
          queries: [
            { expr: each("nats_jetstream_storage_used_bytes"), legend: "{{server}} used" },
            { expr: each("nats_jetstream_storage_reserved_bytes"), legend: "{{server}} reserved" },
          ],
        }),
        timeSeries({
          title: "Memory in use",
          description: "Memory of memory streams as a share of max_memory_store.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `max by (server) (nats_jetstream_memory_used_bytes{${SERVER_MATCHERS}} / nats_jetstream_memory_limit_bytes{${SERVER_MATCHERS}})`,
              legend: "{{server}}",
            },
          ],
        }),
        table({
          title: "Accounts",
          description:
            "What each account's streams use in the cluster, every replica counted, as the meta leader says.",
          unit: "bytes",
          keys: ["account"],
          columns: [
            {
              title: "storage",
              expr: `max by (account) (nats_jetstream_account_storage_used_bytes{${SERVER_MATCHERS}})`,
              unit: "bytes",
            },
            {
              title: "storage limit",
              expr: `max by (account) (nats_jetstream_account_storage_limit_bytes{${SERVER_MATCHERS}})`,
              unit: "bytes",
            },
            {
              title: "memory",
              expr: `max by (account) (nats_jetstream_account_memory_used_bytes{${SERVER_MATCHERS}})`,
              unit: "bytes",
            },
            {
              title: "memory limit",
              expr: `max by (account) (nats_jetstream_account_memory_limit_bytes{${SERVER_MATCHERS}})`,
              unit: "bytes",
            },
          ],
          sortBy: "storage",
          drillDown: "natscope-streams",
          width: 16,
        }),
        timeSeries({
          title: "Waiting for the disk",
          description:
            "Goroutines' time spent waiting for their turn at the disk, in a second: more than the cores is a disk that is too slow. From nats-server 2.12.14 and 2.14.4 on.",
          unit: "s",
          width: 8,
          queries: [{ expr: rateOf("nats_server_disk_io_wait_seconds_total"), legend: "{{server}}" }],
        }),
      ],
    },
    {
      title: "Leaders and replicas",
      panels: [
        timeSeries({
          title: "Leaders on each server",
          description:
            "Streams and consumers that each server leads. Leaders do the work: one server with most of them is a hot spot.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `count by (server) (nats_stream_leader{${SERVER_MATCHERS}} == 1)`,
              legend: "{{server}} streams",
            },
            {
              expr: `count by (server) (nats_consumer_leader{${SERVER_MATCHERS}} == 1)`,
              legend: "{{server}} consumers",
            },
          ],
        }),
        timeSeries({
          title: "Replicated assets",
          description:
            "Raft groups with a member on each server. Beyond about a thousand, heartbeats and snapshots cost more than the messages.",
          unit: "short",
          width: 8,
          queries: [{ expr: each("nats_jetstream_replicated_assets"), legend: "{{server}}" }],
        }),
        timeSeries({
          title: "Elections",
          description:
            "Raft groups with a new term in the last five minutes: leaders that change without a restart are servers that lose each other.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `count(max by (account, group) (changes(nats_raft_term{${SERVER_MATCHERS}}[5m])) > 0) or 0 * sum(nats_jetstream_enabled{${SERVER_MATCHERS}})`,
              legend: "groups",
            },
          ],
        }),
        timeSeries({
          title: "Meta peers last heard of",
          description: "Time since the meta leader heard of each server. Above 10 seconds it counts as lost.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: `max by (peer) (nats_jetstream_meta_replica_last_seen_seconds{${SERVER_MATCHERS}})`,
              legend: "{{peer}}",
            },
          ],
        }),
        timeSeries({
          title: "Replicas behind",
          description:
            "Raft operations that the furthest replica on each server is behind the leader of its stream.",
          unit: "short",
          width: 8,
          queries: [
            { expr: `max by (peer) (nats_stream_replica_lag{${SERVER_MATCHERS}})`, legend: "{{peer}}" },
          ],
        }),
        timeSeries({
          title: "Raft entries not applied",
          description:
            "Committed entries that each server has yet to apply, of the group with most: it falls behind where this grows.",
          unit: "short",
          width: 8,
          queries: [{ expr: each("nats_raft_unapplied_entries"), legend: "{{server}}" }],
        }),
      ],
    },
    {
      title: "API",
      panels: [
        timeSeries({
          title: "API requests",
          description:
            "JetStream API requests in a second: creating, updating, looking up streams and consumers.",
          unit: "reqps",
          width: 8,
          queries: [
            { expr: rateOf("nats_jetstream_api_requests_total"), legend: "{{server}}" },
            { expr: rateOf("nats_jetstream_api_errors_total"), legend: "{{server}} errors" },
          ],
        }),
        timeSeries({
          title: "API requests by account",
          description: "The accounts that ask most, in a second.",
          unit: "reqps",
          width: 8,
          queries: [
            {
              expr: top(
                `sum by (account) (rate(nats_jetstream_account_api_requests_total{${SERVER_MATCHERS}}[$__rate_interval]))`,
                10,
              ),
              legend: "{{account}}",
            },
          ],
        }),
        timeSeries({
          title: "Meta group backlog",
          description: "Requests of the meta group that a server has not processed.",
          unit: "short",
          width: 8,
          queries: [{ expr: each("nats_jetstream_meta_pending"), legend: "{{server}}" }],
        }),
      ],
    },
  ],
};
