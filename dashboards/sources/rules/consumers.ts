/** Alerts about consumers: lag that grows rather than lag that is, consumers that stand still. */
import { CLUSTER, inCluster, largest, unlessDisabled } from "./recordings.ts";
import { type AlertGroup, AS_THE_THRESHOLD_SAYS } from "./rule.ts";
import { consumerBeyondThreshold } from "./thresholds.ts";

const LAG = "consumer:nats_consumer_pending:max";
const DELIVERIES = "consumer:nats_consumer_deliveries:max";
const FULL = "consumer:nats_consumer_ack_pending:ratio";
const NAMES = `${CLUSTER}, account, stream, consumer`;
const PAUSED = `${largest("account, stream, consumer", "nats_consumer_paused")} == 1`;

export const consumerAlerts: AlertGroup = {
  name: "natscope.consumers",
  title: "Consumers",
  alerts: [
    {
      name: "NatsConsumerLeaderless",
      severity: "critical",
      expr: `min by (${NAMES}) (${inCluster("nats_consumer_leaderless")}) == 1`,
      for: "2m",
      keepFiringFor: "2m",
      summary: "Consumer {{ $labels.consumer }} of stream {{ $labels.stream }} has no leader",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "No replica of the consumer knows a leader: nothing is delivered and nothing is acknowledged.",
        look: [
          "Has the stream a leader (NatsStreamLeaderless)? Then look there.",
          "`nats_consumer_leaderless` by server: who has a replica, and is that server well?",
        ],
        act: [
          "Bring back the servers that are missing.",
          "If all are up: restart the server that has the replicas, or delete the consumer and make it again from the last acknowledged sequence.",
        ],
      },
    },
    {
      name: "NatsConsumerStalled",
      severity: "warning",
      expr: `min_over_time(${LAG}[10m]) > 0
and ${DELIVERIES} == ${DELIVERIES} offset 10m
unless ${FULL} >= 1
unless ${PAUSED}
${unlessDisabled("consumer")}`,
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "Consumer {{ $labels.consumer }} of stream {{ $labels.stream }} has {{ $value | humanize }} messages waiting and gets none",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "Messages have waited for ten minutes, and not one was delivered. Nobody asks for them, or those who ask get nothing.",
        look: [
          "NATS / Streams and consumers, Waiting pulls: 0 is that nobody asks, so the workers are gone or hang. `nats_consumer_push_bound` 0 is the same of a push consumer.",
          "Waiting pulls above 0: the server does not deliver. Look at its health and at its log.",
          "Was the worker deployed, can it connect, do its permissions reach `$JS.API.CONSUMER.MSG.NEXT`?",
        ],
        act: [
          "Start or restart the workers.",
          "If they ask and get nothing: let the consumer's leader step down (`nats consumer cluster step-down`).",
          "If the consumer is not needed any more, delete it.",
        ],
        harmless:
          "Consumers of jobs that run once a day: say `io.nats.monitor.enabled=false` in their metadata.",
      },
    },
    {
      name: "NatsConsumerAcksMissing",
      severity: "warning",
      expr: `min_over_time(${FULL}[10m]) >= 1
and ${DELIVERIES} == ${DELIVERIES} offset 10m
${unlessDisabled("consumer")}`,
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "Consumer {{ $labels.consumer }} of stream {{ $labels.stream }} gets nothing more: all that it may hold is unacknowledged",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "As many messages as `max_ack_pending` allows are delivered and not acknowledged, and that has not changed for ten minutes. The server delivers nothing until one is.",
        look: [
          "NATS / Streams and consumers, Since the last acknowledgement.",
          "NATS / Client, Duration of processing and Until acknowledged, of the application: do its handlers hang, on what?",
          "Were the workers replaced by some that never acknowledge?",
        ],
        act: [
          "Restart workers that hang; what they held is delivered again after the ack wait.",
          "A message that nobody can process: terminate it (`term`), and set `max_deliver`.",
        ],
      },
    },
    {
      name: "NatsConsumerLagGrowing",
      severity: "warning",
      expr: `min_over_time(${LAG}[15m]) > 1000 and min_over_time(${LAG}[15m]) > max_over_time(${LAG}[15m] offset 20m)
${unlessDisabled("consumer")}`,
      for: "10m",
      keepFiringFor: "15m",
      summary:
        "Consumer {{ $labels.consumer }} of stream {{ $labels.stream }} falls behind: {{ $value | humanize }} messages",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "The least lag of the last quarter of an hour is more than the most of the quarter that ended five minutes before it: the consumer does not keep up, and a burst is not the reason.",
        look: [
          "NATS / Streams and consumers, Lag grows by, and Deliveries: did more come in, or is less worked off?",
          "Unacknowledged by the most allowed: near 100 % the workers are the limit; else they ask for too few at a time.",
          "Redelivered: work that fails and is done again and again.",
        ],
        act: [
          "Add workers to the same consumer.",
          "Raise `max_ack_pending` and the batch that is pulled where messages are small.",
          "Find what made processing slower.",
        ],
      },
    },
    {
      name: "NatsConsumerRedelivering",
      severity: "warning",
      expr: `${largest(
        "account, stream, consumer",
        "(min_over_time(nats_consumer_redelivered[5m]) > 10 and nats_consumer_redelivered / nats_consumer_ack_pending > 0.5)",
      )}
${unlessDisabled("consumer")}`,
      for: "15m",
      keepFiringFor: "10m",
      summary:
        "Most of what consumer {{ $labels.consumer }} of stream {{ $labels.stream }} holds was delivered before: {{ $value | humanize }} messages",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "Messages are delivered again and again: workers fail, or take longer than the ack wait. Work is done twice, and new messages wait.",
        look: [
          "NATS / Client, Handlers that failed and Until acknowledged.",
          "`ack_wait` of the consumer beside the time that a message takes.",
        ],
        act: [
          "Longer work: raise `ack_wait`, or tell the server with `working()`.",
          "Work that cannot succeed: `term` it; set `max_deliver` and a backoff.",
        ],
      },
    },
    {
      name: "NatsConsumerThresholdCrossed",
      severity: AS_THE_THRESHOLD_SAYS,
      expr: consumerBeyondThreshold(),
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "Consumer {{ $labels.consumer }} of stream {{ $labels.stream }} has crossed its {{ $labels.threshold }}: {{ $value | humanize }}",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "The consumer's own metadata has a threshold (`io.nats.monitor.*`, the keys of `nats server check consumer`), and it is crossed. The team that owns the consumer has said that this matters.",
        look: [
          "The label `threshold` says which: `unprocessed-critical` is lag, `outstanding-ack-critical` unacknowledged messages, `redelivery-critical` messages delivered again, `waiting-critical` waiting pulls, `last-delivery-critical` and `last-ack-critical` seconds since, `pinned` that no client is pinned.",
          "NATS / Streams and consumers with this consumer.",
        ],
        act: [
          "Tell the team that owns the consumer.",
          "If the threshold is wrong: `nats consumer edit --metadata io.nats.monitor.…`.",
        ],
      },
    },
  ],
};
