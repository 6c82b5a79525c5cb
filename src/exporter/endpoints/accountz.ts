/**
 * `/accountz`: limits, imports, exports and claims of each account.
 *
 * One request for the list of accounts, then one per selected account, in turn and up to MAX_ACCOUNTS; metrics
 * report how many were omitted. Connections and traffic per account come from `accstatz`, which needs a single
 * request. Limits are those of an operator's JWT: the endpoint does not report limits from a configuration file.
 * JetStream limits come from `jsz`.
 *
 * Source: AccountInfo in nats-server's server/monitor.go, AccountClaims in github.com/nats-io/jwt/v2.
 */
import type { Ask, Collector } from "../collect/collector.ts";
import { type Conversion, flag, instant, limit } from "../collect/conversions.ts";
import type { Selection } from "../collect/selection.ts";
import { from, type Row, type Table } from "../collect/table.ts";
import { at, isObject, list, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";
import { ACCOUNT_LIST, isAccountList, MAX_ACCOUNTS, selectedAccounts } from "./account-list.ts";

/** The account list and its counts. If the reply is not a list, the counts of omitted accounts are unknown. */
interface Accounts {
  readonly list: Document;
  readonly selected: number;
  readonly asked: number;
  readonly described: number;
}

const accounts: Table<Accounts> = {
  item: "server",
  endpoint: "/accountz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_accounts",
      type: "gauge",
      help: "Accounts loaded on this server, including the system account.",
      field: "accounts",
      read: ({ list: { root } }) => {
        const ids = at(root, ["accounts"]);
        return Array.isArray(ids) ? ids.length : undefined;
      },
    },
    {
      name: "nats_accounts_not_asked",
      type: "gauge",
      help: `Selected accounts without account metrics because one collection requests at most ${MAX_ACCOUNTS}. Absent if the server returned no account list.`,
      field: "accounts",
      read: ({ list, selected, asked }) => (isAccountList(list) ? selected - asked : undefined),
    },
    {
      name: "nats_accounts_not_answered",
      type: "gauge",
      help: "Accounts that the server listed but refused to describe, for example because they were just deleted. Absent if the server returned no account list.",
      field: "accounts",
      read: ({ list, asked, described }) => (isAccountList(list) ? asked - described : undefined),
    },
  ],
};

interface Account {
  readonly id: string;
  readonly json: unknown;
}

const ofAccount = (
  field: string,
  as?: Conversion,
): { field: string; read: (account: Account) => number | undefined } => {
  const { read } = from(field, as);
  return { field: `account_detail.${field}`, read: ({ json }) => read(json) };
};

/** The number of elements of an array or keys of an object. Servers leave empty ones out. */
const size: Conversion = (value) => {
  if (value === undefined) return 0;
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
};

const invalidOnes: Conversion = (value) =>
  size(value) === undefined ? undefined : list(value).filter((item) => at(item, ["invalid"]) === true).length;

/** The same, but absent if 0: most accounts have none. */
const sizeIfAny: Conversion = (value) => size(value) || undefined;

