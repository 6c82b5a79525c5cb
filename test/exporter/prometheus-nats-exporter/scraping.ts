/** A scraper with prometheus-nats-exporter's names, and its output. */

import { EVERYTHING, type Selection } from "../../../src/exporter/collect/selection.ts";
import {
  type ExporterOptions,
  exporterCollectors,
} from "../../../src/exporter/prometheus-nats-exporter/prometheus-nats-exporter.ts";
import type { ScrapeRequest } from "../../../src/exporter/scrape/scraper.ts";
import { Scraper } from "../../../src/exporter/scrape/scraper.ts";
import { SELF_METRICS } from "../../../src/exporter/scrape/self-report.ts";
import type { Target } from "../../../src/exporter/sources/target.ts";
import { render } from "../../../src/metrics/exposition.ts";
import { Exposition, identity } from "../../rig/exposition.ts";

export function exporterWatch(
  targets: readonly Target[],
  options: ExporterOptions,
  selection: Partial<Selection> = {},
): Scraper {
  return new Scraper({
    targets,
    collectors: exporterCollectors(options).map((collector) => ({ collector, serverLabel: false })),
    selection: { ...EVERYTHING, ...selection },
    seriesLimit: () => 100_000,
    limits: { maxBodyBytes: 64 * 1024 * 1024 },
  });
}

const OWN = new Set(SELF_METRICS.map(({ name }) => name));

/** One scrape, without metrics about natscope. */
export async function scrapeExporter(
  scraper: Scraper,
  request: Partial<ScrapeRequest> = {},
): Promise<Exposition> {
  const families = (await scraper.scrape({ deadlineMs: 20_000, ...request })).filter(
    ({ metric }) => !OWN.has(metric.name),
  );
  return new Exposition(
    Buffer.concat(Array.from(render(families, "prometheus-text"), (chunk) => Buffer.from(chunk))).toString(
      "utf8",
    ),
  );
}

/** Values by series. */
export function valuesOf(exposition: Exposition): Map<string, number> {
  const values = new Map<string, number>();
  for (const { samples } of exposition.families.values()) {
    for (const sample of samples) values.set(identity(sample), sample.value);
  }
  return values;
}

/** Types by metric. */
export function typesOf(exposition: Exposition): Record<string, string> {
  return Object.fromEntries([...exposition.families.values()].map(({ name, type }) => [name, type]).sort());
}
