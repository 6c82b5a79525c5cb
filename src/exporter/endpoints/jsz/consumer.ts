/** Consumers, each as reported by its own leader, which can be another server than the stream's leader. */
import { absentIsFalse, flag, instant, limit, nanoseconds, number } from "../../collect/conversions.ts";
import type { Table } from "../../collect/table.ts";
import { at, list, text } from "../../sources/json.ts";
import { type Asset, isReplicated, ofAsset, quorumMargin, raftGroupTable, replicaTable } from "./asset.ts";
import { thresholdTable } from "./threshold.ts";

const LABELS = ["account", "stream", "consumer"] as const;
const own = ofAsset("consumer_detail[]");

const isPush = ({ json }: Asset): boolean => text(at(json, ["config", "deliver_subject"])) !== "";

/**
 * Whether a client or server generated the name, so that it will not recur: a consumer without a durable name, one
 * that another stream uses for sourcing, or an MQTT subscription. Without a configuration in the reply, a consumer
 * counts as durable.
 */
export function isEphemeral({ names: [, stream = "", name = ""], json }: Asset): boolean {
  if (stream.startsWith("$MQTT_") || name.startsWith("JS_SRC_")) return true;
  return json.config !== undefined && text(at(json, ["config", "durable_name"])) === "";
}

export const consumer: Table<Asset> = {
  item: "consumer",
  endpoint: "/jsz",
  labels: LABELS,
  identify: ({ names }) => names,
  rows: [
    {
      name: "nats_consumer_pending",
      type: "gauge",
      help: "Consumer lag: messages of the stream that match the consumer and are not delivered yet.",
      ...own("num_pending"),
    },
    {
      name: "nats_consumer_ack_pending",
      type: "gauge",
      help: "Messages delivered but not acknowledged yet.",
      ...own("num_ack_pending"),
    },
    {
      name: "nats_consumer_ack_pending_ratio",
      type: "gauge",
      help: "Unacknowledged messages as a fraction of max_ack_pending; delivery stops at 1. Absent if unlimited.",
      field: "consumer_detail[].num_ack_pending by config.max_ack_pending",
      read: ({ json }) => {
        const most = limit(at(json, ["config", "max_ack_pending"]));
        const pending = number(json.num_ack_pending);
        return most === undefined || pending === undefined ? undefined : pending / most;
      },
    },
    {
      name: "nats_consumer_redelivered",
      type: "gauge",
      help: "Messages delivered more than once and not acknowledged yet.",
      ...own("num_redelivered"),
    },
    {
      name: "nats_consumer_waiting_pulls",
      type: "gauge",
      help: "Pull requests waiting for messages. Absent for a push consumer.",
      field: "consumer_detail[].num_waiting",
      read: (asset) => (isPush(asset) ? undefined : number(asset.json.num_waiting)),
    },
    {
      name: "nats_consumer_deliveries_total",
      type: "counter",
      help: "Deliveries, including redeliveries.",
      ...own("delivered.consumer_seq"),
    },
    {
      name: "nats_consumer_delivered_sequence",
      type: "gauge",
      help: "Stream sequence of the last delivered message.",
      ...own("delivered.stream_seq"),
    },
    {
      name: "nats_consumer_ack_floor_deliveries",
      type: "gauge",
      help: "Consumer sequence of the ack floor: all deliveries up to it are acknowledged.",
      ...own("ack_floor.consumer_seq"),
    },
    {
      name: "nats_consumer_ack_floor_sequence",
      type: "gauge",
      help: "Stream sequence of the ack floor: all messages up to it are acknowledged.",
      ...own("ack_floor.stream_seq"),
    },
    {
      name: "nats_consumer_last_delivery_timestamp_seconds",
      type: "gauge",
      help: "Time of the last delivery, in seconds since 1970. Absent if this server has delivered nothing since it became leader.",
      ...own("delivered.last_active", instant),
    },
    {
      name: "nats_consumer_last_ack_timestamp_seconds",
      type: "gauge",
      help: "Time of the last acknowledgement, in seconds since 1970. Absent if this server has received none since it became leader.",
      ...own("ack_floor.last_active", instant),
    },
    {
      name: "nats_consumer_push_bound",
      type: "gauge",
      help: "Whether a subscriber is bound to the push consumer's deliver subject (1) or not (0). Absent for a pull consumer.",
      field: "consumer_detail[].push_bound",
      read: (asset) => (isPush(asset) ? absentIsFalse(asset.json.push_bound) : undefined),
    },
    {
      name: "nats_consumer_paused",
      type: "gauge",
      help: "Whether delivery is paused (1) or the pause has ended (0). Absent if the consumer was never paused.",
      since: "2.11.0",
      field: "consumer_detail[].paused",
      read: ({ json }) =>
        at(json, ["config", "pause_until"]) === undefined ? flag(json.paused) : absentIsFalse(json.paused),
    },
    {
      name: "nats_consumer_pause_remaining_seconds",
      type: "gauge",
      help: "Time until the pause ends, in seconds. Absent if the consumer is not paused.",
      since: "2.11.0",
      ...own("pause_remaining", nanoseconds),
    },
    {
      name: "nats_consumer_quorum_margin",
      type: "gauge",
      help: "Peers that can still be lost before the consumer stops; below 0 it has stopped. Lost means offline or silent for 10 seconds. Absent if the consumer has one replica.",
      field: "consumer_detail[].cluster.replicas[].offline, current, active",
      read: ({ json }) => quorumMargin(json.cluster),
    },
    {
      name: "nats_consumer_leader_since_timestamp_seconds",
      type: "gauge",
      help: "Time at which this server became leader of the consumer, in seconds since 1970.",
      since: "2.11.9",
      ...own("cluster.leader_since", instant),
    },
  ],
};

