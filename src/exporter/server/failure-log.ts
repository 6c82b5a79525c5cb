/**
 * Failures of collections as log lines: the first of a kind at once, those like it once a minute with how
 * many there were. A dead server fails a dozen collections in every scrape; each is counted in the metrics.
 */

import type { Log } from "../../text/log.ts";
import type { ScraperOptions } from "../scrape/scraper.ts";

const REPEAT_AFTER_MS = 60_000;

/** @param now milliseconds that only grow */
export function failureLog(
  log: Pick<Log, "warn">,
  now: () => number = () => performance.now(),
): NonNullable<ScraperOptions["onFailure"]> {
  const kinds = new Map<string, { saidAt: number; unsaid: number }>();
  return ({ server, collector, reason, message }) => {
    const kind = `${server}\n${reason}`;
    const known = kinds.get(kind);
    if (known && now() - known.saidAt < REPEAT_AFTER_MS) {
      known.unsaid++;
      return;
    }
    kinds.set(kind, { saidAt: now(), unsaid: 0 });
    const more = known && known.unsaid > 0 ? { alike: known.unsaid } : {};
    log.warn(message, { server, collector, reason, ...more });
  };
}
