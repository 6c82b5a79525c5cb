/**
 * `accountz`: state and JWT limits of every account, with one request per account. An account deleted in between is
 * left out.
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
      `${what} in the account's JWT; -1 if unlimited, 0 also without a JWT.`,
      ({ limits }) => (name === "wildcards" ? flag(limits[name]) : count(limits[name])),
    );
  return {
    item: "account",
    endpoint: PATH,
    labels: ["server_id", "account_id", "account_name"],
    identify: ({ serverId, account }) => [serverId, text(account.account_name), text(account.name_tag)],
    rows: [
      row("client_connections", "client_connections", "Open client connections.", (s) =>
        count(s.account.client_connections),
      ),
      row("leafnode_connections", "leafnode_connections", "Open leaf node connections.", (s) =>
        count(s.account.leafnode_connections),
      ),
      row("subscriptions", "subscriptions", "Subscriptions.", (s) => count(s.account.subscriptions)),
      row("is_system", "is_system", "Whether this is the system account (1) or not (0).", (s) =>
        flag(s.account.is_system),
      ),
      row("expired", "expired", "Whether the account's JWT has expired (1) or not (0).", (s) =>
        flag(s.account.expired),
      ),
      row(
        "complete",
        "complete",
        "Whether everything that the account imports is resolved (1) or not (0).",
        (s) => flag(s.account.complete),
      ),
      row(
        "jetstream_enabled",
        "jetstream_enabled",
        "Whether JetStream is enabled for the account (1) or not (0).",
        (s) => flag(s.account.jetstream_enabled),
      ),
      limit("subs", "Subscriptions"),
      limit("data", "Bytes"),
      limit("payload", "Maximum message size in bytes"),
      limit("imports", "Imports"),
      limit("exports", "Exports"),
      limit("wildcards", "Whether wildcard exports are allowed (1) or not (0)"),
      limit("conn", "Maximum client connections"),
      limit("leaf", "Maximum leaf node connections"),
    ],
  };
}
