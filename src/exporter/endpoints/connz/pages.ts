/**
 * `/connz` page by page until all open connections are had.
 *
 * The server builds and sorts the whole list for each page, so a few large pages are gentler than many small
 * ones. Paging is not atomic: a connection that closes meanwhile moves those after it one place forward, and
 * one of them may be missed; sorted by cid, new ones only come at the end.
 */
import type { Ask } from "../../collect/collector.ts";
import { number } from "../../collect/conversions.ts";
import { at, list, text } from "../../sources/json.ts";
import type { Document } from "../../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../../sources/monitoring-port/failure.ts";
import type { Request } from "../../sources/monitoring-port/monitor.ts";

/** Connections of a page. */
export const PAGE_SIZE = 10_000;
/** A server of a million connections is not asked for more. */
const MAX_PAGES = 100;

/** `auth=true` is what adds the account. */
export function openConnections(offset: number): Request {
  const path = `/connz?auth=true&sort=cid&limit=${PAGE_SIZE}${offset === 0 ? "" : `&offset=${offset}`}`;
  return { path, cut: ["connections"] };
}

/**
 * Every page, at least one. Rejects with CollectionFailure: `too_large` where there are more pages than are asked for,
 * `identity` where another server answers halfway.
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
    // An empty page is the end too: connections closed since the page before.
    if (connections === 0 || offset >= (number(at(page.root, ["total"])) ?? 0)) return pages;
  }
  throw new CollectionFailure("too_large", `/connz goes on after ${MAX_PAGES} pages`);
}

/** Behind a load balancer, or across a restart, pages may be of two servers. */
function requireSameServer(page: Document, first: Document | undefined): void {
  const answeredBy = text(at(page.root, ["server_id"]));
  const before = text(at(first?.root, ["server_id"]));
  if (first && answeredBy !== before) {
    throw new CollectionFailure("identity", "pages of /connz were answered by different servers");
  }
}
