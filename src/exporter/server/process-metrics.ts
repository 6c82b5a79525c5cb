/** Metrics of natscope's own process: its build, and prom-client's default metrics of Node.js. */
import { collectDefaultMetrics, Registry } from "prom-client";
import { type Family, family, labelText, type Metric } from "../../metrics/family.ts";
import { familiesOf } from "../../metrics/registry.ts";

export const BUILD_INFO: Metric = {
  name: "natscope_build_info",
  type: "info",
  help: "Version of natscope and of Node.js as labels; the value is always 1.",
};

/** Gauges with the suffix of counters. Each is the sum of a metric that is kept. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** Returns a source of families. Call it once: it observes the garbage collector and the event loop from then on. */
export function processMetrics(version: string): () => Promise<Family[]> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const build = family(BUILD_INFO, (samples) =>
    samples.add(labelText(["version", "node"], [version, process.versions.node]), 1),
  );
  return async () => [build, ...(await familiesOf(registry))];
}
