/** JetStream: storage, meta group, raft, API, leaders. */

import { type Dashboard, RED_ABOVE_ZERO, stat, table, timeSeries } from "../grafana/dashboard.ts";
import { SERVER_MATCHERS, top } from "../promql/expressions.ts";
import { SERVERS } from "./variables.ts";

const each = (metric: string): string => `max by (server) (${metric}{${SERVER_MATCHERS}})`;
const rateOf = (metric: string): string =>
  `max by (server) (rate(${metric}{${SERVER_MATCHERS}}[$__rate_interval]))`;

export const jetstream: Dashboard = {
  name: "jetstream",
  title: "JetStream",
  description: "JetStream as a service: free storage and memory, meta group, raft groups, API, accounts.",
  variables: SERVERS,
  rows: [
    {
      title: "Does it work?",
      panels: [
        stat({
          title: "Meta leaders",
          description:
            "Servers that claim to be the meta leader: must be one per cluster. Without it no stream can be created or moved.",
          unit: "none",
          query: {
            expr: `sum(max by (server) (nats_jetstream_meta_leader{${SERVER_MATCHERS}}))`,
            legend: "leaders",
          },
          thresholds: [],
        }),
        stat({
          title: "Meta quorum margin",
          description:
            "Servers that the meta group can lose before it stops, for the cluster with the fewest. Below 0 it has stopped.",
          unit: "none",
          query: { expr: `min(nats_jetstream_meta_quorum_margin{${SERVER_MATCHERS}})`, legend: "servers" },
          thresholds: [],
        }),
        stat({
          title: "Minimum stream quorum margin",
          description:
            "Replicas that the weakest replicated stream can lose before it stops. Below 0 it has stopped.",
          unit: "none",
          query: { expr: `min(nats_stream_quorum_margin{${SERVER_MATCHERS}})`, legend: "replicas" },
          thresholds: [],
        }),
        stat({
          title: "Unhealthy assets",
          description: "Streams and consumers that their server reports as not recovered or not current.",
          unit: "none",
          query: {
            expr: `sum(nats_health_failing_assets{${SERVER_MATCHERS}}) or 0 * sum(nats_healthy{${SERVER_MATCHERS}})`,
            legend: "failing",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Failed raft logs",
          description:
            "Raft groups whose log a server could not write. The server takes no part in them until it restarts.",
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
            "Share of JetStream API requests answered with an error in the selected time. Clients that check whether an asset exists cause some.",
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
      title: "Storage and memory",
      panels: [
        timeSeries({
          title: "Storage used",
          description:
            "Disk used by file streams as a share of max_file_store. The file system may fill up earlier; no server reports its free space.",
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
          title: "Storage used and reserved",
          description: "Bytes used on each server, and bytes reserved for streams and accounts with a limit.",
          unit: "bytes",
          width: 8,
          queries: [
            { expr: each("nats_jetstream_storage_used_bytes"), legend: "{{server}} used" },
            { expr: each("nats_jetstream_storage_reserved_bytes"), legend: "{{server}} reserved" },
          ],
        }),
        timeSeries({
          title: "Memory used",
          description: "Memory used by memory streams as a share of max_memory_store.",
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
            "Storage and memory that the streams of each account use in the cluster, all replicas counted, as the meta leader reports.",
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
          title: "Disk wait",
          description:
            "Seconds per second that goroutines wait for their turn at the disk. More than the number of cores means that the disk is too slow. Needs nats-server 2.12.14, or 2.14.4 and newer.",
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
          title: "Leaders per server",
          description:
            "Streams and consumers that each server leads. Leaders do most of the work, so a server with most of them is a hot spot.",
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
            "Raft groups with a member on each server. Above about a thousand, heartbeats and snapshots cost more than the messages.",
          unit: "short",
          width: 8,
          queries: [{ expr: each("nats_jetstream_replicated_assets"), legend: "{{server}}" }],
        }),
        timeSeries({
          title: "Elections",
          description:
            "Raft groups that elected a leader in the last five minutes. Elections without a restart mean that servers lose contact with each other.",
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
          title: "Time since contact with meta peers",
          description:
            "Time since the meta leader last heard from each server. Above 10 seconds a server counts as lost.",
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
          title: "Replica lag",
          description:
            "Raft operations that the furthest replica on each server is behind the leader of its stream.",
          unit: "short",
          width: 8,
          queries: [
            { expr: `max by (peer) (nats_stream_replica_lag{${SERVER_MATCHERS}})`, legend: "{{peer}}" },
          ],
        }),
        timeSeries({
          title: "Unapplied raft entries",
          description:
            "Committed entries that each server has not yet applied, for its group with the most. If it grows, the server falls behind.",
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
            "JetStream API requests per second: creating, updating and looking up streams and consumers.",
          unit: "reqps",
          width: 8,
          queries: [
            { expr: rateOf("nats_jetstream_api_requests_total"), legend: "{{server}}" },
            { expr: rateOf("nats_jetstream_api_errors_total"), legend: "{{server}} errors" },
          ],
        }),
        timeSeries({
          title: "API requests by account",
          description: "JetStream API requests per second, for the accounts with the most.",
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
          description: "Meta group requests that each server has not yet processed.",
          unit: "short",
          width: 8,
          queries: [{ expr: each("nats_jetstream_meta_pending"), legend: "{{server}}" }],
        }),
      ],
    },
  ],
};
