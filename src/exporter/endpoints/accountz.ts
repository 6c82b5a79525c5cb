/**
 * `/accountz`: what each account is allowed, imports and exports, and whether its claims still hold.
 *
 * The list of accounts, then one request for each selected one, in turn and at most MAX_ACCOUNTS; how many
 * were left out is a metric. Traffic and connections of an account are accstatz's, for one request in all.
 * Limits are those of an operator's JWT: this endpoint does not tell the ones of a configuration file. What
 * JetStream may use of memory and disk is jsz's.
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

/** Of a list that is none, nobody knows how many accounts are missing. */
interface Accounts {
  readonly list: Document;
  readonly selected: number;
  readonly asked: number;
  readonly described: number;
}

export const accounts: Table<Accounts> = {
  item: "server",
  endpoint: "/accountz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_accounts",
      type: "gauge",
      help: "Accounts that this server has loaded, the system account included.",
      field: "accounts",
      read: ({ list: { root } }) => {
        const ids = at(root, ["accounts"]);
        return Array.isArray(ids) ? ids.length : undefined;
      },
    },
    {
      name: "nats_accounts_not_asked",
      type: "gauge",
      help: `Selected accounts of which nothing more is said, as one collection asks about ${MAX_ACCOUNTS} at most.`,
      field: "accounts",
      read: ({ list, selected, asked }) => (isAccountList(list) ? selected - asked : undefined),
    },
    {
      name: "nats_accounts_not_answered",
      type: "gauge",
      help: "Accounts of which the server listed the id and then refused the details, as for one just deleted.",
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

/** Elements of a list, keys of an object; servers leave empty ones out. */
const size: Conversion = (value) => {
  if (value === undefined) return 0;
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
};

const invalidOnes: Conversion = (value) =>
  size(value) === undefined ? undefined : list(value).filter((item) => at(item, ["invalid"]) === true).length;

/** Of what most accounts have none. */
const sizeIfAny: Conversion = (value) => size(value) || undefined;

export const account: Table<Account> = {
  item: "account",
  endpoint: "/accountz?acc=",
  labels: ["account"],
  identify: ({ id }) => [id],
  rows: [
    {
      name: "nats_account_system",
      type: "gauge",
      help: "1 for the system account; absent for others.",
      ...ofAccount("is_system", (value) => (value === true ? 1 : undefined)),
    },
    {
      name: "nats_account_expired",
      type: "gauge",
      help: "1 if the account's claims have expired: its clients are refused.",
      ...ofAccount("expired", flag),
    },
    {
      name: "nats_account_complete",
      type: "gauge",
      help: "1 if everything that the account imports could be resolved.",
      ...ofAccount("complete", flag),
    },
    {
      name: "nats_account_jetstream_enabled",
      type: "gauge",
      help: "1 if the account may use JetStream.",
      ...ofAccount("jetstream_enabled", flag),
    },
    {
      name: "nats_account_updated_timestamp_seconds",
      type: "gauge",
      help: "When this server last took over a change of the account.",
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
      help: "Services and streams that the account imports, those that the server adds by itself included.",
      ...ofAccount("imports", size),
    },
    {
      name: "nats_account_imports_invalid",
      type: "gauge",
      help: "Imports of the account that do not work, as when the exporter withdrew them.",
      ...ofAccount("imports", invalidOnes),
    },
    {
      name: "nats_account_mappings",
      type: "gauge",
      help: "Subjects that the account maps to others. Absent where there are none.",
      ...ofAccount("mappings", sizeIfAny),
    },
    {
      name: "nats_account_responses_open",
      type: "gauge",
      help: "Requests to the services that the account exports that wait for a response. Absent where there are none.",
      ...ofAccount("responses", sizeIfAny),
    },
    {
      name: "nats_account_revoked_users",
      type: "gauge",
      help: "Revocations of users in the account. Absent where there are none.",
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
      help: "Subjects whose matches are cached for the account.",
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
      help: "Subjects looked up in the account's subject tree.",
      ...ofAccount("sublist_stats.num_matches"),
    },
    {
      name: "nats_account_sublist_cache_hit_ratio",
      type: "gauge",
      help: "Share of all those look-ups that the cache answered, 0 to 1.",
      ...ofAccount("sublist_stats.cache_hit_rate"),
    },
    {
      name: "nats_account_sublist_fanout_max",
      type: "gauge",
      help: "Most subscriptions that a cached subject of the account matches.",
      ...ofAccount("sublist_stats.max_fanout"),
    },
    {
      name: "nats_account_sublist_fanout_average",
      type: "gauge",
      help: "Subscriptions that a cached subject of the account matches on average.",
      ...ofAccount("sublist_stats.avg_fanout"),
    },
  ],
};

const claimLimit = (name: string, what: string, field: string): Row<Account> => ({
  name: `nats_account_${name}`,
  type: "gauge",
  help: `${what} that the account's claims allow. Absent where unlimited.`,
  ...ofAccount(`decoded_jwt.nats.limits.${field}`, limit),
});

/** Of accounts that an operator manages, by JWT. */
export const claims: Table<Account> = {
  item: "account under an operator",
  endpoint: "/accountz?acc=",
  labels: ["account"],
  identify: ({ id }) => [id],
  rows: [
    {
      name: "nats_account_claim_expiry_timestamp_seconds",
      type: "gauge",
      help: "When the account's claims expire. Absent if never.",
      ...ofAccount("decoded_jwt.exp", limit),
    },
    {
      name: "nats_account_claim_issued_timestamp_seconds",
      type: "gauge",
      help: "When the claims that this server uses were issued: it differs between servers that are not in step.",
      ...ofAccount("decoded_jwt.iat", limit),
    },
    {
      name: "nats_account_claim_issues",
      type: "gauge",
      help: "Faults that the server finds in the account's claims.",
      ...ofAccount("validation_result_jwt", size),
    },
    claimLimit("connections_limit", "Client connections", "conn"),
    claimLimit("leaf_connections_limit", "Leaf node connections", "leaf"),
    claimLimit("subscriptions_limit", "Subscriptions", "subs"),
    claimLimit("payload_limit_bytes", "Bytes of one message", "payload"),
    claimLimit("data_limit_bytes", "Bytes of traffic", "data"),
    claimLimit("imports_limit", "Imports", "imports"),
    claimLimit("exports_limit", "Exports", "exports"),
    claimLimit("streams_limit", "Streams", "streams"),
    claimLimit("consumers_limit", "Consumers", "consumer"),
    {
      name: "nats_account_wildcard_exports_allowed",
      type: "gauge",
      help: "1 if the account's claims allow exports of wildcard subjects.",
      ...ofAccount("decoded_jwt.nats.limits.wildcards", (value) => (value === undefined ? 0 : flag(value))),
    },
  ],
};

export const claimInfo: Table<Account> = {
  item: "account under an operator",
  endpoint: "/accountz?acc=",
  labels: ["account", "account_name", "issuer"],
  identify: ({ id, json }) => [id, text(at(json, ["name_tag"])), text(at(json, ["issuer_key"]))],
  rows: [
    {
      name: "nats_account_claim_info",
      type: "info",
      help: "Name and issuer's public key in the account's claims.",
      field: "account_detail.{name_tag,issuer_key}",
      read: () => 1,
    },
  ],
};

/** The list under `list`; the details of an account under its path. */
type Answers = Readonly<Record<string, Document>>;

export const accountz: Collector<Answers> = {
  name: "accountz",
  summary: "per account: claims, limits, imports and exports, subscription tree; a request for each account",
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

/** Undefined where the server refuses: an account may be deleted between the list and this. */
async function askForDetails(ask: Ask, id: string): Promise<Document | undefined> {
  try {
    return await ask({ path: pathOf(id) });
  } catch (error) {
    if (error instanceof CollectionFailure && error.reason === "status") return undefined;
    throw error;
  }
}
