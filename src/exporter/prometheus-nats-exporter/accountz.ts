/**
 * `accountz`: state and JWT limits of every account. One request per account, as in the exporter; an account
 * that is gone by the time it is asked for is left out.
 */
import type { Collector } from "../collect/collector.ts";
import type { Table } from "../collect/table.ts";
import { ACCOUNT_LIST, selectedAccounts } from "../endpoints/account-list.ts";
import { at, isObject, type JsonObject, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";
import { count, flag, replyObject } from "./decoding.ts";
import type { Naming } from "./naming.ts";

const PATH = "/accountz";

interface AccountState {
  readonly serverId: string;
  readonly account: JsonObject;
  readonly limits: JsonObject;
}

export function accountz(naming: Naming): Collector<readonly Document[]> {
  const state = accountState(naming);
  return {
    name: "accountz",
    summary: "state and limits of each account",
    tables: [state],
    async fetch(ask, { selection }) {
      const accounts = await ask(ACCOUNT_LIST);
      replyObject(accounts, ACCOUNT_LIST.path);
      const replies = [accounts];
      for (const id of selectedAccounts(accounts, selection)) {
        const detail = await ask({ path: `${PATH}?acc=${encodeURIComponent(id.toWellFormed())}` }).catch(
          noneIfGone,
        );
        if (detail) replies.push(detail);
      }
      return replies;
    },
    *read([, ...details], context, sink) {
      const serverId = naming.serverId(context);
      if (serverId === undefined) return;
      for (const { root } of details) {
        const account = at(root, ["account_detail"]);
        if (!isObject(account)) continue;
        sink.add(state, {
          serverId,
          account,
          limits: object(at(account, ["decoded_jwt", "nats", "limits"])),
        });
        yield;
      }
    },
  };
}

function noneIfGone(error: unknown): undefined {
  if (!(error instanceof CollectionFailure && error.reason === "status")) throw error;
}

function accountState({ core }: Naming): Table<AccountState> {
  const row = (
    name: string,
    field: string,
    help: string,
    read: (state: AccountState) => number | undefined,
  ): Table<AccountState>["rows"][number] => ({
    name: core("accountz", name),
    type: "gauge",
    help,
    field: `account_detail.${field}`,
    read,
  });
  const limit = (name: string, what: string): Table<AccountState>["rows"][number] =>
    row(
      `limit_${name}`,
      `decoded_jwt.nats.limits.${name}`,
      `${what} that the account's JWT allows; -1 is any, 0 also without a JWT.`,
      ({ limits }) => (name === "wildcards" ? flag(limits[name]) : count(limits[name])),
    );
  return {
    item: "account",
    endpoint: PATH,
    labels: ["server_id", "account_id", "account_name"],
    identify: ({ serverId, account }) => [serverId, text(account.account_name), text(account.name_tag)],
    rows: [
      row("client_connections", "client_connections", "Client connections open now.", (s) =>
        count(s.account.client_connections),
      ),
      row("leafnode_connections", "leafnode_connections", "Leaf node connections open now.", (s) =>
        count(s.account.leafnode_connections),
      ),
      row("subscriptions", "subscriptions", "Subscriptions now.", (s) => count(s.account.subscriptions)),
      row("is_system", "is_system", "1 for the system account.", (s) => flag(s.account.is_system)),
      row("expired", "expired", "1 if the account's JWT has expired.", (s) => flag(s.account.expired)),
      row("complete", "complete", "1 if all that the account imports is resolved.", (s) =>
        flag(s.account.complete),
      ),
      row("jetstream_enabled", "jetstream_enabled", "1 if the account may use JetStream.", (s) =>
        flag(s.account.jetstream_enabled),
      ),
      limit("subs", "Subscriptions"),
      limit("data", "Bytes"),
      limit("payload", "Bytes of a message"),
      limit("imports", "Imports"),
      limit("exports", "Exports"),
      limit("wildcards", "1 if exports may have wildcards:"),
      limit("conn", "Client connections"),
      limit("leaf", "Leaf node connections"),
    ],
  };
}
