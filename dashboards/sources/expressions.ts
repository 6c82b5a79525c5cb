/** Parts of PromQL that dashboards and rules have in common. */

/** Matchers of the variables that server, stream and consumer dashboards have. */
export const OF_SERVER = 'job=~"$job", server=~"$server"';
/** Of streams, on the board that has them. */
export const OF_STREAM = `${OF_SERVER}, account=~"$account", stream=~"$stream"`;
/** Of consumers, on the same board. */
export const OF_CONSUMER = `${OF_STREAM}, consumer=~"$consumer"`;
/** Of an instrumented application, and of natscope itself. */
export const OF_INSTANCE = 'job=~"$job", instance=~"$instance"';

/** A value of streams: their leaders say it, whoever they are, and nobody else. */
export function ofStream(metric: string): string {
  return `max by (account, stream) (${metric}{${OF_STREAM}})`;
}

/** A value of consumers, of their leaders. */
export function ofConsumer(metric: string): string {
  return `max by (account, stream, consumer) (${metric}{${OF_CONSUMER}})`;
}

/** The largest of them. A panel with a thousand lines says nothing. */
export function top(expression: string, count = 15): string {
  return `topk(${count}, ${expression})`;
}

/**
 * A quantile of a histogram, whichever of its two kinds is stored: the classic one by `le`, or the native one.
 *
 * @param by labels to keep; may be empty
 */
export function quantile(share: number, histogram: string, matchers: string, by: readonly string[]): string {
  const over = "[$__rate_interval]";
  const classic = `sum by (${["le", ...by].join(", ")}) (rate(${histogram}_bucket{${matchers}}${over}))`;
  const native = `sum${by.length > 0 ? ` by (${by.join(", ")})` : ""} (rate(${histogram}{${matchers}}${over}))`;
  return `histogram_quantile(${share}, ${classic}) or histogram_quantile(${share}, ${native})`;
}

/**
 * Observations of a histogram in a second, whichever of its two kinds is stored.
 *
 * @param over range, `$__rate_interval` in a dashboard
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

/** A histogram's course: how many observations came in each bucket, in a second. */
export function buckets(histogram: string, matchers: string): string {
  const over = "[$__rate_interval]";
  return `sum by (le) (rate(${histogram}_bucket{${matchers}}${over})) or sum (rate(${histogram}{${matchers}}${over}))`;
}
