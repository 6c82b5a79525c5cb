/** Scrapes servers of a rig and renders the result as text: everything but HTTP. */

import { EVERYTHING, type Selection } from "../../src/exporter/collect/selection.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import { Scraper } from "../../src/exporter/scrape/scraper.ts";
import type { Target } from "../../src/exporter/sources/target.ts";
import { render } from "../../src/metrics/exposition.ts";
import { Exposition } from "./exposition.ts";

/** Returns a scraper with all collectors, under natscope's own names. */
export function createScraper(targets: readonly Target[], selection: Partial<Selection> = {}): Scraper {
  return new Scraper({
    targets,
    collectors: COLLECTORS.map((collector) => ({ collector, serverLabel: true })),
    selection: { ...EVERYTHING, ...selection },
    seriesLimit: () => 100_000,
    limits: { maxBodyBytes: 64 * 1024 * 1024 },
  });
}

/** Scrapes once. The deadline is long, because the tests do not measure the machine. */
export async function scrape(scraper: Scraper, deadlineMs = 20_000): Promise<Exposition> {
  const families = await scraper.scrape({ deadlineMs });
  const chunks = Array.from(render(families, "prometheus-text"), (chunk) => Buffer.from(chunk));
  return new Exposition(Buffer.concat(chunks).toString("utf8"));
}