/** Reported by every server with a replica. The leader is a value, never a label. */
export const consumerPlacement: Table<Asset & { readonly leads: boolean }> = {
  item: "consumer on a server",
  endpoint: "/jsz",
  labels: LABELS,
  identify: ({ names }) => names,
  rows: [
    {
      name: "nats_consumer_leader",
      type: "gauge",
      help: "Whether this server leads the consumer (1) or has another replica of it (0). Absent on a server without a cluster.",
      field: "consumer_detail[].cluster.leader",
      read: ({ json, leads }) => (isReplicated(json.cluster) ? Number(leads) : undefined),
    },
    {
      name: "nats_consumer_leaderless",
      type: "gauge",
      help: "Whether this replica knows no leader of the consumer (1), so that nothing is delivered, or knows one (0). Absent on a server without a cluster.",
      field: "consumer_detail[].cluster.leader",
      read: ({ json }) =>
        isReplicated(json.cluster) ? Number(text(at(json, ["cluster", "leader"])) === "") : undefined,
    },
  ],
};

function configuredLimit({ json }: Asset, key: string): string {
  return String(limit(at(json, ["config", key])) ?? "");
}

export const consumerInfo: Table<Asset> = {
  item: "consumer",
  endpoint: "/jsz",
  labels: [
    ...LABELS,
    "kind",
    "ack_policy",
    "deliver_policy",
    "max_ack_pending",
    "max_deliver",
    "max_waiting",
  ],
  identify: (asset) => [
    ...asset.names,
    isPush(asset) ? "push" : "pull",
    text(at(asset.json, ["config", "ack_policy"])),
    text(at(asset.json, ["config", "deliver_policy"])),
    configuredLimit(asset, "max_ack_pending"),
    configuredLimit(asset, "max_deliver"),
    configuredLimit(asset, "max_waiting"),
  ],
  rows: [
    {
      name: "nats_consumer_info",
      type: "info",
      help: "Configuration of the consumer. Always 1. The label of a limit is empty if the limit is not set.",
      field: "consumer_detail[].config",
      read: ({ json }) => (json.config === undefined ? undefined : 1),
    },
  ],
};

/** Raft group of a consumer that this server leads. */
export const consumerRaftGroup = raftGroupTable("consumer", LABELS);

