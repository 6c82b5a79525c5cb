/** The list of accounts, for collectors that send one request per account. */

import { isSelected, type Selection } from "../collect/selection.ts";
import { at, list } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import type { Request } from "../sources/monitoring-port/monitor.ts";

/** Request for all account ids: `/accountz` without an account. */
export const ACCOUNT_LIST: Request = { path: "/accountz" };

/**
 * Maximum number of accounts that one collection requests. The requests go out one after another, so this bounds
 * the cost of a scrape on a server with ten thousand tenants. `include` patterns choose the accounts.
 */
export const MAX_ACCOUNTS = 256;

/** Whether the reply lists accounts. If it does not, the number of omitted accounts is unknown. */
export function isAccountList({ root }: Document): boolean {
  const ids = at(root, ["accounts"]);
  return Array.isArray(ids) && ids.every((id) => typeof id === "string");
}

/**
 * Ids of the selected accounts, sorted. The server lists them in map order, so without sorting each scrape would
 * cover a different subset.
 */
export function selectedAccounts({ root }: Document, { accounts }: Pick<Selection, "accounts">): string[] {
  const ids = list(at(root, ["accounts"])).filter((id) => typeof id === "string" && id !== "") as string[];
  return [...new Set(ids)].filter((id) => isSelected(id, accounts)).sort();
}
