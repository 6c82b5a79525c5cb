/**
 * Series that the alerts are written with. natscope's own are labelled by the server that says them; a value of a
 * stream or a consumer moves to another server with its leader, and an alert on it would begin anew.
 */
import type { Recording } from "./rule.ts";

/** What a cluster is told from others by. `namespace` is there where Kubernetes is. */
export const CLUSTER = "job, namespace, cluster";
/** What a server is told from others by. */
export const SERVER = "job, namespace, server";

/** Adds the label `cluster` to series of servers, streams and consumers. */
export const inCluster = (expression: string): string =>
  `${expression} * on (${SERVER}) group_left (cluster) server:nats_server_info:cluster`;

/** The largest value of each of `labels` in each cluster. */
export const largest = (labels: string, expression: string): string =>
  `max by (${CLUSTER}, ${labels}) (${inCluster(expression)})`;

/** Metadata of a stream or consumer that says `io.nats.monitor.enabled=false`: its team wants no alerts of it. */
export const unlessDisabled = (item: "stream" | "consumer"): string => {
  const names = item === "stream" ? "account, stream" : "account, stream, consumer";
  return `unless on (job, namespace, ${names}) nats_${item}_threshold{threshold="enabled"} == 0`;
};

/** All of them, in the order in which they need each other. */
export const RECORDINGS: readonly Recording[] = [
  {
    record: "server:nats_server_info:cluster",
    expr: `group by (${CLUSTER}, server) (nats_server_info{cluster!=""})
or on (${SERVER})
label_replace(group by (${SERVER}) (nats_up), "cluster", "$1", "server", "(.+)")`,
    why: "Which cluster a server belongs to. One without a cluster is a cluster of its own, called after it.",
  },
  {
    record: "consumer:nats_consumer_pending:max",
    expr: largest("account, stream, consumer", "nats_consumer_pending"),
    why: "Lag of a consumer, whole across changes of its leader.",
  },
  {
    record: "consumer:nats_consumer_deliveries:max",
    expr: largest("account, stream, consumer", "nats_consumer_deliveries_total"),
    why: "Deliveries to a consumer until now, whole across changes of its leader.",
  },
  {
    record: "consumer:nats_consumer_ack_pending:ratio",
    expr: largest("account, stream, consumer", "nats_consumer_ack_pending_ratio"),
    why: "Unacknowledged messages by the most allowed, whole across changes of the leader.",
  },
  {
    record: "stream:nats_stream_origin_lag:max",
    expr: largest("account, stream, role, origin", "nats_stream_origin_lag"),
    why: "How far a mirror or source is behind, whole across changes of its leader.",
  },
];
