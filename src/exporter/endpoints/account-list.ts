/** The accounts of a server, for collectors that must ask about each of them. */

import { isSelected, type Selection } from "../collect/selection.ts";
import { at, list } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import type { Request } from "../sources/monitoring-port/monitor.ts";

/** The request for the ids of all accounts: `/accountz` of no account in particular. */
export const ACCOUNT_LIST: Request = { path: "/accountz" };

/**
 * Most accounts that one collection asks about. Such requests go out one after the other, so this bounds
 * what a scrape costs a server of ten thousand tenants; `include` patterns choose which accounts it is.
 */
export const MAX_ACCOUNTS = 256;

/** Whether the answer says which accounts there are; where it does not, nobody knows how many are left out. */
export function isAccountList({ root }: Document): boolean {
  const ids = at(root, ["accounts"]);
  return Array.isArray(ids) && ids.every((id) => typeof id === "string");
}

/**
 * Ids of the selected accounts, sorted: the server's own order is that of a hash map, and asking about the
 * first few of it would speak of other accounts in each scrape.
 */
export function selectedAccounts({ root }: Document, { accounts }: Pick<Selection, "accounts">): string[] {
  const ids = list(at(root, ["accounts"])).filter((id) => typeof id === "string" && id !== "") as string[];
  return [...new Set(ids)].filter((id) => isSelected(id, accounts)).sort();
}
