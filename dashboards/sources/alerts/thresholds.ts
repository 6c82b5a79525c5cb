/**
 * Thresholds that teams set in the metadata of streams and consumers (`io.nats.monitor.*`), compared with the current
 * values in the same way as `nats server check` does. 0 means not set.
 */
import { CLUSTER, inCluster } from "../prometheus/recordings.ts";

type Comparison = ">" | ">=" | "<" | "<=" | "!=";

/** Labels shared by a value and its threshold: one leader reports both in one scrape. */
const SAME = {
  stream: "job, instance, server, account, stream",
  consumer: "job, instance, server, account, stream, consumer",
} as const;

function beyond(
  item: "stream" | "consumer",
  value: string,
  comparison: Comparison,
  threshold: string,
): string {
  return `${value} ${comparison} on (${SAME[item]}) group_right () (nats_${item}_threshold{threshold="${threshold}"} > 0)`;
}

function any(item: "stream" | "consumer", checks: readonly string[]): string {
  const names = item === "stream" ? "account, stream" : "account, stream, consumer";
  const crossed = checks.map((check) => `(${check})`).join("\nor ");
  return `max by (${CLUSTER}, ${names}, threshold) (${inCluster(`(\n${crossed}\n)`)})
unless on (job, namespace, ${names}) nats_${item}_threshold{threshold="enabled"} == 0`;
}

const perStream = (aggregation: string, metric: string): string =>
  `${aggregation} by (${SAME.stream}) (${metric})`;

/** Streams that crossed a threshold, labelled with the threshold; the value is the measured one. */
export function streamBeyondThreshold(): string {
  // subjects-critical is an upper limit, unless subjects-warn is above it: then both are lower limits.
  const upper = (threshold: string): string =>
    `(nats_stream_threshold{threshold="${threshold}"} > 0 unless on (${SAME.stream}) (nats_stream_threshold{threshold="subjects-warn"} >= on (${SAME.stream}) nats_stream_threshold{threshold="subjects-critical"}))`;
  const lower = (threshold: string): string =>
    `(nats_stream_threshold{threshold="${threshold}"} > 0 and on (${SAME.stream}) (nats_stream_threshold{threshold="subjects-warn"} >= on (${SAME.stream}) nats_stream_threshold{threshold="subjects-critical"}))`;
  const subjects = (comparison: Comparison, threshold: string): string =>
    `nats_stream_subjects ${comparison} on (${SAME.stream}) group_right () ${threshold}`;
  return any("stream", [
    beyond("stream", perStream("max", "nats_stream_origin_lag"), ">=", "lag-critical"),
    beyond("stream", perStream("max", "nats_stream_origin_idle_seconds"), ">=", "seen-critical"),
    beyond("stream", perStream("count", 'nats_stream_origin_lag{role="source"}'), "<", "min-sources"),
    beyond("stream", perStream("count", 'nats_stream_origin_lag{role="source"}'), ">", "max-sources"),
    beyond("stream", `(${perStream("count", "nats_stream_replica_current")} + 1)`, "!=", "peer-expect"),
    beyond("stream", perStream("max", "nats_stream_replica_lag"), ">", "peer-lag-critical"),
    beyond("stream", perStream("max", "nats_stream_replica_last_seen_seconds"), ">", "peer-seen-critical"),
    beyond("stream", "nats_stream_messages", "<=", "msgs-warn"),
    beyond("stream", "nats_stream_messages", "<=", "msgs-critical"),
    subjects(">=", upper("subjects-warn")),
    subjects(">=", upper("subjects-critical")),
    subjects("<=", lower("subjects-warn")),
    subjects("<=", lower("subjects-critical")),
  ]);
}

/** Consumers that crossed a threshold. A consumer without a delivery since its leader was elected is not late. */
export function consumerBeyondThreshold(): string {
  return any("consumer", [
    beyond("consumer", "nats_consumer_ack_pending", ">=", "outstanding-ack-critical"),
    beyond("consumer", "nats_consumer_waiting_pulls", ">=", "waiting-critical"),
    beyond("consumer", "nats_consumer_pending", ">=", "unprocessed-critical"),
    beyond("consumer", "nats_consumer_redelivered", ">=", "redelivery-critical"),
    beyond(
      "consumer",
      "(time() - nats_consumer_last_delivery_timestamp_seconds)",
      ">=",
      "last-delivery-critical",
    ),
    beyond("consumer", "(time() - nats_consumer_last_ack_timestamp_seconds)", ">=", "last-ack-critical"),
    // 1 if a group has no pinned client; the threshold `pinned` is then 1, which stands for true.
    beyond("consumer", `(1 - min by (${SAME.consumer}) (nats_consumer_pinned))`, ">=", "pinned"),
  ]);
}
