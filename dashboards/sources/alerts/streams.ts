/** Alerts about streams and their replicas, mirrors and sources. */
import { CLUSTER, inCluster, largest, unlessDisabled } from "../prometheus/recordings.ts";
import { type AlertGroup, SEVERITY_OF_THRESHOLD } from "../prometheus/rule.ts";
import { streamBeyondThreshold } from "./thresholds.ts";

const LAG = "stream:nats_stream_origin_lag:max";

export const streamAlerts: AlertGroup = {
  name: "natscope.streams",
  title: "Streams",
  source: "streams.ts",
  alerts: [
    {
      name: "NatsStreamLeaderless",
      severity: "critical",
      expr: `min by (${CLUSTER}, account, stream) (${inCluster("nats_stream_leaderless")}) == 1`,
      for: "2m",
      keepFiringFor: "2m",
      summary: "Stream {{ $labels.account }}/{{ $labels.stream }} has no leader",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning: "No replica of the stream that answers knows a leader.",
        impact: "The stream accepts no messages, and publishers time out.",
        diagnosis: [
          "Open NATS / Overview: are servers down? A majority of the stream's replicas must be up.",
          "Query `nats_stream_leaderless` by server for the servers that have a replica, and `nats_raft_leaderless` by group.",
          "Run `nats stream info STREAM` for the remaining replicas.",
        ],
        mitigation: [
          "Start the servers that have the other replicas.",
          "If all are up, restart the server whose log has errors of this raft group.",
          "If replicas are lost for good, remove their peer (`nats stream cluster peer-remove`) once there is a leader. Otherwise restore the stream from a backup.",
        ],
      },
    },
    {
      name: "NatsReplicaLost",
      severity: "warning",
      expr: `count by (${CLUSTER}, peer) (${largest(
        "account, stream, peer",
        "(nats_stream_replica_offline == 1 or nats_stream_replica_last_seen_seconds > 30)",
      )})`,
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "{{ $value }} streams of cluster {{ $labels.cluster }} have lost their replica on {{ $labels.peer }}",
      dashboard: ["jetstream"],
      runbook: {
        meaning: "The leaders of these streams have not heard from their replicas on this server.",
        impact:
          "The streams keep working with the remaining replicas. If one more is lost, streams with three replicas stop.",
        diagnosis: [
          "Is the server down (NatsServerDown), or cut off (NatsClusterPartitioned)?",
          "Open NATS / Streams and consumers, Quorum margin: which streams are closest to stopping?",
        ],
        mitigation: [
          "Start the server; its replicas catch up. Do not restart another server of the cluster before.",
          "If the server will not return, remove it from the meta group (`nats server raft peer-remove`): the cluster then places its replicas on other servers.",
        ],
      },
    },
    {
      name: "NatsReplicaLagging",
      severity: "warning",
      expr: `${largest(
        "account, stream, peer",
        "(min_over_time(nats_stream_replica_lag[5m]) > 1000 unless nats_stream_replica_last_seen_seconds > 10)",
      )}`,
      for: "15m",
      keepFiringFor: "5m",
      summary:
        "The replica of stream {{ $labels.account }}/{{ $labels.stream }} on {{ $labels.peer }} is {{ $value | humanize }} operations behind",
      dashboard: ["jetstream"],
      runbook: {
        meaning: "A replica is up, but has been more than 1,000 operations behind its leader for 15 minutes.",
        impact: "If the leader is lost, this replica cannot take over.",
        diagnosis: [
          "Open NATS / JetStream, Replica lag: one stream, or all streams on one server?",
          "Check the disk, the CPU and the routes of that server.",
        ],
        mitigation: [
          "Move load and leaders away from that server.",
          "If only one stream stays behind, let its leader step down; if that does not help, remove the peer and add it again.",
        ],
      },
    },
    {
      name: "NatsStreamNearLimit",
      severity: "warning",
      expr: `${largest(
        "account, stream",
        `((nats_stream_bytes / nats_stream_size_limit_bytes > 0.9 or nats_stream_messages / nats_stream_messages_limit > 0.9)
and on (job, instance, server, account, stream) (nats_stream_info{discard="new"} or nats_stream_info{retention=~"workqueue|interest"}))`,
      )}
${unlessDisabled("stream")}`,
      for: "15m",
      keepFiringFor: "15m",
      summary:
        "Stream {{ $labels.account }}/{{ $labels.stream }} has reached {{ $value | humanizePercentage }} of its limit",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning: "A stream that must not discard messages is nearly full.",
        impact:
          "With discard new (all key-value buckets) publishes fail at the limit. A work queue with discard old deletes messages that were never processed.",
        diagnosis: [
          "Open NATS / Streams and consumers, Stream limits used: bytes or messages, and since when?",
          "If it is a work queue, check its consumers: are they processing messages?",
        ],
        mitigation: [
          "Start the consumers, or give them more workers.",
          "Raise the limit, or set a maximum age (`nats stream edit --max-age`).",
          "For a bucket, delete keys or lower `history`.",
        ],
        falsePositive:
          "Streams with limits retention that discard old messages are always full. The alert leaves them out.",
      },
    },
    {
      name: "NatsStreamMessagesLost",
      severity: "warning",
      expr: largest("account, stream", "nats_stream_lost_messages").concat(" > 0"),
      for: "1m",
      keepFiringFor: "1h",
      summary:
        "{{ $value }} messages of stream {{ $labels.account }}/{{ $labels.stream }} are missing or damaged on its leader",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning: "The leader's store contains messages that it cannot read.",
        impact: "Consumers skip these messages.",
        diagnosis: [
          "Read the server's log since its last start: which blocks were damaged?",
          "Check the disk for I/O errors (`dmesg`). Was there a power loss?",
        ],
        mitigation: [
          "With several replicas, let the leader step down, then remove the damaged peer and add it again.",
          "With one replica, restore the stream from a backup, or accept the loss and purge up to it.",
        ],
      },
    },
    {
      name: "NatsStreamOriginFailed",
      severity: "warning",
      expr: `(${largest("account, stream, role, origin", "nats_stream_origin_failed")} == 1)
or ${largest("account, stream, role, origin", "nats_stream_origin_idle_seconds")} > 300`,
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "Stream {{ $labels.account }}/{{ $labels.stream }} gets no messages from its {{ $labels.role }} {{ $labels.origin }}",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "A mirror or a stream with sources has not heard from its origin for five minutes, or the origin refuses it.",
        impact: "The stream serves old data.",
        diagnosis: [
          "Run `nats stream info STREAM`: it shows the error.",
          "Does the origin exist, is its cluster or leaf node connected, may the account import it?",
        ],
        mitigation: [
          "Restore the connection to the origin, or create the origin again with the same name.",
          "If the origin is in another account or domain, correct the subjects of its external API.",
        ],
      },
    },
    {
      name: "NatsStreamOriginLagGrowing",
      severity: "warning",
      expr: `min_over_time(${LAG}[15m]) > 1000 and min_over_time(${LAG}[15m]) > max_over_time(${LAG}[15m] offset 20m)
${unlessDisabled("stream")}`,
      for: "10m",
      keepFiringFor: "15m",
      summary:
        "Stream {{ $labels.account }}/{{ $labels.stream }} is {{ $value | humanize }} messages behind its {{ $labels.role }} {{ $labels.origin }} and falls further behind",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "The minimum lag of the last 15 minutes is larger than the maximum of the 15 minutes that ended 20 minutes ago, so a burst is not the reason.",
        impact: "The stream serves ever older data.",
        diagnosis: [
          "Check the link to the cluster of the origin: round trip, bandwidth.",
          "Check the CPU and disk of the leaders of both streams.",
        ],
        mitigation: [
          "Move load away from the link or the servers, or move the two leaders closer to each other.",
          "Filter out subjects that need not be copied.",
        ],
      },
    },
    {
      name: "NatsStreamThresholdCrossed",
      severity: SEVERITY_OF_THRESHOLD,
      expr: streamBeyondThreshold(),
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "Stream {{ $labels.account }}/{{ $labels.stream }} crossed its threshold {{ $labels.threshold }}: {{ $value | humanize }}",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "The stream's metadata sets a threshold (`io.nats.monitor.*`, the keys of `nats server check stream`), and the stream has crossed it. `-warn` thresholds are warnings, all others are critical.",
        impact: "The team that owns the stream chose this threshold; only that team knows the consequence.",
        diagnosis: [
          "The label `threshold` names it. `lag-critical` and `seen-critical` are about sources and mirrors, `peer-…` about replicas. `msgs-…` are minimum numbers of messages. `subjects-…` are maximum numbers of subjects, or minimum numbers if the warning is above the critical threshold.",
          "Open NATS / Streams and consumers for this stream.",
        ],
        mitigation: [
          "Tell the team that owns the stream.",
          "If the threshold is wrong, correct it: `nats stream edit --metadata io.nats.monitor.…`.",
        ],
      },
    },
  ],
};
