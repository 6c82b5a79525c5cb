/** JetStream of the server as a whole, its meta group, and the accounts that use it. */
import { type Conversion, flag, instant, limit, nanoseconds, number } from "../../collect/conversions.ts";
import { from, type Table } from "../../collect/table.ts";
import { at, type JsonObject } from "../../sources/json.ts";
import { quorumMargin, replicaTable } from "./asset.ts";

export const jetstream: Table<unknown> = {
  item: "JetStream server",
  endpoint: "/jsz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_jetstream_enabled",
      type: "gauge",
      help: "1 if JetStream runs on this server, 0 if not.",
      field: "disabled",
      read: (jsz) => {
        if (at(jsz, ["disabled"]) === true) return 0;
        return at(jsz, ["config"]) === undefined ? undefined : 1;
      },
    },
    {
      name: "nats_jetstream_streams",
      type: "gauge",
      help: "Streams with a replica on this server.",
      ...from("streams"),
    },
    {
      name: "nats_jetstream_streams_led",
      type: "gauge",
      help: "Streams that this server leads.",
      since: "2.11.11",
      ...from("streams_leader"),
    },
    {
      name: "nats_jetstream_consumers",
      type: "gauge",
      help: "Consumers with a replica on this server.",
      ...from("consumers"),
    },
    {
      name: "nats_jetstream_consumers_led",
      type: "gauge",
      help: "Consumers that this server leads.",
      since: "2.11.11",
      ...from("consumers_leader"),
    },
    {
      name: "nats_jetstream_messages",
      type: "gauge",
      help: "Messages stored on this server, every replica counted.",
      ...from("messages"),
    },
    {
      name: "nats_jetstream_bytes",
      type: "gauge",
      help: "Bytes of messages stored on this server, every replica counted.",
      ...from("bytes"),
    },
    {
      name: "nats_jetstream_accounts",
      type: "gauge",
      help: "Accounts that use JetStream here.",
      ...from("accounts"),
    },
    {
      name: "nats_jetstream_replicated_assets",
      type: "gauge",
      help: "Raft groups of streams and consumers with a member on this server.",
      ...from("ha_assets"),
    },
    {
      name: "nats_jetstream_memory_used_bytes",
      type: "gauge",
      help: "Memory used by memory streams on this server.",
      ...from("memory"),
    },
    {
      name: "nats_jetstream_memory_reserved_bytes",
      type: "gauge",
      help: "Memory promised to accounts and streams on this server.",
      ...from("reserved_memory"),
    },
    {
      name: "nats_jetstream_memory_limit_bytes",
      type: "gauge",
      help: "Most memory that JetStream may use on this server. Absent where unlimited.",
      ...from("config.max_memory", limit),
    },
    {
      name: "nats_jetstream_storage_used_bytes",
      type: "gauge",
      help: "Disk used by file streams on this server.",
      ...from("storage"),
    },
    {
      name: "nats_jetstream_storage_reserved_bytes",
      type: "gauge",
      help: "Disk promised to accounts and streams on this server.",
      ...from("reserved_storage"),
    },
    {
      name: "nats_jetstream_storage_limit_bytes",
      type: "gauge",
      help: "Most disk that JetStream may use on this server. Absent where unlimited.",
      ...from("config.max_storage", limit),
    },
    {
      name: "nats_jetstream_api_requests_total",
      type: "counter",
      help: "JetStream API requests served by this server. Some 2.14 releases count pull requests too.",
      ...from("api.total"),
    },
    {
      name: "nats_jetstream_api_errors_total",
      type: "counter",
      help: "JetStream API requests that this server answered with an error.",
      ...from("api.errors"),
    },
    {
      name: "nats_jetstream_api_inflight_requests",
      type: "gauge",
      help: "JetStream API requests being served. Absent while there are none.",
      ...from("api.inflight"),
    },
    {
      name: "nats_jetstream_api_level",
      type: "gauge",
      help: "API level: what clients may ask of this server.",
      since: "2.11.0",
      ...from("api.level"),
    },
  ],
};

