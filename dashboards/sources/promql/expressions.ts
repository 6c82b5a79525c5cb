/** PromQL fragments that dashboards and alerts share. */

/** Label matchers for the variables of the server, JetStream and overview dashboards. */
export const SERVER_MATCHERS = 'job=~"$job", server=~"$server"';
/** Label matchers for streams, on the dashboard with the variables `account` and `stream`. */
export const STREAM_MATCHERS = `${SERVER_MATCHERS}, account=~"$account", stream=~"$stream"`;
/** Label matchers for consumers, on the same dashboard. */
export const CONSUMER_MATCHERS = `${STREAM_MATCHERS}, consumer=~"$consumer"`;
/** Label matchers for instrumented applications and for natscope itself. */
export const INSTANCE_MATCHERS = 'job=~"$job", instance=~"$instance"';

/** A value per stream. Only the leader reports it, so `max` returns the leader's value from any server. */
export function perStream(metric: string): string {
  return `max by (account, stream) (${metric}{${STREAM_MATCHERS}})`;
}

/** A value per consumer, from its leader. */
export function perConsumer(metric: string): string {
  return `max by (account, stream, consumer) (${metric}{${CONSUMER_MATCHERS}})`;
}

/** The `count` largest series: a panel with a thousand lines is unreadable. */
export function top(expression: string, count = 15): string {
  return `topk(${count}, ${expression})`;
}

/**
 * A quantile of a histogram, stored as classic buckets (`le`) or as a native histogram.
 *
 * @param share quantile from 0 to 1
 * @param by labels to keep; may be empty
 */
export function quantile(share: number, histogram: string, matchers: string, by: readonly string[]): string {
  const over = "[$__rate_interval]";
  const classic = `sum by (${["le", ...by].join(", ")}) (rate(${histogram}_bucket{${matchers}}${over}))`;
  const native = `sum${by.length > 0 ? ` by (${by.join(", ")})` : ""} (rate(${histogram}{${matchers}}${over}))`;
  return `histogram_quantile(${share}, ${classic}) or histogram_quantile(${share}, ${native})`;
}

/**
 * Observations per second of a histogram, stored as classic buckets or as a native histogram.
 *
 * @param over range of the rate: `$__rate_interval` in a dashboard, a duration in a rule
 */
export function observations(
  histogram: string,
  matchers: string,
  by: readonly string[],
  over = "$__rate_interval",
): string {
  const grouping = `sum by (${by.join(", ")})`;
  const classic = `${grouping} (rate(${histogram}_count{${matchers}}[${over}]))`;
  return `(${classic} or ${grouping} (histogram_count(rate(${histogram}{${matchers}}[${over}]))))`;
}

/** Observations per second in each bucket of a histogram, for a heatmap. */
export function buckets(histogram: string, matchers: string): string {
  const over = "[$__rate_interval]";
  return `sum by (le) (rate(${histogram}_bucket{${matchers}}${over})) or sum (rate(${histogram}{${matchers}}${over}))`;
}
