/** A watch over servers of a rig, and what it says as text: the whole way of a scrape but for HTTP. */

import { COLLECTORS } from "../../src/exporter/collect/collectors.ts";
import { EVERYTHING, type Selection } from "../../src/exporter/collect/selection.ts";
import type { Target } from "../../src/exporter/collect/target.ts";
import { Watch } from "../../src/exporter/collect/watch.ts";
import { render } from "../../src/metrics/exposition.ts";
import { Exposition } from "./exposition.ts";

/** Every collector under natscope's own names. */
export function watchOver(targets: readonly Target[], selection: Partial<Selection> = {}): Watch {
  return new Watch({
    targets,
    collectors: COLLECTORS.map((collector) => ({ collector, serverLabel: true })),
    selection: { ...EVERYTHING, ...selection },
    seriesLimit: () => 100_000,
    limits: { maxBodyBytes: 64 * 1024 * 1024 },
  });
}

/** One scrape. The deadline is long: a slow machine is not what the tests are about. */
export async function scrape(watch: Watch, deadlineMs = 20_000): Promise<Exposition> {
  const families = await watch.scrape({ deadlineMs });
  const chunks = Array.from(render(families, "prometheus-text"), (chunk) => Buffer.from(chunk));
  return new Exposition(Buffer.concat(chunks).toString("utf8"));
}
