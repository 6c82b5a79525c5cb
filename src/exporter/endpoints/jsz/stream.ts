/** Streams, each as its leader knows it. */
import { type Conversion, instant, limit, nanoseconds, number } from "../../collect/conversions.ts";
import { from, type Row, type Table } from "../../collect/table.ts";
import { at, list, object, text } from "../../sources/json.ts";
import { type Asset, isReplicated, ofAsset, quorumMargin, raftGroupTable, replicaTable } from "./asset.ts";
import { thresholdTable } from "./threshold.ts";

const LABELS = ["account", "stream"] as const;
const own = ofAsset("stream_detail[]");

/** A stream without messages has no oldest one, though some releases write the time of the last purge. */
const ofMessages = (read: (asset: Asset) => number | undefined): ((asset: Asset) => number | undefined) => {
  return (asset) => (at(asset.json, ["state", "messages"]) === 0 ? undefined : read(asset));
};

export const stream: Table<Asset> = {
  item: "stream",
  endpoint: "/jsz",
  labels: LABELS,
  identify: ({ names }) => names,
  rows: [
    { name: "nats_stream_messages", type: "gauge", help: "Messages stored.", ...own("state.messages") },
    {
      name: "nats_stream_bytes",
      type: "gauge",
      help: "Bytes stored, of one replica.",
      ...own("state.bytes"),
    },
    {
      name: "nats_stream_appended_messages_total",
      type: "counter",
      help: "Sequence of the newest message: every message ever appended has raised it by one.",
      ...own("state.last_seq"),
    },
    {
      name: "nats_stream_first_sequence",
      type: "gauge",
      help: "Sequence of the oldest message kept.",
      ...own("state.first_seq"),
    },
    {
      name: "nats_stream_subjects",
      type: "gauge",
      help: "Subjects that have messages.",
      ...own("state.num_subjects"),
    },
    {
      name: "nats_stream_consumers",
      type: "gauge",
      help: "Consumers of the stream.",
      ...own("state.consumer_count"),
    },
    {
      name: "nats_stream_deleted_messages",
      type: "gauge",
      help: "Messages deleted between the oldest and the newest that are kept. Absent where there are none.",
      ...own("state.num_deleted"),
    },
    {
      name: "nats_stream_lost_messages",
      type: "gauge",
      help: "Messages that the store found missing or damaged. Absent where there are none.",
      field: "stream_detail[].state.lost.msgs",
      read: ({ json }) =>
        at(json, ["state", "lost"]) === undefined
          ? undefined
          : list(at(json, ["state", "lost", "msgs"])).length,
    },
    {
      name: "nats_stream_lost_bytes",
      type: "gauge",
      help: "Bytes of the messages that the store found missing or damaged. Absent where there are none.",
      ...own("state.lost.bytes"),
    },
    {
      name: "nats_stream_oldest_message_timestamp_seconds",
      type: "gauge",
      help: "When the oldest message was stored. Absent while the stream is empty.",
      field: "stream_detail[].state.first_ts",
      read: ofMessages(own("state.first_ts", instant).read),
    },
    {
      name: "nats_stream_newest_message_timestamp_seconds",
      type: "gauge",
      help: "When the newest message was stored. Absent while the stream is empty.",
      field: "stream_detail[].state.last_ts",
      read: ofMessages(own("state.last_ts", instant).read),
    },
    {
      name: "nats_stream_messages_limit",
      type: "gauge",
      help: "Most messages the stream may hold. Absent where unlimited.",
      ...own("config.max_msgs", limit),
    },
    {
      name: "nats_stream_size_limit_bytes",
      type: "gauge",
      help: "Most bytes the stream may hold. Absent where unlimited.",
      ...own("config.max_bytes", limit),
    },
    {
      name: "nats_stream_age_limit_seconds",
      type: "gauge",
      help: "Age at which messages are removed. Absent where unlimited.",
      ...own("config.max_age", (value) => limit(nanoseconds(value))),
    },
    {
      name: "nats_stream_consumers_limit",
      type: "gauge",
      help: "Most consumers the stream may have. Absent where unlimited.",
      ...own("config.max_consumers", limit),
    },
    {
      name: "nats_stream_created_timestamp_seconds",
      type: "gauge",
      help: "When the stream was created; another stream of the same name has another time.",
      ...own("created", instant),
    },
    {
      name: "nats_stream_quorum_margin",
      type: "gauge",
      help: "Peers that may still be lost before the stream stops; below 0 it has. Lost is offline, or not heard of for 10 seconds. Absent for a stream of one replica.",
      field: "stream_detail[].cluster.replicas[].offline, current, active",
      read: ({ json }) => quorumMargin(json.cluster),
    },
    {
      name: "nats_stream_leader_since_timestamp_seconds",
      type: "gauge",
      help: "When this server became the stream's leader.",
      since: "2.11.9",
      ...own("cluster.leader_since", instant),
    },
  ],
};

