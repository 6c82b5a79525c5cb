/** Identity of clients in `/connz`, for open and for closed connections. */
import { type JsonObject, text } from "../../sources/json.ts";

/**
 * Maximum number of groups reported separately. The smallest of the others are merged into one group whose client
 * is OTHER_CLIENTS.
 */
export const MAX_GROUPS = 500;

/** Client name of the merged group. The parentheses make a clash with a real client name unlikely. */
export const OTHER_CLIENTS = "(other)";

/** The global account, in which every client begins. The reply leaves out only this account. */
const GLOBAL_ACCOUNT = "$G";

/** Account id of a connection in `/connz?auth=true`. */
export function accountOf(connection: JsonObject): string {
  return text(connection.account) || GLOBAL_ACCOUNT;
}
