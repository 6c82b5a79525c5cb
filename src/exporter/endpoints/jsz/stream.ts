/** Streams, each as reported by its leader. */
import { type Conversion, instant, limit, nanoseconds, number } from "../../collect/conversions.ts";
import { from, type Row, type Table } from "../../collect/table.ts";
import { at, list, object, text } from "../../sources/json.ts";
import { type Asset, isReplicated, ofAsset, quorumMargin, raftGroupTable, replicaTable } from "./asset.ts";
import { thresholdTable } from "./threshold.ts";

const LABELS = ["account", "stream"] as const;
const own = ofAsset("stream_detail[]");

/** An empty stream has no oldest message, although some releases report the time of the last purge. */
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
      help: "Bytes stored in one replica.",
      ...own("state.bytes"),
    },
    {
      name: "nats_stream_appended_messages_total",
      type: "counter",
      help: "Messages appended since the stream was created: the sequence of its newest message.",
      ...own("state.last_seq"),
    },
    {
      name: "nats_stream_first_sequence",
      type: "gauge",
      help: "Sequence of the oldest stored message.",
      ...own("state.first_seq"),
    },
    {
      name: "nats_stream_subjects",
      type: "gauge",
      help: "Subjects with stored messages.",
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
      help: "Messages deleted between the oldest and the newest stored message. Absent if 0.",
      ...own("state.num_deleted"),
    },
    {
      name: "nats_stream_lost_messages",
      type: "gauge",
      help: "Messages that the store found missing or damaged. Absent if 0.",
      field: "stream_detail[].state.lost.msgs",
      read: ({ json }) =>
        at(json, ["state", "lost"]) === undefined
          ? undefined
          : list(at(json, ["state", "lost", "msgs"])).length,
    },
    {
      name: "nats_stream_lost_bytes",
      type: "gauge",
      help: "Bytes of messages that the store found missing or damaged. Absent if 0.",
      ...own("state.lost.bytes"),
    },
    {
      name: "nats_stream_oldest_message_timestamp_seconds",
      type: "gauge",
      help: "Time at which the oldest message was stored, in seconds since 1970. Absent if the stream is empty.",
      field: "stream_detail[].state.first_ts",
      read: ofMessages(own("state.first_ts", instant).read),
    },
    {
      name: "nats_stream_newest_message_timestamp_seconds",
      type: "gauge",
      help: "Time at which the newest message was stored, in seconds since 1970. Absent if the stream is empty.",
      field: "stream_detail[].state.last_ts",
      read: ofMessages(own("state.last_ts", instant).read),
    },
    {
      name: "nats_stream_messages_limit",
      type: "gauge",
      help: "Maximum messages in the stream. Absent if unlimited.",
      ...own("config.max_msgs", limit),
    },
    {
      name: "nats_stream_size_limit_bytes",
      type: "gauge",
      help: "Maximum size of the stream, in bytes. Absent if unlimited.",
      ...own("config.max_bytes", limit),
    },
    {
      name: "nats_stream_age_limit_seconds",
      type: "gauge",
      help: "Maximum age of messages, in seconds. Absent if unlimited.",
      ...own("config.max_age", (value) => limit(nanoseconds(value))),
    },
    {
      name: "nats_stream_consumers_limit",
      type: "gauge",
      help: "Maximum consumers of the stream. Absent if unlimited.",
      ...own("config.max_consumers", limit),
    },
    {
      name: "nats_stream_created_timestamp_seconds",
      type: "gauge",
      help: "Time at which the stream was created, in seconds since 1970. Changes if the stream is recreated under the same name.",
      ...own("created", instant),
    },
    {
      name: "nats_stream_quorum_margin",
      type: "gauge",
      help: "Peers that can still be lost before the stream stops; below 0 it has stopped. Lost means offline or silent for 10 seconds. Absent if the stream has one replica.",
      field: "stream_detail[].cluster.replicas[].offline, current, active",
      read: ({ json }) => quorumMargin(json.cluster),
    },
    {
      name: "nats_stream_leader_since_timestamp_seconds",
      type: "gauge",
      help: "Time at which this server became leader of the stream, in seconds since 1970.",
      since: "2.11.9",
      ...own("cluster.leader_since", instant),
    },
  ],
};

/** Reported by every server with a replica. The leader is a value, never a label. */
export const streamPlacement: Table<Asset & { readonly leads: boolean }> = {
  item: "stream on a server",
  endpoint: "/jsz",
  labels: LABELS,
  identify: ({ names }) => names,
  rows: [
    {
      name: "nats_stream_leader",
      type: "gauge",
      help: "Whether this server leads the stream (1) or has another replica of it (0). Absent on a server without a cluster.",
      field: "stream_detail[].cluster.leader",
      read: ({ json, leads }) => (isReplicated(json.cluster) ? Number(leads) : undefined),
    },
    {
      name: "nats_stream_leaderless",
      type: "gauge",
      help: "Whether this replica knows no leader of the stream (1), so that the stream accepts no messages, or knows one (0). Absent on a server without a cluster.",
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
      help: "Configuration of the stream. Always 1. `kind` is stream, mirror, sourced, kv or object.",
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

/** Raft group of a stream that this server leads. */
export const streamRaftGroup = raftGroupTable("stream", LABELS);

/** Peers of a stream that this server leads. */
export const streamReplica = replicaTable("stream", LABELS);

/** Thresholds in the metadata of a stream that this server leads. */
export const streamThreshold = thresholdTable("stream", LABELS);

/** The origin of a mirror, or a source; `names` are label values by position. */
export interface Origin {
  readonly names: readonly string[];
  readonly json: unknown;
}

/** Servers report -1 if a mirror or source was never active: no sample. */
const sinceActive: Conversion = (value) => {
  const seconds = nanoseconds(value);
  return seconds === undefined || seconds < 0 ? undefined : seconds;
};

/** The origins that a stream copies from, one item each. */
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
      help: "Messages that the mirror or source is behind its origin.",
      ...origin("lag"),
    },
    {
      name: "nats_stream_origin_idle_seconds",
      type: "gauge",
      help: "Time since the last message or heartbeat from the origin, in seconds. Absent if never.",
      ...origin("active", sinceActive),
    },
    {
      name: "nats_stream_origin_failed",
      type: "gauge",
      help: "Whether copying from the origin fails (1) or not (0).",
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
