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
      help: "Whether JetStream is enabled on this server (1) or not (0).",
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
      help: "Messages stored on this server, counting every replica.",
      ...from("messages"),
    },
    {
      name: "nats_jetstream_bytes",
      type: "gauge",
      help: "Bytes of messages stored on this server, counting every replica.",
      ...from("bytes"),
    },
    {
      name: "nats_jetstream_accounts",
      type: "gauge",
      help: "Accounts that use JetStream on this server.",
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
      help: "Memory used by memory streams on this server, in bytes.",
      ...from("memory"),
    },
    {
      name: "nats_jetstream_memory_reserved_bytes",
      type: "gauge",
      help: "Memory reserved for accounts and streams on this server, in bytes.",
      ...from("reserved_memory"),
    },
    {
      name: "nats_jetstream_memory_limit_bytes",
      type: "gauge",
      help: "Maximum memory that JetStream may use on this server, in bytes. Absent if unlimited.",
      ...from("config.max_memory", limit),
    },
    {
      name: "nats_jetstream_storage_used_bytes",
      type: "gauge",
      help: "Disk space used by file streams on this server, in bytes.",
      ...from("storage"),
    },
    {
      name: "nats_jetstream_storage_reserved_bytes",
      type: "gauge",
      help: "Disk space reserved for accounts and streams on this server, in bytes.",
      ...from("reserved_storage"),
    },
    {
      name: "nats_jetstream_storage_limit_bytes",
      type: "gauge",
      help: "Maximum disk space that JetStream may use on this server, in bytes. Absent if unlimited.",
      ...from("config.max_storage", limit),
    },
    {
      name: "nats_jetstream_api_requests_total",
      type: "counter",
      help: "JetStream API requests handled by this server. Some 2.14 releases also count pull requests.",
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
      help: "JetStream API requests in progress. Absent if 0.",
      ...from("api.inflight"),
    },
    {
      name: "nats_jetstream_api_level",
      type: "gauge",
      help: "JetStream API level that this server supports.",
      since: "2.11.0",
      ...from("api.level"),
    },
  ],
};

/** Reported by every server of a cluster. */
export const metaPlacement: Table<{ readonly leads: boolean; readonly meta: JsonObject }> = {
  item: "meta group on a server",
  endpoint: "/jsz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_jetstream_meta_leader",
      type: "gauge",
      help: "Whether this server is the meta leader of its cluster (1) or not (0). Absent without a cluster.",
      field: "meta_cluster.leader",
      read: ({ leads }) => Number(leads),
    },
    {
      name: "nats_jetstream_meta_leaderless",
      type: "gauge",
      help: "Whether this server knows no meta leader (1), so that no stream can be created or moved, or knows one (0). Absent without a cluster.",
      field: "meta_cluster.leader",
      read: ({ meta }) => Number(typeof meta.leader !== "string" || meta.leader === ""),
    },
    {
      name: "nats_jetstream_meta_peers",
      type: "gauge",
      help: "Members of the meta group as this server knows it.",
      field: "meta_cluster.cluster_size",
      read: ({ meta }) => number(meta.cluster_size),
    },
    {
      name: "nats_jetstream_meta_quorum",
      type: "gauge",
      help: "Members of the meta group needed for a majority.",
      since: "2.15.0",
      field: "meta_cluster.quorum_needed",
      read: ({ meta }) => number(meta.quorum_needed),
    },
    {
      name: "nats_jetstream_meta_rescue",
      type: "gauge",
      help: "Whether an operator has lowered the quorum of the meta group below a safe majority (1). Absent otherwise.",
      since: "2.15.0",
      field: "meta_cluster.rescue",
      read: ({ meta }) => flag(meta.rescue),
    },
    {
      name: "nats_jetstream_meta_pending",
      type: "gauge",
      help: "Meta group requests that this server has not processed yet.",
      since: "2.10.21",
      field: "meta_cluster.pending",
      read: ({ meta }) => number(meta.pending),
    },
    {
      name: "nats_jetstream_meta_pending_changes",
      type: "gauge",
      help: "Pending meta group requests that create, update or delete assets.",
      since: "2.14.0",
      field: "meta_cluster.pending_requests",
      read: ({ meta }) => number(meta.pending_requests),
    },
    {
      name: "nats_jetstream_meta_pending_infos",
      type: "gauge",
      help: "Pending meta group requests for information.",
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
      help: "Entries of the meta log since its last snapshot.",
      since: "2.11.11",
      ...own("pending_entries"),
    },
    {
      name: "nats_jetstream_meta_snapshot_pending_bytes",
      type: "gauge",
      help: "Bytes of the meta log since its last snapshot.",
      since: "2.11.11",
      ...own("pending_size"),
    },
    {
      name: "nats_jetstream_meta_snapshot_timestamp_seconds",
      type: "gauge",
      help: "Time of the meta group's last snapshot, in seconds since 1970. Absent if there was no snapshot.",
      since: "2.11.11",
      ...own("last_time", instant),
    },
    {
      name: "nats_jetstream_meta_snapshot_duration_seconds",
      type: "gauge",
      help: "Duration of the meta group's last snapshot, in seconds.",
      since: "2.11.11",
      ...own("last_duration", nanoseconds),
    },
  ];
}

/** Reported by the meta leader only. */
export const metaLeadership: Table<JsonObject> = {
  item: "meta group",
  endpoint: "/jsz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_jetstream_meta_quorum_margin",
      type: "gauge",
      help: "Peers that can still be lost before the meta group stops; below 0 it has stopped. Lost means offline or silent for 10 seconds. Absent if this server is not the meta leader.",
      field: "meta_cluster.replicas[].offline, current, active",
      read: (meta) => quorumMargin(meta),
    },
  ],
};

/** Peers of the meta group, reported by its leader only. */
export const metaReplica = replicaTable("meta group", []);

/** An account with its label value: its id, which is also its name unless an operator manages it. */
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

/**
 * Usage of an account in the whole cluster. Every server reports the same, so only the meta leader's report is
 * used.
 */
export const accountUsage: Table<Account> = {
  item: "account",
  endpoint: "/jsz",
  labels: ["account"],
  identify: ({ id }) => [id],
  rows: [
    {
      name: "nats_jetstream_account_memory_used_bytes",
      type: "gauge",
      help: "Memory used by the account's streams in the cluster, in bytes, counting every replica. Absent if this server is not the meta leader.",
      ...ofAccount("memory"),
    },
    {
      name: "nats_jetstream_account_memory_limit_bytes",
      type: "gauge",
      help: "Maximum memory of the account's streams, in bytes. Absent if unlimited, or if this server is not the meta leader.",
      ...ofAccount("reserved_memory", limit),
    },
    {
      name: "nats_jetstream_account_storage_used_bytes",
      type: "gauge",
      help: "Disk space used by the account's streams in the cluster, in bytes, counting every replica. Absent if this server is not the meta leader.",
      ...ofAccount("storage"),
    },
    {
      name: "nats_jetstream_account_storage_limit_bytes",
      type: "gauge",
      help: "Maximum disk space of the account's streams, in bytes. Absent if unlimited, or if this server is not the meta leader.",
      ...ofAccount("reserved_storage", limit),
    },
  ],
};

/** An account's API requests to this server. */
export const accountApi: Table<Account> = {
  item: "account on a server",
  endpoint: "/jsz",
  labels: ["account"],
  identify: ({ id }) => [id],
  rows: [
    {
      name: "nats_jetstream_account_api_requests_total",
      type: "counter",
      help: "JetStream API requests of the account handled by this server.",
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