/** Said by every server that has a replica: who leads is a state, never a label. */
export const streamPlacement: Table<Asset & { readonly leads: boolean }> = {
  item: "stream on a server",
  endpoint: "/jsz",
  labels: LABELS,
  identify: ({ names }) => names,
  rows: [
    {
      name: "nats_stream_leader",
      type: "gauge",
      help: "1 on the server that leads the stream, 0 on its other replicas. Absent on a server without cluster.",
      field: "stream_detail[].cluster.leader",
      read: ({ json, leads }) => (isReplicated(json.cluster) ? Number(leads) : undefined),
    },
    {
      name: "nats_stream_leaderless",
      type: "gauge",
      help: "1 if this replica knows no leader: the stream takes no messages. Absent on a server without cluster.",
      field: "stream_detail[].cluster.leader",
      read: ({ json }) =>
        isReplicated(json.cluster) ? Number(text(at(json, ["cluster", "leader"])) === "") : undefined,
    },
  ],
};

const configured = (key: string) => (json: unknown) => text(at(json, ["config", key]));

export const streamInfo: Table<Asset> = {
  item: "stream",
  endpoint: "/jsz",
  labels: [...LABELS, "storage", "retention", "discard", "replicas", "kind"],
  identify: ({ names, json }) => [
    ...names,
    configured("storage")(json),
    configured("retention")(json),
    configured("discard")(json),
    String(number(at(json, ["config", "num_replicas"])) ?? ""),
    streamKind(json),
  ],
  rows: [
    {
      name: "nats_stream_info",
      type: "info",
      help: "How the stream is configured. `kind` is stream, mirror, sourced, kv or object.",
      field: "stream_detail[].config",
      read: ({ json }) => (json.config === undefined ? undefined : 1),
    },
  ],
};

function streamKind(json: unknown): string {
  const name = text(at(json, ["name"]));
  if (at(json, ["config", "mirror"]) !== undefined) return "mirror";
  if (list(at(json, ["config", "sources"])).length > 0) return "sourced";
  if (name.startsWith("KV_")) return "kv";
  return name.startsWith("OBJ_") ? "object" : "stream";
}

/** The raft group of a stream that this server leads. */
export const streamRaftGroup = raftGroupTable("stream", LABELS);

/** Peers of a stream that this server leads. */
export const streamReplica = replicaTable("stream", LABELS);

/** Thresholds in the metadata of a stream that this server leads. */
export const streamThreshold = thresholdTable("stream", LABELS);

/** A mirror's origin or a source; `names` are label values by position. */
export interface Origin {
  readonly names: readonly string[];
  readonly json: unknown;
}

/** A mirror or source that has never been active says -1. */
const sinceActive: Conversion = (value) => {
  const seconds = nanoseconds(value);
  return seconds === undefined || seconds < 0 ? undefined : seconds;
};

/** What a stream copies from other streams, one item for each. */
export const streamOrigin: Table<Origin> = {
  item: "stream origin",
  endpoint: "/jsz",
  labels: [...LABELS, "role", "origin", "api", "filter"],
  identify: ({ names }) => names,
  rows: originRows(),
};

function originRows(): Row<Origin>[] {
  const origin = (field: string, as?: Conversion): Pick<Row<Origin>, "field" | "read"> => {
    const { read } = from(field, as);
    return {
      field: `stream_detail[].mirror.${field} and sources[].${field}`,
      read: ({ json }) => read(json),
    };
  };
  return [
    {
      name: "nats_stream_origin_lag",
      type: "gauge",
      help: "Messages that a mirror or sourced stream is behind its origin.",
      ...origin("lag"),
    },
    {
      name: "nats_stream_origin_idle_seconds",
      type: "gauge",
      help: "Time since the origin was last heard of. Absent if it never was.",
      ...origin("active", sinceActive),
    },
    {
      name: "nats_stream_origin_failed",
      type: "gauge",
      help: "1 if copying from the origin ends in an error, else 0.",
      field: "stream_detail[].mirror.error and sources[].error",
      read: ({ json }) =>
        Object.keys(object(json)).length === 0 ? undefined : Number(at(json, ["error"]) !== undefined),
    },
  ];
}

/** The mirror and sources of a stream, as items of `streamOrigin`. */
export function* originsOf({ names, json }: Asset): Generator<Origin> {
  const item = (role: string, origin: unknown): Origin => ({
    names: [
      ...names,
      role,
      text(at(origin, ["name"])),
      text(at(origin, ["external", "api"])),
      text(at(origin, ["filter_subject"])),
    ],
    json: origin,
  });
  if (json.mirror !== undefined) yield item("mirror", json.mirror);
  for (const source of list(json.sources)) yield item("source", source);
}
