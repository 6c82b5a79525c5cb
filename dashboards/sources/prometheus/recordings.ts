/**
 * Recording rules that the alerts use. natscope labels each series with the server that reported it. After an election
 * another server reports a stream or consumer, so an alert on the raw series would start its `for` period again.
 */
import type { Recording } from "./rule.ts";

/** Labels that identify a cluster. `namespace` exists only in Kubernetes. */
export const CLUSTER = "job, namespace, cluster";
/** Labels that identify a server. */
export const SERVER = "job, namespace, server";

/** Adds the label `cluster` to series of servers, streams and consumers. */
export const inCluster = (expression: string): string =>
  `${expression} * on (${SERVER}) group_left (cluster) server:nats_server_info:cluster`;

/** The maximum of an expression by cluster and `labels`. */
export const largest = (labels: string, expression: string): string =>
  `max by (${CLUSTER}, ${labels}) (${inCluster(expression)})`;

/** Excludes streams or consumers whose metadata has `io.nats.monitor.enabled=false`: their team wants no alerts. */
export const unlessDisabled = (item: "stream" | "consumer"): string => {
  const names = item === "stream" ? "account, stream" : "account, stream, consumer";
  return `unless on (job, namespace, ${names}) nats_${item}_threshold{threshold="enabled"} == 0`;
};

/** All recording rules; a rule may use the ones above it. */
export const RECORDINGS: readonly Recording[] = [
  {
    record: "server:nats_server_info:cluster",
    expr: `group by (${CLUSTER}, server) (nats_server_info{cluster!=""})
or on (${SERVER})
label_replace(group by (${SERVER}) (nats_up), "cluster", "$1", "server", "(.+)")`,
    why: "Cluster of each server. A server outside a cluster counts as a cluster with the name of the server.",
  },
  {
    record: "consumer:nats_consumer_pending:max",
    expr: largest("account, stream, consumer", "nats_consumer_pending"),
    why: "Lag of a consumer, continuous across leader changes.",
  },
  {
    record: "consumer:nats_consumer_deliveries:max",
    expr: largest("account, stream, consumer", "nats_consumer_deliveries_total"),
    why: "Deliveries to a consumer so far, continuous across leader changes.",
  },
  {
    record: "consumer:nats_consumer_ack_pending:ratio",
    expr: largest("account, stream, consumer", "nats_consumer_ack_pending_ratio"),
    why: "Unacknowledged messages as a fraction of max_ack_pending, continuous across leader changes.",
  },
  {
    record: "stream:nats_stream_origin_lag:max",
    expr: largest("account, stream, role, origin", "nats_stream_origin_lag"),
    why: "Lag of a mirror or source, continuous across leader changes.",
  },
];
