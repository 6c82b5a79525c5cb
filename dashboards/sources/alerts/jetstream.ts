/** Alerts about JetStream as a service: storage, API, disks, raft. */
import { largest, SERVER } from "../prometheus/recordings.ts";
import type { AlertGroup } from "../prometheus/rule.ts";

const STORAGE = "nats_jetstream_storage_used_bytes / nats_jetstream_storage_limit_bytes";

export const jetstreamAlerts: AlertGroup = {
  name: "natscope.jetstream",
  title: "JetStream",
  source: "jetstream.ts",
  alerts: [
    {
      name: "NatsJetStreamStorageFilling",
      severity: "warning",
      expr: `predict_linear(nats_jetstream_storage_used_bytes[1h], 4 * 3600) > nats_jetstream_storage_limit_bytes
and ${STORAGE} > 0.5
and nats_jetstream_storage_used_bytes offset 1h`,
      for: "15m",
      keepFiringFor: "15m",
      summary:
        "The JetStream storage of NATS server {{ $labels.server }} will exceed its limit within 4 hours: {{ $value | humanize1024 }}B predicted",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "More than half of the storage is used, and at the growth of the last hour it reaches its limit within four hours.",
        impact: "At the limit the server refuses every publish to its streams.",
        diagnosis: [
          "Open NATS / Streams and consumers, Streams: which stream grows, and which application publishes to it?",
          "Is it a work queue whose consumers have stopped? Its messages stay until they are acknowledged.",
        ],
        mitigation: [
          "If a work queue grows, start or repair its consumers.",
          "Give the stream a limit (`max_age`, `max_bytes`), or purge messages that are no longer needed.",
          "Raise `max_file_store` if the disk has room, or move the stream to another server.",
        ],
      },
    },
    {
      name: "NatsJetStreamStorageHigh",
      severity: "warning",
      expr: `${STORAGE} > 0.85`,
      for: "15m",
      keepFiringFor: "15m",
      summary:
        "JetStream on NATS server {{ $labels.server }} uses {{ $value | humanizePercentage }} of its storage",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning: "More than 85 % of the storage that JetStream may use on this server is used.",
        impact:
          "A stream without its own limit can use up the rest at any time. Then the server refuses every publish to its streams.",
        diagnosis: [
          "Open NATS / JetStream, Storage used and Accounts: which account uses it?",
          "Check the file system (`df`): it may be fuller than JetStream's own limit suggests.",
        ],
        mitigation: [
          "Give every stream `max_bytes`, so that one stream cannot use all the storage.",
          "See the steps of NatsJetStreamStorageFilling.",
        ],
      },
    },
    {
      name: "NatsJetStreamStorageFull",
      severity: "critical",
      expr: `${STORAGE} > 0.95`,
      for: "5m",
      keepFiringFor: "10m",
      summary:
        "JetStream on NATS server {{ $labels.server }} uses {{ $value | humanizePercentage }} of its storage",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning: "More than 95 % of the storage that JetStream may use on this server is used.",
        impact:
          "At 100 % the server refuses every publish to its streams with `insufficient storage resources`.",
        diagnosis: [
          "Open NATS / Streams and consumers, Streams, sorted by bytes: which is the largest, and which grows?",
        ],
        mitigation: [
          "Purge or delete streams that you can lose, the largest first (`nats stream purge`).",
          "If the disk has room, raise `max_file_store`, then reload or restart the server.",
          "Afterwards give the streams limits.",
        ],
      },
    },
    {
      name: "NatsJetStreamMemoryHigh",
      severity: "warning",
      expr: "nats_jetstream_memory_used_bytes / nats_jetstream_memory_limit_bytes > 0.9",
      for: "10m",
      keepFiringFor: "10m",
      summary:
        "Memory streams on NATS server {{ $labels.server }} use {{ $value | humanizePercentage }} of max_memory_store",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning: "More than 90 % of the memory that JetStream may use on this server is used.",
        impact: "At the limit the server refuses every publish to its memory streams.",
        diagnosis: [
          "Compare `nats_stream_bytes` of the streams whose `nats_stream_info` has memory storage.",
        ],
        mitigation: [
          "Purge or limit the largest memory streams, move them to file storage, or raise `max_memory_store`.",
        ],
      },
    },
    {
      name: "NatsAccountStorageHigh",
      severity: "warning",
      expr: largest(
        "account",
        "(nats_jetstream_account_storage_used_bytes / nats_jetstream_account_storage_limit_bytes)",
      ).concat(" > 0.9"),
      for: "15m",
      keepFiringFor: "15m",
      summary:
        "Account {{ $labels.account }} uses {{ $value | humanizePercentage }} of its JetStream storage",
      dashboard: ["jetstream"],
      runbook: {
        meaning: "More than 90 % of the account's JetStream storage limit is used.",
        impact:
          "At the limit all publishes to the account's streams are refused, even if the servers have room.",
        diagnosis: ["Open NATS / Streams and consumers for this account: which stream is the largest?"],
        mitigation: ["Purge or limit the account's largest streams, or raise the limit of the account."],
      },
    },
    {
      name: "NatsJetStreamDisabled",
      severity: "critical",
      expr: "nats_jetstream_enabled == 0 and max_over_time(nats_jetstream_enabled[1d]) == 1",
      for: "2m",
      keepFiringFor: "5m",
      summary:
        "JetStream on NATS server {{ $labels.server }} is disabled, and was enabled within the last day",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "The server runs without JetStream. A server disables JetStream by itself if it cannot write its store.",
        impact: "All replicas on this server are missing until JetStream is back.",
        diagnosis: [
          "Search the server's log: `JetStream disabled`, disk full, read-only file system, permissions.",
          "Check the disk itself (`df`, `dmesg`).",
        ],
        mitigation: [
          "Free space on the disk or repair it, then restart this server. Its replicas catch up from the others.",
        ],
        falsePositive: "JetStream was removed from the configuration. The alert ends within a day.",
      },
    },
    {
      name: "NatsJetStreamApiErrors",
      severity: "info",
      expr: `rate(nats_jetstream_api_errors_total[15m]) / rate(nats_jetstream_api_requests_total[15m]) > 0.25
and rate(nats_jetstream_api_errors_total[15m]) > 0.2`,
      for: "15m",
      keepFiringFor: "15m",
      summary:
        "{{ $value | humanizePercentage }} of the JetStream API requests to NATS server {{ $labels.server }} fail",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "Many requests to the JetStream API are answered with an error. A client asks for assets that do not exist, or lacks permission.",
        impact: "The client does not work as intended, and its retries load the meta leader.",
        diagnosis: [
          "Open NATS / JetStream, API requests by account, and query `nats_jetstream_account_api_errors_total`: which account?",
          "Run `nats sub '$JS.EVENT.ADVISORY.API.>'` in that account: each advisory names the client, the request and the error.",
        ],
        mitigation: ["Fix the client, or create the stream or consumer that it asks for."],
        falsePositive: "Clients that check whether a bucket exists before they create it.",
      },
    },
    {
      name: "NatsTooManyReplicatedAssets",
      severity: "info",
      expr: "nats_jetstream_replicated_assets > 2000",
      for: "1h",
      keepFiringFor: "1h",
      summary: "NATS server {{ $labels.server }} is a member of {{ $value }} raft groups",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "Each replicated stream and consumer is a raft group with its own heartbeats, snapshots and log. This server has more than 2,000.",
        impact: "Elections and restarts become slow.",
        diagnosis: ["Query `nats_stream_consumers`: which streams have very many consumers?"],
        mitigation: [
          "Create consumers that need not survive the loss of a server with one replica (`num_replicas: 1`).",
          "Use one consumer with many filter subjects instead of many consumers.",
          "Spread the streams over more servers.",
        ],
      },
    },
    {
      name: "NatsRaftLogFailed",
      severity: "critical",
      expr: `sum by (${SERVER}) (nats_raft_log_failed) > 0`,
      for: "1m",
      keepFiringFor: "5m",
      summary: "NATS server {{ $labels.server }} could not write the log of {{ $value }} raft groups",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning: "After an error while writing a group's log, the server no longer takes part in the group.",
        impact:
          "The streams and consumers of these groups have one working replica less, although the server is up.",
        diagnosis: [
          "Query `nats_raft_log_failed` by group, and read the server's log.",
          "Check the disk: full, read-only, I/O errors (`df`, `dmesg`).",
        ],
        mitigation: ["Repair the disk, then restart the server."],
      },
    },
    {
      name: "NatsRaftNotApplying",
      severity: "warning",
      expr: `max by (${SERVER}) (min_over_time(nats_raft_unapplied_entries[5m])) > 5000`,
      for: "10m",
      keepFiringFor: "5m",
      summary:
        "NATS server {{ $labels.server }} has {{ $value | humanize }} raft entries that it has not applied",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning: "The server falls behind the entries that its raft group has committed.",
        impact: "Its memory grows, and if it becomes leader it answers late.",
        diagnosis: [
          "Query `nats_raft_unapplied_entries` by group: which stream or consumer?",
          "Open NATS / JetStream, Disk wait, check the CPU of the server, and query `nats_raft_overrun`.",
        ],
        mitigation: ["Move load away from the server or its disk, or slow down the publisher of the stream."],
      },
    },
  ],
};
