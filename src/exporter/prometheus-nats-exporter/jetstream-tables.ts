/** JetStream metrics as rows; `jsz.ts` finds the items and their labels. */

import type { Row, Table } from "../collect/table.ts";
import { type JsonObject, object, text } from "../sources/json.ts";
import { count, flag, secondsBetween } from "./decoding.ts";
import { labelNamePart, type Naming } from "./naming.ts";

/** An item of any table: label values, and the JSON that the rows read. */
export interface Item {
  readonly labels: readonly string[];
  readonly json: JsonObject;
}

/** A stream, with the parts of its JSON that several rows read. */
interface StreamItem extends Item {
  readonly state: JsonObject;
  /** Undefined if the reply has no configuration. */
  readonly config: JsonObject | undefined;
}

/** A consumer, with the parts of its JSON that several rows read. */
interface ConsumerItem extends Item {
  readonly delivered: JsonObject;
  readonly ackFloor: JsonObject;
  /** Time at which the server reported the consumer, RFC 3339. */
  readonly at: string;
}

/** One table per type of item. Its labels are those of the enclosing items, then its own. */
export interface JetStreamTables {
  readonly server: Table<Item>;
  readonly account: Table<Item>;
  readonly stream: Table<StreamItem>;
  readonly source: Table<Item>;
  readonly mirror: Table<Item>;
  readonly consumer: Table<ConsumerItem>;
}

const SERVER_LABELS = ["server_id", "server_name", "cluster", "domain", "meta_leader", "is_meta_leader"];
const ACCOUNT_LABELS = [...SERVER_LABELS, "account", "account_name", "account_id"];
const STREAM_LABELS = [
  ...ACCOUNT_LABELS,
  "stream_name",
  "stream_leader",
  "is_stream_leader",
  "stream_raft_group",
];
const CONSUMER_LABELS = ["consumer_name", "consumer_leader", "is_consumer_leader", "consumer_desc"];

/**
 * Creates the tables. Metadata keys become labels after those of their asset; each must map to a different label
 * name.
 */
export function jetStreamTables(
  naming: Naming,
  streamKeys: readonly string[],
  consumerKeys: readonly string[],
): JetStreamTables {
  const streamLabels = [...STREAM_LABELS, ...streamKeys.map((key) => `stream_meta_${labelNamePart(key)}`)];
  const consumerMetadata = consumerKeys.map((key) => `consumer_meta_${labelNamePart(key)}`);
  const origin = (item: "source" | "mirror"): string[] => [`${item}_name`, `${item}_api`, `${item}_deliver`];
  return {
    server: table("server", SERVER_LABELS, serverRows(naming)),
    account: table("account", ACCOUNT_LABELS, accountRows(naming)),
    stream: table("stream", streamLabels, streamRows(naming)),
    source: table("source", [...streamLabels, ...origin("source")], originRows("source", "sources", naming)),
    mirror: table("mirror", [...streamLabels, ...origin("mirror")], originRows("mirror", "mirror", naming)),
    consumer: table(
      "consumer",
      [...streamLabels, ...CONSUMER_LABELS, ...consumerMetadata],
      consumerRows(naming),
    ),
  };
}

function table<Of extends Item>(
  item: string,
  labels: readonly string[],
  rows: readonly Row<Of>[],
): Table<Of> {
  return { item, endpoint: "/jsz", labels, identify: (it) => it.labels, rows };
}

/** End of the metric's name, field in the reply, help. */
type Count = readonly [name: string, field: string, help: string];

/** Rows for numbers in one part of an item. They are absent if the item lacks that part. */
function counts<Of>(
  { jetStream }: Naming,
  subject: string,
  path: string,
  part: (item: Of) => JsonObject | undefined,
  fields: readonly Count[],
): Row<Of>[] {
  return fields.map(([name, field, help]) => ({
    name: jetStream(subject, name),
    type: "gauge",
    help,
    field: path + field,
    read: (item) => {
      const json = part(item);
      return json && count(json[field]);
    },
  }));
}

const whole = ({ json }: Item): JsonObject => json;

