/**
 * What streams and consumers have in common: both are raft assets with a leader, and only the leader tells
 * the truth. A follower reports no pending messages, no waiting pulls and no source lag, whatever they are,
 * and lists the other followers as not current. So values come from the leader and from nobody else, and a
 * series exists once in a cluster however many servers are watched.
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

/** A stream or a consumer, with the names that its series are labelled by. */
export interface Asset {
  /** Values of the asset's labels, by position: account, stream and, of a consumer, its name. */
  readonly names: readonly string[];
  readonly json: JsonObject;
}

/** `...ofAsset("stream_detail[]")("state.messages")`: names the field in full and reads it from the asset. */
export function ofAsset(
  where: string,
): (field: string, as?: Conversion) => { field: string; read: (asset: Asset) => number | undefined } {
  return (field, as = number) => {
    const { read } = from(field, as);
    return { field: `${where}.${field}`, read: (asset) => read(asset.json) };
  };
}

/**
 * Whether this server leads the asset. A standalone server leads everything. Where the asset is of a cluster
 * and it is not known who answers, nothing is led: an absent lag is better than a follower's.
 */
export function isLeader(cluster: unknown, identity: Identity | undefined): boolean {
  const { leader } = object(cluster);
  if (Object.keys(object(cluster)).length === 0) return true;
  return identity !== undefined && leader === identity.serverName;
}

/** Part of a raft group of a cluster; a standalone server's assets are not. */
export function isReplicated(cluster: unknown): boolean {
  return text(at(cluster, ["raft_group"])) !== "" || list(at(cluster, ["replicas"])).length > 0;
}

/** A peer of an asset: the asset's names and the peer's, and what its leader says of it. */
export interface Replica {
  readonly names: readonly string[];
  readonly json: unknown;
}

/** Peers of an asset as its leader sees them; the leader itself is not among them. */
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
        help: "1 if the peer was seen recently and has caught up, as the leader sees it.",
        ...peer("current", flag),
      },
      {
        name: `${prefix}_replica_offline`,
        type: "gauge",
        help: "1 if the leader calls the peer offline: soon for one that was stopped, after minutes for one that was killed.",
        ...peer("offline", absentIsFalse),
      },
      {
        name: `${prefix}_replica_lag`,
        type: "gauge",
        help: "Raft operations that the peer is behind its leader.",
        ...peer("lag", absentIsZero),
      },
      {
        name: `${prefix}_replica_last_seen_seconds`,
        type: "gauge",
        help: "Time since the leader heard of the peer. Absent if it never did.",
        field: `${where}.active`,
        read: ({ json }) => silence(json),
      },
    ],
  };
}

/** Which raft group of `/raftz` an asset is: another one when it is made anew or moved. */
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
        help: `The raft group that replicates the ${item}, as raftz calls it. Absent for one replica.`,
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
 * Peers that may still be lost before the group cannot decide: peers that live, the leader included, less the
 * majority of all. Undefined for a group of one, whose margin says nothing.
 */
export function quorumMargin(cluster: unknown): number | undefined {
  const replicas = list(at(cluster, ["replicas"]));
  if (replicas.length === 0) return undefined;
  const peers = replicas.length + 1;
  const living = 1 + replicas.filter((peer) => !isLost(peer)).length;
  return living - (Math.floor(peers / 2) + 1);
}

/** A peer that its leader has not heard of for so long does not count for the quorum (the server's lostQuorumInterval). */
const LOST_AFTER_SECONDS = 10;

/**
 * A server calls a peer that was killed offline only minutes later, and till then `current: false`, which it also
 * calls one that is catching up: how long ago it was heard of tells them apart. 0 is never.
 */
function isLost(peer: unknown): boolean {
  if (at(peer, ["offline"]) === true) return true;
  if (at(peer, ["current"]) === true) return false;
  const silent = nanoseconds(at(peer, ["active"]));
  return silent === undefined || silent === 0 || silent > LOST_AFTER_SECONDS;
}

/** How long a leader has not heard of a peer; a peer of which it never heard says 0. */
function silence(peer: unknown): number | undefined {
  const seconds = nanoseconds(at(peer, ["active"]));
  return seconds === 0 && at(peer, ["current"]) !== true ? undefined : seconds;
}
