/** What the process says about itself besides its scrapes: which build it is, and node's own metrics. */
import { collectDefaultMetrics, Registry } from "prom-client";
import { type Family, family, labelText, type Metric } from "../metrics/family.ts";
import { familiesOf } from "../metrics/registry.ts";

export const BUILD_INFO: Metric = {
  name: "natscope_build_info",
  type: "info",
  help: "Always 1; which natscope this is, and on which node it runs.",
};

/** Gauges with the ending of counters; each is the sum of a metric that stays. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** A source of the process's families. Call once: it watches the garbage collector and the event loop from then on. */
export function processMetrics(version: string): () => Promise<Family[]> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const build = family(BUILD_INFO, (samples) =>
    samples.add(labelText(["version", "node"], [version, process.versions.node]), 1),
  );
  return async () => [build, ...(await familiesOf(registry))];
}