const account: Table<Account> = {
  item: "account",
  endpoint: "/accountz?acc=",
  labels: ["account"],
  identify: ({ id }) => [id],
  rows: [
    {
      name: "nats_account_system",
      type: "gauge",
      help: "Whether this is the system account (1). Absent for other accounts.",
      ...ofAccount("is_system", (value) => (value === true ? 1 : undefined)),
    },
    {
      name: "nats_account_expired",
      type: "gauge",
      help: "Whether the account's claims have expired (1) or not (0). If 1, the server rejects the account's clients.",
      ...ofAccount("expired", flag),
    },
    {
      name: "nats_account_complete",
      type: "gauge",
      help: "Whether the server resolved everything that the account imports (1) or not (0).",
      ...ofAccount("complete", flag),
    },
    {
      name: "nats_account_jetstream_enabled",
      type: "gauge",
      help: "Whether JetStream is enabled for the account (1) or not (0).",
      ...ofAccount("jetstream_enabled", flag),
    },
    {
      name: "nats_account_updated_timestamp_seconds",
      type: "gauge",
      help: "Time of the last account update that this server applied, in seconds since 1970.",
      ...ofAccount("update_time", instant),
    },
    {
      name: "nats_account_exports",
      type: "gauge",
      help: "Services and streams that the account exports.",
      ...ofAccount("exports", size),
    },
    {
      name: "nats_account_imports",
      type: "gauge",
      help: "Services and streams that the account imports, including those the server adds itself.",
      ...ofAccount("imports", size),
    },
    {
      name: "nats_account_imports_invalid",
      type: "gauge",
      help: "Imports of the account that are invalid, for example because the export was withdrawn.",
      ...ofAccount("imports", invalidOnes),
    },
    {
      name: "nats_account_mappings",
      type: "gauge",
      help: "Subject mappings of the account. Absent if 0.",
      ...ofAccount("mappings", sizeIfAny),
    },
    {
      name: "nats_account_responses_open",
      type: "gauge",
      help: "Requests to the account's exported services that still await a response. Absent if 0.",
      ...ofAccount("responses", sizeIfAny),
    },
    {
      name: "nats_account_revoked_users",
      type: "gauge",
      help: "Revoked users of the account. Absent if 0.",
      ...ofAccount("revoked_user", sizeIfAny),
    },
    {
      name: "nats_account_sublist_subscriptions",
      type: "gauge",
      help: "Subscriptions in the account's subject tree on this server.",
      ...ofAccount("sublist_stats.num_subscriptions"),
    },
    {
      name: "nats_account_sublist_cache_entries",
      type: "gauge",
      help: "Subjects with cached matches in the account's subject tree.",
      ...ofAccount("sublist_stats.num_cache"),
    },
    {
      name: "nats_account_sublist_inserts_total",
      type: "counter",
      help: "Subscriptions added to the account's subject tree.",
      ...ofAccount("sublist_stats.num_inserts"),
    },
    {
      name: "nats_account_sublist_removes_total",
      type: "counter",
      help: "Subscriptions removed from the account's subject tree.",
      ...ofAccount("sublist_stats.num_removes"),
    },
    {
      name: "nats_account_sublist_matches_total",
      type: "counter",
      help: "Subject lookups in the account's subject tree.",
      ...ofAccount("sublist_stats.num_matches"),
    },
    {
      name: "nats_account_sublist_cache_hit_ratio",
      type: "gauge",
      help: "Fraction of all lookups in the account's subject tree that the cache answered, 0 to 1.",
      ...ofAccount("sublist_stats.cache_hit_rate"),
    },
    {
      name: "nats_account_sublist_fanout_max",
      type: "gauge",
      help: "Maximum number of subscriptions matched by one cached subject of the account.",
      ...ofAccount("sublist_stats.max_fanout"),
    },
    {
      name: "nats_account_sublist_fanout_average",
      type: "gauge",
      help: "Average number of subscriptions matched by one cached subject of the account.",
      ...ofAccount("sublist_stats.avg_fanout"),
    },
  ],
};

const claimLimit = (name: string, what: string, field: string): Row<Account> => ({
  name: `nats_account_${name}`,
  type: "gauge",
  help: `Maximum ${what} allowed by the account's claims. Absent if unlimited.`,
  ...ofAccount(`decoded_jwt.nats.limits.${field}`, limit),
});

