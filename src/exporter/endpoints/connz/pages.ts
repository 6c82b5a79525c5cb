/**
 * All open connections from `/connz`, page by page.
 *
 * The server builds and sorts the whole list for each page, so a few large pages cost it less than many small ones.
 * Paging is not atomic: if a connection closes between two requests, all later ones move forward and one may be
 * missed. Sorted by cid, new connections appear only at the end.
 */
import type { Ask } from "../../collect/collector.ts";
import { number } from "../../collect/conversions.ts";
import { at, list, text } from "../../sources/json.ts";
import type { Document } from "../../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../../sources/monitoring-port/failure.ts";
import type { Request } from "../../sources/monitoring-port/monitor.ts";

/** Connections per page. */
const PAGE_SIZE = 10_000;
/** Limits the pages of one scrape: a million connections. */
const MAX_PAGES = 100;

/** Request for one page. `auth=true` adds the account. */
export function openConnections(offset: number): Request {
  const path = `/connz?auth=true&sort=cid&limit=${PAGE_SIZE}${offset === 0 ? "" : `&offset=${offset}`}`;
  return { path, cut: ["connections"] };
}

/**
 * All pages, at least one. Rejects with CollectionFailure: reason `too_large` if there are more than MAX_PAGES,
 * `identity` if another server answers in between.
 */
export async function askOpenConnections(ask: Ask): Promise<readonly Document[]> {
  const pages: Document[] = [];
  let offset = 0;
  while (pages.length < MAX_PAGES) {
    const page = await ask(openConnections(offset));
    requireSameServer(page, pages[0]);
    pages.push(page);
    const connections = list(at(page.root, ["connections"])).length;
    offset += connections;
    // An empty page also ends the list: connections closed since the page before.
    if (connections === 0 || offset >= (number(at(page.root, ["total"])) ?? 0)) return pages;
  }
  throw new CollectionFailure(
    "too_large",
    `GET /connz lists connections beyond ${MAX_PAGES} pages of ${PAGE_SIZE}; natscope reads no more`,
  );
}

/** Behind a load balancer, or across a restart, pages may come from two servers. */
function requireSameServer(page: Document, first: Document | undefined): void {
  const answeredBy = text(at(page.root, ["server_id"]));
  const before = text(at(first?.root, ["server_id"]));
  if (first && answeredBy !== before) {
    throw new CollectionFailure(
      "identity",
      "pages of /connz came from different servers: the server restarted, or the URL is a load balancer",
    );
  }
}
