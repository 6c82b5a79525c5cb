/** How `/connz` tells clients apart, whether their connections are open or closed. */
import { type JsonObject, text } from "../../sources/json.ts";

/** Most groups told apart; what is beyond, smallest first, is one group whose client is REST. */
export const MAX_GROUPS = 500;

/** The client name of that last group; parentheses, so that hardly a client calls itself that. */
export const REST = "(other)";

/** Every client begins in the global account, and the reply leaves just that one out. */
const GLOBAL_ACCOUNT = "$G";

/** Id of the account of a connection of `/connz?auth=true`. */
export function accountOf(connection: JsonObject): string {
  return text(connection.account) || GLOBAL_ACCOUNT;
}