/** Accounts that an operator manages by JWT. */
const claims: Table<Account> = {
  item: "account under an operator",
  endpoint: "/accountz?acc=",
  labels: ["account"],
  identify: ({ id }) => [id],
  rows: [
    {
      name: "nats_account_claim_expiry_timestamp_seconds",
      type: "gauge",
      help: "Time at which the account's claims expire, in seconds since 1970. Absent if they never expire.",
      ...ofAccount("decoded_jwt.exp", limit),
    },
    {
      name: "nats_account_claim_issued_timestamp_seconds",
      type: "gauge",
      help: "Time at which the claims in use on this server were issued, in seconds since 1970. Differs between servers that are out of sync.",
      ...ofAccount("decoded_jwt.iat", limit),
    },
    {
      name: "nats_account_claim_issues",
      type: "gauge",
      help: "Validation issues that the server found in the account's claims.",
      ...ofAccount("validation_result_jwt", size),
    },
    claimLimit("connections_limit", "client connections", "conn"),
    claimLimit("leaf_connections_limit", "leaf node connections", "leaf"),
    claimLimit("subscriptions_limit", "subscriptions", "subs"),
    claimLimit("payload_limit_bytes", "size of one message in bytes", "payload"),
    claimLimit("data_limit_bytes", "traffic in bytes", "data"),
    claimLimit("imports_limit", "imports", "imports"),
    claimLimit("exports_limit", "exports", "exports"),
    claimLimit("streams_limit", "streams", "streams"),
    claimLimit("consumers_limit", "consumers", "consumer"),
    {
      name: "nats_account_wildcard_exports_allowed",
      type: "gauge",
      help: "Whether the account's claims allow exports of wildcard subjects (1) or not (0).",
      ...ofAccount("decoded_jwt.nats.limits.wildcards", (value) => (value === undefined ? 0 : flag(value))),
    },
  ],
};

const claimInfo: Table<Account> = {
  item: "account under an operator",
  endpoint: "/accountz?acc=",
  labels: ["account", "account_name", "issuer"],
  identify: ({ id, json }) => [id, text(at(json, ["name_tag"])), text(at(json, ["issuer_key"]))],
  rows: [
    {
      name: "nats_account_claim_info",
      type: "info",
      help: "Account name and public key of the issuer from the account's claims. Always 1.",
      field: "account_detail.{name_tag,issuer_key}",
      read: () => 1,
    },
  ],
};

/** The account list under `list`, and the details of each account under its path. */
type Replies = Readonly<Record<string, Document>>;

export const accountz: Collector<Replies> = {
  name: "accountz",
  summary: "per account: claims, limits, imports, exports, subscriptions; one request per account",
  tables: [accounts, account, claims, claimInfo],

  async fetch(ask, { selection }) {
    const answers: Record<string, Document> = { list: await ask(ACCOUNT_LIST) };
    for (const id of accountsToAsk(answers.list as Document, selection)) {
      const details = await askForDetails(ask, id);
      if (details) answers[pathOf(id)] = details;
    }
    return answers;
  },

  *read(answers, { selection }, sink) {
    const { list, ...details } = answers;
    if (!list) return;
    const asked = accountsToAsk(list, selection);
    sink.add(accounts, {
      list,
      selected: selectedAccounts(list, selection).length,
      asked: asked.length,
      described: Object.values(details).filter((answer) => isObject(detailIn(answer))).length,
    });
    for (const id of asked) {
      const json = detailIn(details[pathOf(id)]);
      if (!isObject(json)) continue;
      sink.add(account, { id, json });
      if (at(json, ["decoded_jwt"]) !== undefined) {
        sink.add(claims, { id, json });
        sink.add(claimInfo, { id, json });
      }
      yield;
    }
  },
};

function detailIn(answer: Document | undefined): unknown {
  return at(answer?.root, ["account_detail"]);
}

function accountsToAsk(list: Document, selection: Pick<Selection, "accounts">): string[] {
  return selectedAccounts(list, selection).slice(0, MAX_ACCOUNTS);
}

function pathOf(id: string): string {
  return `/accountz?acc=${encodeURIComponent(id.toWellFormed())}`;
}

/** The account's details; undefined if the server refuses, because an account may be deleted after it was listed. */
async function askForDetails(ask: Ask, id: string): Promise<Document | undefined> {
  try {
    return await ask({ path: pathOf(id) });
  } catch (error) {
    if (error instanceof CollectionFailure && error.reason === "status") return undefined;
    throw error;
  }
}
