/** Alerts about streams and their replicas, mirrors and sources. */
import { CLUSTER, inCluster, largest, unlessDisabled } from "./recordings.ts";
import { type AlertGroup, AS_THE_THRESHOLD_SAYS } from "./rule.ts";
import { streamBeyondThreshold } from "./thresholds.ts";

const LAG = "stream:nats_stream_origin_lag:max";

export const streamAlerts: AlertGroup = {
  name: "natscope.streams",
  title: "Streams",
  alerts: [
    {
      name: "NatsStreamLeaderless",
      severity: "critical",
      expr: `min by (${CLUSTER}, account, stream) (${inCluster("nats_stream_leaderless")}) == 1`,
      for: "2m",
      keepFiringFor: "2m",
      summary: "Stream {{ $labels.stream }} of account {{ $labels.account }} has no leader",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "No replica that can be asked knows a leader: the stream takes no messages, and publishers time out.",
        look: [
          "NATS / Overview: servers down? A majority of the stream's replicas must be up.",
          "`nats_stream_leaderless` by server: who has a replica. `nats_raft_leaderless` by group.",
          "`nats stream cluster` says what is left.",
        ],
        act: [
          "Bring back the servers that have the other replicas.",
          "If all are up, restart the server whose log speaks of the group's errors.",
          "Replicas that are lost for good: remove the peer (`nats stream cluster peer-remove`) once there is a leader again, else restore the stream from a backup.",
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
        meaning:
          "Leaders have not heard of a replica. The streams go on with the others; one more lost, and those of three replicas stop.",
        look: [
          "Is the server down (NatsServerDown), or cut off (NatsClusterPartitioned)?",
          "NATS / Streams and consumers, Replicas that may be lost.",
        ],
        act: [
          "Bring the server back; replicas catch up by themselves.",
          "If it will not return: remove it from the meta group, and the cluster places its replicas anew.",
          "Do not restart another server of the cluster before.",
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
        "The replica of stream {{ $labels.stream }} on {{ $labels.peer }} is {{ $value | humanize }} operations behind",
      dashboard: ["jetstream"],
      runbook: {
        meaning:
          "A replica that is up does not keep up with its leader, and has not been near for a quarter of an hour. It is of no use if the leader is lost.",
        look: [
          "NATS / JetStream, Replicas behind: one stream, or all on one server?",
          "Disk, CPU and routes of that server.",
        ],
        act: [
          "Relieve the server, move leaders away from it.",
          "If one stream alone stays behind, let the leader step down; then remove and add the peer.",
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
        "Stream {{ $labels.stream }} of account {{ $labels.account }} is {{ $value | humanizePercentage }} full",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "A stream that must not lose messages is nearly full. With discard new (all key-value buckets) publishes fail at the limit; a work queue with discard old throws away work that nobody has done.",
        look: [
          "NATS / Streams and consumers, Full: bytes or messages, and since when.",
          "A work queue: do its consumers get on?",
        ],
        act: [
          "Start the consumers, or give them more workers.",
          "Raise the limit, or give messages an age.",
          "A bucket: delete keys, lower `history`.",
        ],
        harmless: "Streams of limits that discard old messages are always full, and are left out.",
      },
    },
    {
      name: "NatsStreamMessagesLost",
      severity: "warning",
      expr: largest("account, stream", "nats_stream_lost_messages").concat(" > 0"),
      for: "1m",
      keepFiringFor: "1h",
      summary: "{{ $value }} messages of stream {{ $labels.stream }} are missing or damaged on its leader",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "The leader's store found messages that it should have and cannot read. Consumers skip them.",
        look: [
          "The server's log at its last start: which blocks were damaged.",
          "The disk: I/O errors, a power cut.",
        ],
        act: [
          "With several replicas: let the leader step down, remove the damaged peer and add it again.",
          "With one: restore from a backup, or accept the loss and purge up to it.",
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
        "Stream {{ $labels.stream }} does not get messages from its {{ $labels.role }} {{ $labels.origin }}",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "A mirror or a stream with sources has not heard of its origin, or is refused there. It shows old data.",
        look: [
          "`nats stream info` of the stream names the error.",
          "Does the origin exist, is its cluster or leaf node connected, may the account import it?",
        ],
        act: [
          "Connect what is disconnected; make the origin anew with the same name; correct the subjects of external APIs.",
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
        "Stream {{ $labels.stream }} falls behind its {{ $labels.role }} {{ $labels.origin }}: {{ $value | humanize }} messages",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "The least lag of the last quarter of an hour is more than the most of the quarter that ended five minutes before it: it does not catch up.",
        look: [
          "The link to the origin's cluster: round trip, bandwidth.",
          "CPU and disk of the leaders of both.",
        ],
        act: [
          "Relieve the link or the servers; put the leaders nearer to each other; filter what need not be copied.",
        ],
      },
    },
    {
      name: "NatsStreamThresholdCrossed",
      severity: AS_THE_THRESHOLD_SAYS,
      expr: streamBeyondThreshold(),
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "Stream {{ $labels.stream }} of account {{ $labels.account }} has crossed its {{ $labels.threshold }}: {{ $value | humanize }}",
      dashboard: ["streams", "account", "stream"],
      runbook: {
        meaning:
          "The stream's own metadata has a threshold (`io.nats.monitor.*`, the keys of `nats server check stream`), and it is crossed. The team that owns the stream has said that this matters; `-warn` is a warning, all others are critical.",
        look: [
          "The label `threshold` says which. `lag-critical` and `seen-critical` are about sources and mirrors, `peer-…` about replicas; `msgs-…` says that too few messages are there; `subjects-…` too many, or too few where the warning is above the critical one.",
          "NATS / Streams and consumers with this stream.",
        ],
        act: [
          "Tell the team that owns the stream.",
          "If the threshold is wrong: `nats stream edit --metadata io.nats.monitor.…`.",
        ],
      },
    },
  ],
};
