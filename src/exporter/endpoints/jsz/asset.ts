/**
 * Common parts of streams and consumers. Both are Raft assets with a leader, and only the leader has correct data:
 * a follower reports no pending messages, no waiting pulls and no source lag, and lists the other followers as not
 * current. So values come from the leader only, and a series exists once per cluster no matter how many servers are
 * scraped.
 */

import {
  absentIsFalse,
  absentIsZero,
  type Conversion,
  flag,
  nanoseconds,
  number,
} from "../../collect/conversions.ts";
import type { Identity } from "../../collect/identity.ts";
import { from, type Row, type Table } from "../../collect/table.ts";
import { at, type JsonObject, list, object, text } from "../../sources/json.ts";

/** A stream or a consumer, with its label values. */
export interface Asset {
  /** Values of the asset's labels by position: account, stream and, for a consumer, its name. */
  readonly names: readonly string[];
  readonly json: JsonObject;
}

/**
 * `...ofAsset("stream_detail[]")("state.messages")` in a row: names the full field path and reads the field from
 * the asset.
 */
export function ofAsset(
  where: string,
): (field: string, as?: Conversion) => { field: string; read: (asset: Asset) => number | undefined } {
  return (field, as = number) => {
    const { read } = from(field, as);
    return { field: `${where}.${field}`, read: (asset) => read(asset.json) };
  };
}

/**
 * Whether this server leads the asset. A standalone server leads everything. If the asset is part of a cluster and
 * the server's identity is unknown, the result is false: an absent lag is better than a follower's.
 */
export function isLeader(cluster: unknown, identity: Identity | undefined): boolean {
  const { leader } = object(cluster);
  if (Object.keys(object(cluster)).length === 0) return true;
  return identity !== undefined && leader === identity.serverName;
}

/** Whether the asset is part of a cluster's Raft group; false on a standalone server. */
export function isReplicated(cluster: unknown): boolean {
  return text(at(cluster, ["raft_group"])) !== "" || list(at(cluster, ["replicas"])).length > 0;
}

/** A peer of an asset: the names of both, and the leader's data about the peer. */
export interface Replica {
  readonly names: readonly string[];
  readonly json: unknown;
}

/** Peers of an asset as its leader sees them, without the leader itself. */
export function replicaTable(
  item: "stream" | "consumer" | "meta group",
  labels: readonly string[],
): Table<Replica> {
  const where = item === "meta group" ? "meta_cluster.replicas[]" : `${item}_detail[].cluster.replicas[]`;
  const prefix = item === "meta group" ? "nats_jetstream_meta" : `nats_${item}`;
  const peer = (field: string, as: Conversion): Pick<Row<Replica>, "field" | "read"> => {
    const { read } = from(field, as);
    return { field: `${where}.${field}`, read: (replica) => read(replica.json) };
  };
  return {
    item: `${item} replica`,
    endpoint: "/jsz",
    labels: [...labels, "peer"],
    identify: ({ names }) => names,
    rows: [
      {
        name: `${prefix}_replica_current`,
        type: "gauge",
        help: "Whether the leader has heard from the peer recently and it is caught up (1) or not (0).",
        ...peer("current", flag),
      },
      {
        name: `${prefix}_replica_offline`,
        type: "gauge",
        help: "Whether the leader considers the peer offline (1) or not (0). Set soon after a clean shutdown, but minutes after a kill.",
        ...peer("offline", absentIsFalse),
      },
      {
        name: `${prefix}_replica_lag`,
        type: "gauge",
        help: "Raft operations that the peer is behind the leader.",
        ...peer("lag", absentIsZero),
      },
      {
        name: `${prefix}_replica_last_seen_seconds`,
        type: "gauge",
        help: "Time since the leader last heard from the peer, in seconds. Absent if never.",
        field: `${where}.active`,
        read: ({ json }) => silence(json),
      },
    ],
  };
}

/** The asset's Raft group in `/raftz`. It changes if the asset is recreated or moved. */
export function raftGroupTable(item: "stream" | "consumer", labels: readonly string[]): Table<Asset> {
  return {
    item: `replicated ${item}`,
    endpoint: "/jsz",
    labels: [...labels, "raft_group"],
    identify: ({ names, json }) => [...names, text(at(json, ["cluster", "raft_group"]))],
    rows: [
      {
        name: `nats_${item}_raft_info`,
        type: "info",
        help: `Name of the Raft group that replicates the ${item}, as in raftz metrics. Always 1. Absent if the ${item} has one replica.`,
        field: `${item}_detail[].cluster.raft_group`,
        since: "2.10.4",
        read: ({ json }) => (text(at(json, ["cluster", "raft_group"])) === "" ? undefined : 1),
      },
    ],
  };
}

/** The replicas of an asset, as items of its `replicaTable`. */
export function* replicasOf({ names, json }: Asset): Generator<Replica> {
  for (const peer of list(at(json, ["cluster", "replicas"]))) {
    yield { names: [...names, text(at(peer, ["name"])) || text(at(peer, ["peer"]))], json: peer };
  }
}

/**
 * Peers that can still be lost before the group loses its quorum: live peers including the leader, minus the
 * majority of all. Undefined for a group of one.
 */
export function quorumMargin(cluster: unknown): number | undefined {
  const replicas = list(at(cluster, ["replicas"]));
  if (replicas.length === 0) return undefined;
  const peers = replicas.length + 1;
  const living = 1 + replicas.filter((peer) => !isLost(peer)).length;
  return living - (Math.floor(peers / 2) + 1);
}

/** Silence after which a peer no longer counts towards the quorum, in seconds (the server's lostQuorumInterval). */
export const LOST_AFTER_SECONDS = 10;

/**
 * Whether the peer is lost. A server marks a killed peer as offline only after minutes. Until then it reports
 * `current: false`, which it also reports for a peer that is catching up; the time since the last contact tells
 * these apart. 0 means never.
 */
function isLost(peer: unknown): boolean {
  if (at(peer, ["offline"]) === true) return true;
  if (at(peer, ["current"]) === true) return false;
  const silent = nanoseconds(at(peer, ["active"]));
  return silent === undefined || silent === 0 || silent > LOST_AFTER_SECONDS;
}

/** Seconds since the leader heard from the peer; undefined if never, which servers report as 0. */
function silence(peer: unknown): number | undefined {
  const seconds = nanoseconds(at(peer, ["active"]));
  return seconds === 0 && at(peer, ["current"]) !== true ? undefined : seconds;
}
