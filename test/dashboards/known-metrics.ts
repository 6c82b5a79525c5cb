/** Every metric that a dashboard or rule may use, with its type, from the tables that define the metrics. */
import { collectDefaultMetrics, Registry } from "prom-client";
import { RECORDINGS } from "../../dashboards/sources/prometheus/recordings.ts";
import { LIVE_METRICS } from "../../src/bench/progress/table.ts";
import { CLIENT_METRICS } from "../../src/client/metrics/table.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import { OWN_METRICS } from "../../src/exporter/server/own-metrics.ts";

export type MetricType = "counter" | "gauge" | "info" | "histogram";

/** Series that Prometheus adds itself. */
const PROMETHEUS_SERIES = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "ALERTS",
  "ALERTS_FOR_STATE",
];

/** Metric types by name, with the `_bucket`, `_count` and `_sum` series of histograms. */
export async function knownMetrics(): Promise<ReadonlyMap<string, MetricType>> {
  const process = new Registry();
  collectDefaultMetrics({ register: process });
  const all: { readonly name: string; readonly type: string }[] = [
    ...OWN_METRICS,
    ...COLLECTORS.flatMap(({ tables }) => tables.flatMap(({ rows }) => rows)),
    ...Object.values(CLIENT_METRICS),
    ...LIVE_METRICS,
    ...(await process.getMetricsAsJSON()).map(({ name, type }) => ({ name, type: String(type) })),
    ...RECORDINGS.map(({ record }) => ({ name: record, type: "gauge" })),
    ...PROMETHEUS_SERIES.map((name) => ({ name, type: "gauge" })),
  ];
  const known = new Map<string, MetricType>();
  for (const { name, type } of all) {
    known.set(name, type as MetricType);
    if (type !== "histogram") continue;
    for (const part of ["bucket", "count", "sum"]) known.set(`${name}_${part}`, "counter");
  }
  return known;
}
