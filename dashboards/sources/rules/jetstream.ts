/** Alerts about JetStream as a service: room, API, disks, raft. */
import { largest, SERVER } from "./recordings.ts";
import type { AlertGroup } from "./rule.ts";

const STORAGE = "nats_jetstream_storage_used_bytes / nats_jetstream_storage_limit_bytes";

export const jetstreamAlerts: AlertGroup = {
  name: "natscope.jetstream",
  title: "JetStream",
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
        "The JetStream storage of NATS server {{ $labels.server }} will be full in four hours at this pace",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "More than half of the storage is used, and it grows so fast that the limit is reached within four hours. Then nothing is stored any more.",
        look: [
          "NATS / Streams and consumers, Streams: which stream grows, and who publishes to it.",
          "Is it a work queue whose consumers stand still? Its messages stay until they are acknowledged.",
        ],
        act: [
          "Start or repair the consumers of a work queue that grows.",
          "Give the stream a limit (`max_age`, `max_bytes`), or purge what is not needed.",
          "Raise `max_file_store` where the disk has room, or move the stream to another server.",
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
        meaning:
          "The storage that JetStream may use on this server is nearly used. Streams without a limit of their own can fill the rest at any time.",
        look: [
          "NATS / JetStream, Storage and Accounts: who uses it.",
          "The file system: it may be fuller than JetStream's own limit says.",
        ],
        act: [
          "As for NatsJetStreamStorageFilling.",
          "Give every stream `max_bytes`, so that one cannot take all.",
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
        meaning:
          "At 100 % every publish to a stream on this server is refused with `insufficient storage resources`.",
        look: ["NATS / Streams and consumers, Streams by bytes: the largest, and the one that grows."],
        act: [
          "Purge or delete what can be lost, the largest first.",
          "Raise `max_file_store` where the disk has room, and reload or restart the server.",
          "Then give streams limits.",
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
        "Memory streams on NATS server {{ $labels.server }} use {{ $value | humanizePercentage }} of what they may",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning: "At `max_memory_store` publishes to memory streams are refused.",
        look: ["`nats_stream_bytes` of streams whose `nats_stream_info` says memory."],
        act: ["Purge or limit them, move them to file, or raise `max_memory_store`."],
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
        meaning:
          "At the limit of an account all publishes to its streams are refused, however much room the servers have.",
        look: ["NATS / Streams and consumers with this account: which stream is largest."],
        act: ["Purge or limit the account's streams, or raise the account's limit."],
      },
    },
    {
      name: "NatsJetStreamDisabled",
      severity: "critical",
      expr: "nats_jetstream_enabled == 0 and max_over_time(nats_jetstream_enabled[1d]) == 1",
      for: "2m",
      keepFiringFor: "5m",
      summary: "JetStream on NATS server {{ $labels.server }} is off, and was on within a day",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "The server runs without JetStream: it switches it off by itself when its store cannot be written. Its replicas are gone until it is back.",
        look: [
          "The server's log: `JetStream disabled`, disk full, read-only file system, permissions.",
          "The disk itself.",
        ],
        act: ["Make room, or repair the disk; then restart this server. Replicas catch up from the others."],
        harmless: "JetStream was taken out of the configuration: it ends within a day.",
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
          "Many requests to the JetStream API are answered with an error: a client asks for what is not there, or may not do what it tries.",
        look: [
          "NATS / JetStream, API requests by account; `nats_jetstream_account_api_errors_total` by account.",
          "Subscribe to `$JS.EVENT.ADVISORY.API.>` in the account: each advisory names the client, the request and the error.",
        ],
        act: ["Have the client fixed, or make what it looks for."],
        harmless: "Clients that look whether a bucket exists before they make it.",
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
          "Each replicated stream and consumer is a raft group with heartbeats, snapshots and a log of its own. Thousands of them make elections, and every restart, slow.",
        look: ["`nats_stream_consumers`: which streams have very many consumers."],
        act: [
          "Let consumers that need not outlive a server have one replica (`num_replicas: 1`).",
          "One consumer with many subjects instead of many consumers.",
          "Spread streams over more servers.",
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
        meaning:
          "After an error in writing a group's log the server takes no part in the group any more: a replica less, without being down.",
        look: ["`nats_raft_log_failed` by group; the server's log; the disk: full, read only, I/O errors."],
        act: ["Repair the disk, then restart the server."],
      },
    },
    {
      name: "NatsRaftNotApplying",
      severity: "warning",
      expr: `max by (${SERVER}) (min_over_time(nats_raft_unapplied_entries[5m])) > 5000`,
      for: "10m",
      keepFiringFor: "5m",
      summary:
        "NATS server {{ $labels.server }} has {{ $value | humanize }} raft entries that it does not get to apply",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "A server falls behind what its group has decided. If it becomes leader it answers late, and its memory grows.",
        look: [
          "NATS / JetStream, Waiting for the disk; CPU of the server; `nats_raft_overrun`.",
          "Which group: `nats_raft_unapplied_entries` by group.",
        ],
        act: ["Relieve the disk or the server; slow down the publisher of the stream."],
      },
    },
  ],
};