function serverRows(naming: Naming): Row<Item>[] {
  return [
    {
      name: naming.jetStream("server", "jetstream_disabled"),
      type: "gauge",
      help: "Whether JetStream is disabled on the server (1) or enabled (0).",
      field: "disabled",
      read: ({ json }) => flag(json.disabled),
    },
    ...counts<Item>(naming, "server", "config.", ({ json }) => object(json.config), [
      ["max_memory", "max_memory", "Maximum memory in bytes."],
      ["max_storage", "max_storage", "Maximum disk space in bytes."],
    ]),
    ...counts(naming, "server", "", whole, [
      ["total_streams", "streams", "Streams with a replica on this server."],
      ["total_consumers", "consumers", "Consumers with a replica on this server."],
      ["total_messages", "messages", "Messages stored on this server."],
      ["total_message_bytes", "bytes", "Bytes of messages stored on this server."],
    ]),
  ];
}

function accountRows(naming: Naming): Row<Item>[] {
  return counts(naming, "account", "account_details.", whole, [
    ["max_storage", "reserved_storage", "Maximum disk space in bytes; 2^64 - 1 if unlimited."],
    ["max_memory", "reserved_memory", "Maximum memory in bytes; 2^64 - 1 if unlimited."],
    ["storage_used", "storage", "Disk space used in the whole cluster, in bytes."],
    ["memory_used", "memory", "Memory used in the whole cluster, in bytes."],
  ]);
}

function streamRows(naming: Naming): Row<StreamItem>[] {
  return [
    ...counts<StreamItem>(naming, "stream", "stream_detail.state.", ({ state }) => state, [
      ["total_messages", "messages", "Messages stored."],
      ["total_bytes", "bytes", "Bytes stored."],
      ["first_seq", "first_seq", "Sequence of the oldest message."],
      ["last_seq", "last_seq", "Sequence of the newest message."],
      ["consumer_count", "consumer_count", "Consumers."],
      ["subject_count", "num_subjects", "Subjects with messages."],
    ]),
    ...counts<StreamItem>(naming, "stream", "stream_detail.config.", ({ config }) => config, [
      ["limit_bytes", "max_bytes", "Maximum size in bytes; -1 if unlimited."],
      ["limit_messages", "max_msgs", "Maximum messages; -1 if unlimited."],
    ]),
  ];
}

function originRows(item: "source" | "mirror", field: string, naming: Naming): Row<Item>[] {
  return counts(naming, "stream", `stream_detail.${field}.`, whole, [
    [`${item}_lag`, "lag", "Messages behind the origin."],
    [
      `${item}_active_duration_ns`,
      "active",
      "Nanoseconds since the last contact with the origin; -1 if never.",
    ],
  ]);
}

function consumerRows(naming: Naming): Row<ConsumerItem>[] {
  const age = (
    name: string,
    field: string,
    help: string,
    part: (item: ConsumerItem) => JsonObject,
  ): Row<ConsumerItem> => ({
    name: naming.jetStream("consumer", name),
    type: "gauge",
    help,
    field: `consumer_detail.${field}.last_active`,
    read: (item) => secondsBetween(text(part(item).last_active), item.at),
  });
  const delivered = (item: ConsumerItem): JsonObject => item.delivered;
  const ackFloor = (item: ConsumerItem): JsonObject => item.ackFloor;
  return [
    age(
      "last_delivery_seconds",
      "delivered",
      "Seconds since the last delivery. Absent before the first.",
      delivered,
    ),
    age(
      "last_ack_seconds",
      "ack_floor",
      "Seconds since the last acknowledgement. Absent before the first.",
      ackFloor,
    ),
    ...counts(naming, "consumer", "consumer_detail.delivered.", delivered, [
      ["delivered_consumer_seq", "consumer_seq", "Deliveries, including redeliveries."],
      ["delivered_stream_seq", "stream_seq", "Stream sequence of the last delivered message."],
    ]),
    ...counts<ConsumerItem>(naming, "consumer", "consumer_detail.", whole, [
      ["num_ack_pending", "num_ack_pending", "Messages delivered but not acknowledged."],
      ["num_redelivered", "num_redelivered", "Messages redelivered but not acknowledged."],
      ["num_waiting", "num_waiting", "Pull requests waiting. Correct only on the consumer's leader."],
      ["num_pending", "num_pending", "Messages not delivered yet. Correct only on the consumer's leader."],
    ]),
    ...counts(naming, "consumer", "consumer_detail.ack_floor.", ackFloor, [
      [
        "ack_floor_stream_seq",
        "stream_seq",
        "Stream sequence of the ack floor: all messages up to it are acknowledged.",
      ],
      [
        "ack_floor_consumer_seq",
        "consumer_seq",
        "Consumer sequence of the ack floor: all deliveries up to it are acknowledged.",
      ],
    ]),
  ];
}