/** Peers of a consumer that this server leads. */
export const consumerReplica = replicaTable("consumer", LABELS);

/** Thresholds in the metadata of a consumer that this server leads. */
export const consumerThreshold = thresholdTable("consumer", LABELS);

/** A priority group of a consumer; `names` are the consumer's and the group's. */
export interface PriorityGroup {
  readonly names: readonly string[];
  readonly json: unknown;
}

export const priorityGroup: Table<PriorityGroup> = {
  item: "priority group",
  endpoint: "/jsz",
  labels: [...LABELS, "group"],
  identify: ({ names }) => names,
  rows: [
    {
      name: "nats_consumer_pinned",
      type: "gauge",
      help: "Whether a client is pinned and receives all messages of the priority group (1) or not (0).",
      since: "2.11.0",
      field: "consumer_detail[].priority_groups[].pinned_client_id",
      read: ({ json }) => Number(text(at(json, ["pinned_client_id"])) !== ""),
    },
    {
      name: "nats_consumer_pinned_since_timestamp_seconds",
      type: "gauge",
      help: "Time at which the client was pinned, in seconds since 1970. Absent if no client is pinned.",
      since: "2.11.0",
      field: "consumer_detail[].priority_groups[].pinned_ts",
      read: ({ json }) => instant(at(json, ["pinned_ts"])),
    },
  ],
};

/** Priority groups that pin a client, as items of `priorityGroup`. */
export function* pinningGroupsOf({ names, json }: Asset): Generator<PriorityGroup> {
  if (text(at(json, ["config", "priority_policy"])) !== "pinned_client") return;
  for (const group of list(json.priority_groups)) {
    yield { names: [...names, text(at(group, ["group"]))], json: group };
  }
}

/** All ephemeral consumers of a stream that this server leads, aggregated. */
export class EphemeralConsumers {
  readonly names: readonly string[];
  count = 0;
  readonly sums = { pending: 0, ackPending: 0, redelivered: 0, waiting: 0 };

  /** @param names account and stream */
  constructor(names: readonly string[]) {
    this.names = names;
  }

  add({ json }: Asset): void {
    this.count++;
    this.sums.pending += number(json.num_pending) ?? 0;
    this.sums.ackPending += number(json.num_ack_pending) ?? 0;
    this.sums.redelivered += number(json.num_redelivered) ?? 0;
    this.sums.waiting += number(json.num_waiting) ?? 0;
  }
}

/** Ephemeral consumers have random names and live for minutes: a series each would grow without bound. */
export const ephemeralConsumers: Table<EphemeralConsumers> = {
  item: "stream's ephemeral consumers",
  endpoint: "/jsz",
  labels: ["account", "stream"],
  identify: ({ names }) => names,
  rows: [
    {
      name: "nats_ephemeral_consumers",
      type: "gauge",
      help: "Consumers of the stream with generated names (ephemeral, MQTT, sourcing) that this server leads.",
      field: "consumer_detail[]",
      read: ({ count }) => count,
    },
    {
      name: "nats_ephemeral_consumers_pending",
      type: "gauge",
      help: "Messages of the stream not delivered yet to ephemeral consumers, summed over these consumers.",
      field: "consumer_detail[].num_pending",
      read: ({ sums }) => sums.pending,
    },
    {
      name: "nats_ephemeral_consumers_ack_pending",
      type: "gauge",
      help: "Messages delivered to ephemeral consumers but not acknowledged yet.",
      field: "consumer_detail[].num_ack_pending",
      read: ({ sums }) => sums.ackPending,
    },
    {
      name: "nats_ephemeral_consumers_redelivered",
      type: "gauge",
      help: "Messages delivered more than once to ephemeral consumers and not acknowledged yet.",
      field: "consumer_detail[].num_redelivered",
      read: ({ sums }) => sums.redelivered,
    },
    {
      name: "nats_ephemeral_consumers_waiting_pulls",
      type: "gauge",
      help: "Pull requests of ephemeral consumers waiting for messages.",
      field: "consumer_detail[].num_waiting",
      read: ({ sums }) => sums.waiting,
    },
  ],
};
