/** Every metric that a dashboard or a rule may name, with its type: from the tables that the programs run on. */
import { collectDefaultMetrics, Registry } from "prom-client";
import { RECORDINGS } from "../../dashboards/sources/rules/recordings.ts";
import { LIVE_METRICS } from "../../src/bench/progress/table.ts";
import { OWN_METRICS } from "../../src/cli/own-metrics.ts";
import { CLIENT_METRICS } from "../../src/client/metrics/table.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";

export type MetricType = "counter" | "gauge" | "info" | "histogram";

/** What Prometheus makes itself. */
const OF_PROMETHEUS = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "ALERTS",
  "ALERTS_FOR_STATE",
];

/** Type by name; of histograms, the names of their parts too. */
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
    ...OF_PROMETHEUS.map((name) => ({ name, type: "gauge" })),
  ];
  const known = new Map<string, MetricType>();
  for (const { name, type } of all) {
    known.set(name, type as MetricType);
    if (type !== "histogram") continue;
    for (const part of ["bucket", "count", "sum"]) known.set(`${name}_${part}`, "counter");
  }
  return known;
}
