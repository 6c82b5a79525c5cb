/** Alerts about consumers: growing lag (a large lag alone is no alert), stalled and blocked consumers. */
import { CLUSTER, inCluster, largest, unlessDisabled } from "../prometheus/recordings.ts";
import { type AlertGroup, SEVERITY_OF_THRESHOLD } from "../prometheus/rule.ts";
import { consumerBeyondThreshold } from "./thresholds.ts";

const LAG = "consumer:nats_consumer_pending:max";
const DELIVERIES = "consumer:nats_consumer_deliveries:max";
const FULL = "consumer:nats_consumer_ack_pending:ratio";
const NAMES = `${CLUSTER}, account, stream, consumer`;
const PAUSED = `${largest("account, stream, consumer", "nats_consumer_paused")} == 1`;

export const consumerAlerts: AlertGroup = {
  name: "natscope.consumers",
  title: "Consumers",
  source: "consumers.ts",
  alerts: [
    {
      name: "NatsConsumerLeaderless",
      severity: "critical",
      expr: `min by (${NAMES}) (${inCluster("nats_consumer_leaderless")}) == 1`,
      for: "2m",
      keepFiringFor: "2m",
      summary: "Consumer {{ $labels.account }}/{{ $labels.stream }}/{{ $labels.consumer }} has no leader",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning: "No replica of the consumer that answers knows a leader.",
        impact: "The server delivers no messages and accepts no acknowledgements.",
        diagnosis: [
          "Does the stream have a leader? If not, continue with NatsStreamLeaderless.",
          "Query `nats_consumer_leaderless` by server: which servers have a replica, and are they healthy?",
        ],
        mitigation: [
          "Start the servers that are missing.",
          "If all are up, restart the server that has the replicas. Or delete the consumer and create it again, starting at the last acknowledged sequence.",
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
        "Consumer {{ $labels.account }}/{{ $labels.stream }}/{{ $labels.consumer }} is stalled: {{ $value | humanize }} messages pending, none delivered for 10 minutes",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "Messages have been pending for 10 minutes, and the server delivered none of them. No worker is pulling, or the server does not answer the pulls.",
        impact: "These messages are not processed.",
        diagnosis: [
          "Open NATS / Streams and consumers, Waiting pulls = 0: no worker is pulling (down or hung). For a push consumer, `nats_consumer_push_bound` is 0.",
          "Waiting pulls above 0: the server does not deliver. Check its health and its log.",
          "Was the worker deployed, can it connect, do its permissions include `$JS.API.CONSUMER.MSG.NEXT`?",
        ],
        mitigation: [
          "Start or restart the workers.",
          "If workers are pulling but get nothing, let the leader of the consumer step down (`nats consumer cluster step-down`).",
          "If the consumer is no longer needed, delete it.",
        ],
        falsePositive:
          "Consumers of jobs that run once a day. Set `io.nats.monitor.enabled=false` in their metadata.",
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
        "Consumer {{ $labels.account }}/{{ $labels.stream }}/{{ $labels.consumer }} is blocked: {{ $value | humanizePercentage }} of max_ack_pending is used and nothing is acknowledged",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "The consumer has as many unacknowledged messages as `max_ack_pending` allows, and for 10 minutes nothing has changed.",
        impact: "The server delivers nothing more until a message is acknowledged.",
        diagnosis: [
          "Open NATS / Streams and consumers, Time since last ack.",
          "Open NATS / Client, Processing time and Ack latency, for the application: do its handlers hang, and on what?",
          "Was a version deployed that never acknowledges?",
        ],
        mitigation: [
          "Restart workers that hang; the server delivers their messages again after the ack wait.",
          "If a message cannot be processed, terminate it (`term`), and set `max_deliver`.",
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
        "Consumer {{ $labels.account }}/{{ $labels.stream }}/{{ $labels.consumer }} is {{ $value | humanize }} messages behind and falls further behind",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "The minimum lag of the last 15 minutes is larger than the maximum of the 15 minutes that ended 20 minutes ago, so a burst is not the reason.",
        impact: "Messages wait longer and longer before they are processed.",
        diagnosis: [
          "Open NATS / Streams and consumers, Lag growth and Deliveries: did more messages arrive, or are fewer processed?",
          "Ack pending ratio near 100 %: the workers are the limit. Far below: they pull too few messages at a time.",
          "Redelivered, unacknowledged: failing messages are processed again and again.",
        ],
        mitigation: [
          "Add workers to the consumer.",
          "If messages are small, raise `max_ack_pending` and the batch size of the pulls.",
          "Find out what made processing slower.",
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
        "Most unacknowledged messages of consumer {{ $labels.account }}/{{ $labels.stream }}/{{ $labels.consumer }} are redeliveries: {{ $value | humanize }} messages",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning: "Messages are delivered again and again. Workers fail, or take longer than the ack wait.",
        impact: "Messages are processed more than once, and new messages wait.",
        diagnosis: [
          "Open NATS / Client, Handler errors and Ack latency.",
          "Compare `ack_wait` of the consumer (`nats consumer info`) with the processing time of a message.",
        ],
        mitigation: [
          "If processing takes long, raise `ack_wait`, or let the worker call `working()`.",
          "If a message cannot be processed, terminate it (`term`), and set `max_deliver` and a backoff.",
        ],
      },
    },
    {
      name: "NatsConsumerThresholdCrossed",
      severity: SEVERITY_OF_THRESHOLD,
      expr: consumerBeyondThreshold(),
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "Consumer {{ $labels.account }}/{{ $labels.stream }}/{{ $labels.consumer }} crossed its threshold {{ $labels.threshold }}: {{ $value | humanize }}",
      dashboard: ["streams", "account", "stream", "consumer"],
      runbook: {
        meaning:
          "The consumer's metadata sets a threshold (`io.nats.monitor.*`, the keys of `nats server check consumer`), and the consumer has crossed it.",
        impact: "The team that owns the consumer chose this threshold; only that team knows the consequence.",
        diagnosis: [
          "The label `threshold` names it. `unprocessed-critical`: lag. `outstanding-ack-critical`: unacknowledged messages. `redelivery-critical`: redelivered messages. `waiting-critical`: waiting pulls. `last-delivery-critical`, `last-ack-critical`: seconds since then. `pinned`: no client is pinned.",
          "Open NATS / Streams and consumers for this consumer.",
        ],
        mitigation: [
          "Tell the team that owns the consumer.",
          "If the threshold is wrong, correct it: `nats consumer edit --metadata io.nats.monitor.…`.",
        ],
      },
    },
  ],
};