/** Said by every server of a cluster about itself. */
export const metaPlacement: Table<{ readonly leads: boolean; readonly meta: JsonObject }> = {
  item: "meta group on a server",
  endpoint: "/jsz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_jetstream_meta_leader",
      type: "gauge",
      help: "1 if this server leads the meta group of its cluster, else 0. Absent without a cluster.",
      field: "meta_cluster.leader",
      read: ({ leads }) => Number(leads),
    },
    {
      name: "nats_jetstream_meta_leaderless",
      type: "gauge",
      help: "1 if this server knows no leader of the meta group: no stream can be made or moved.",
      field: "meta_cluster.leader",
      read: ({ meta }) => Number(typeof meta.leader !== "string" || meta.leader === ""),
    },
    {
      name: "nats_jetstream_meta_peers",
      type: "gauge",
      help: "Size of the meta group as this server knows it.",
      field: "meta_cluster.cluster_size",
      read: ({ meta }) => number(meta.cluster_size),
    },
    {
      name: "nats_jetstream_meta_quorum",
      type: "gauge",
      help: "Peers that must agree in the meta group.",
      since: "2.15.0",
      field: "meta_cluster.quorum_needed",
      read: ({ meta }) => number(meta.quorum_needed),
    },
    {
      name: "nats_jetstream_meta_rescue",
      type: "gauge",
      help: "1 while an operator has lowered the quorum of the meta group below what is safe. Absent otherwise.",
      since: "2.15.0",
      field: "meta_cluster.rescue",
      read: ({ meta }) => flag(meta.rescue),
    },
    {
      name: "nats_jetstream_meta_pending",
      type: "gauge",
      help: "Requests of the meta group that this server has not processed.",
      since: "2.10.21",
      field: "meta_cluster.pending",
      read: ({ meta }) => number(meta.pending),
    },
    {
      name: "nats_jetstream_meta_pending_changes",
      type: "gauge",
      help: "Of those, requests that create, update or delete.",
      since: "2.14.0",
      field: "meta_cluster.pending_requests",
      read: ({ meta }) => number(meta.pending_requests),
    },
    {
      name: "nats_jetstream_meta_pending_infos",
      type: "gauge",
      help: "Of those, requests for information.",
      since: "2.14.0",
      field: "meta_cluster.pending_infos",
      read: ({ meta }) => number(meta.pending_infos),
    },
    ...snapshotRows(),
  ],
};

function snapshotRows(): Table<{ readonly leads: boolean; readonly meta: JsonObject }>["rows"] {
  const own = (field: string, as: Conversion = number) => ({
    field: `meta_cluster.snapshot.${field}`,
    read: ({ meta }: { readonly meta: JsonObject }) => as(at(meta, ["snapshot", field])),
  });
  return [
    {
      name: "nats_jetstream_meta_snapshot_pending_entries",
      type: "gauge",
      help: "Entries of the meta log since the last snapshot.",
      since: "2.11.11",
      ...own("pending_entries"),
    },
    {
      name: "nats_jetstream_meta_snapshot_pending_bytes",
      type: "gauge",
      help: "Bytes of the meta log since the last snapshot.",
      since: "2.11.11",
      ...own("pending_size"),
    },
    {
      name: "nats_jetstream_meta_snapshot_timestamp_seconds",
      type: "gauge",
      help: "When the last snapshot of the meta group was made. Absent if never.",
      since: "2.11.11",
      ...own("last_time", instant),
    },
    {
      name: "nats_jetstream_meta_snapshot_duration_seconds",
      type: "gauge",
      help: "How long the last snapshot of the meta group took.",
      since: "2.11.11",
      ...own("last_duration", nanoseconds),
    },
  ];
}

/** Said by the leader of the meta group only. */
export const metaLeadership: Table<JsonObject> = {
  item: "meta group",
  endpoint: "/jsz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_jetstream_meta_quorum_margin",
      type: "gauge",
      help: "Peers that may still be lost before the meta group stops; below 0 it has. Lost is offline, or not heard of for 10 seconds. From its leader.",
      field: "meta_cluster.replicas[].offline, current, active",
      read: (meta) => quorumMargin(meta),
    },
  ],
};

/** Peers of the meta group, told by its leader alone. */
export const metaReplica = replicaTable("meta group", []);

/** An account, in label order: its id, which is also its name where no operator manages it. */
export interface Account {
  readonly id: string;
  readonly json: unknown;
}

const ofAccount = (
  field: string,
  as?: Conversion,
): { field: string; read: (account: Account) => number | undefined } => {
  const { read } = from(field, as);
  return { field: `account_details[].${field}`, read: ({ json }) => read(json) };
};

/** What an account uses in the whole cluster: every server says the same, so one alone is believed, the meta leader. */
export const accountUsage: Table<Account> = {
  item: "account",
  endpoint: "/jsz",
  labels: ["account"],
  identify: ({ id }) => [id],
  rows: [
    {
      name: "nats_jetstream_account_memory_used_bytes",
      type: "gauge",
      help: "Memory that the account's streams use in the cluster, every replica counted.",
      ...ofAccount("memory"),
    },
    {
      name: "nats_jetstream_account_memory_limit_bytes",
      type: "gauge",
      help: "Most memory that the account's streams may use. Absent where unlimited.",
      ...ofAccount("reserved_memory", limit),
    },
    {
      name: "nats_jetstream_account_storage_used_bytes",
      type: "gauge",
      help: "Disk that the account's streams use in the cluster, every replica counted.",
      ...ofAccount("storage"),
    },
    {
      name: "nats_jetstream_account_storage_limit_bytes",
      type: "gauge",
      help: "Most disk that the account's streams may use. Absent where unlimited.",
      ...ofAccount("reserved_storage", limit),
    },
  ],
};

/** What an account asked of this server. */
export const accountApi: Table<Account> = {
  item: "account on a server",
  endpoint: "/jsz",
  labels: ["account"],
  identify: ({ id }) => [id],
  rows: [
    {
      name: "nats_jetstream_account_api_requests_total",
      type: "counter",
      help: "JetStream API requests of the account that this server served.",
      ...ofAccount("api.total"),
    },
    {
      name: "nats_jetstream_account_api_errors_total",
      type: "counter",
      help: "JetStream API requests of the account that this server answered with an error.",
      ...ofAccount("api.errors"),
    },
  ],
};
