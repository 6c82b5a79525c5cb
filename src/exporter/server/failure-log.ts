/**
 * Log lines for failed collections: the first failure of each kind at once, later ones once a minute with their number.
 * A server that is down fails a dozen collections in every scrape; the metrics count each of them.
 */

import type { Log } from "../../text/log.ts";
import type { ScraperOptions } from "../scrape/scraper.ts";

const REPEAT_AFTER_MS = 60_000;

/**
 * A handler for `ScraperOptions.onFailure` that logs warnings. A kind is a server and a reason.
 *
 * @param now monotonic clock in milliseconds
 */
export function failureLog(
  log: Pick<Log, "warn">,
  now: () => number = () => performance.now(),
): NonNullable<ScraperOptions["onFailure"]> {
  const kinds = new Map<string, { loggedAt: number; omitted: number }>();
  return ({ server, collector, reason, message }) => {
    const kind = `${server}\n${reason}`;
    const known = kinds.get(kind);
    if (known && now() - known.loggedAt < REPEAT_AFTER_MS) {
      known.omitted++;
      return;
    }
    kinds.set(kind, { loggedAt: now(), omitted: 0 });
    const more = known && known.omitted > 0 ? { alike: known.omitted } : {};
    log.warn(message, { server, collector, reason, ...more });
  };
}
