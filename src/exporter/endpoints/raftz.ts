/**
 * `/raftz`: Raft groups as this server sees them. By default only the meta group, which places all streams and
 * consumers of the cluster.
 *
 * With `raftGroups: "all"`, also the groups of streams and consumers, one request per selected account. A group's
 * name does not contain its stream or consumer; `nats_stream_raft_info` and `nats_consumer_raft_info` map one to
 * the other.
 *
 * Only the leader has correct data about the peers. A follower hears from its leader alone, so that is the only
 * peer it reports. Peers are labelled by server name: their ids are hashes of the names.
 *
 * Source: RaftzGroup in nats-server's server/monitor.go, Peers() and Quorum() in server/raft.go.
 */

import { EndpointAbsent } from "../../nats/monitoring/errors.ts";
import type { Collector } from "../collect/collector.ts";
import { absentIsFalse, type Conversion, duration, flag, instant, number } from "../collect/conversions.ts";
import { isSince } from "../collect/identity.ts";
import type { Row, Table } from "../collect/table.ts";
import { at, type JsonObject, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import type { Request } from "../sources/monitoring-port/monitor.ts";
import { ACCOUNT_LIST, isAccountList, MAX_ACCOUNTS, selectedAccounts } from "./account-list.ts";
import { LOST_AFTER_SECONDS } from "./jsz/asset.ts";

const META_GROUP = "_meta_";

interface Group {
  readonly account: string;
  readonly name: string;
  readonly json: JsonObject;
  readonly version: string | undefined;
}

const ofGroup = (
  field: string,
  as: Conversion = number,
): { field: string; read: (group: Group) => number | undefined } => {
  const path = field.split(".");
  return { field: `*.*.${field}`, read: ({ json }) => as(at(json, path)) };
};

const isLed = ({ json }: Group): boolean => json.state === "LEADER";

function difference(more: unknown, less: unknown): number | undefined {
  const minuend = number(more);
  const subtrahend = number(less);
  return minuend === undefined || subtrahend === undefined ? undefined : Math.max(0, minuend - subtrahend);
}

const raftGroup: Table<Group> = {
  item: "Raft group",
  endpoint: "/raftz",
  labels: ["account", "group"],
  identify: ({ account, name }) => [account, name],
  rows: [
    {
      name: "nats_raft_leader",
      type: "gauge",
      help: "Whether this server leads the group (1) or not (0).",
      field: "*.*.state",
      read: (group) => (text(group.json.state) === "" ? undefined : Number(isLed(group))),
    },
    {
      name: "nats_raft_leaderless",
      type: "gauge",
      help: "Whether this server knows no leader of the group (1): during an election, or without a quorum. Otherwise 0.",
      field: "*.*.leader",
      read: ({ json }) => (text(json.state) === "" ? undefined : Number(text(json.leader) === "")),
    },
    {
      name: "nats_raft_leader_since_timestamp_seconds",
      type: "gauge",
      help: "Time at which this server became leader of the group, in seconds since 1970. Absent if it is not the leader.",
      since: "2.11.9",
      ...ofGroup("leader_since", instant),
    },
    {
      name: "nats_raft_term",
      type: "gauge",
      help: "Election term of the group. Rises by at least 1 with each election.",
      ...ofGroup("term"),
    },
    {
      name: "nats_raft_committed_index",
      type: "gauge",
      help: "Index of the last log entry known to be on a majority of members.",
      ...ofGroup("committed"),
    },
    {
      name: "nats_raft_applied_index",
      type: "gauge",
      help: "Index of the last log entry applied by this server.",
      ...ofGroup("applied"),
    },
    {
      name: "nats_raft_unapplied_entries",
      type: "gauge",
      help: "Committed log entries that this server has not applied yet.",
      field: "*.*.committed - applied",
      read: ({ json }) => difference(json.committed, json.applied),
    },
    {
      name: "nats_raft_uncommitted_entries",
      type: "gauge",
      help: "Log entries on this server that are not known to be on a majority of members. Grows while the group has no quorum.",
      field: "*.*.pindex - committed",
      read: ({ json }) => difference(json.pindex, json.committed),
    },
    {
      name: "nats_raft_log_messages",
      type: "gauge",
      help: "Entries in the group's write-ahead log. Drops after a snapshot.",
      ...ofGroup("wal.messages"),
    },
    {
      name: "nats_raft_log_bytes",
      type: "gauge",
      help: "Size of the group's write-ahead log in bytes. Drops after a snapshot.",
      ...ofGroup("wal.bytes"),
    },
    {
      name: "nats_raft_log_failed",
      type: "gauge",
      help: "Whether writing the group's log failed on this server (1) or not (0).",
      field: "*.*.wal_error",
      read: ({ json }) => Number((json.wal_error ?? null) !== null),
    },
    {
      name: "nats_raft_peers",
      type: "gauge",
      help: "Configured members of the group, including this server.",
      ...ofGroup("size"),
    },
    {
      name: "nats_raft_quorum",
      type: "gauge",
      help: "Members needed for a majority.",
      ...ofGroup("quorum_needed"),
    },
    {
      name: "nats_raft_quorum_margin",
      type: "gauge",
      help: `Members that can still be lost before the group stops; below 0 it has stopped. Counts members heard from within ${LOST_AFTER_SECONDS} s. Absent if this server is not the leader.`,
      field: "*.*.peers.*.last_seen",
      read: (group) => (isLed(group) ? quorumMargin(group.json) : undefined),
    },
    {
      name: "nats_raft_catching_up",
      type: "gauge",
      help: "Whether this server is fetching entries that it missed (1) or not (0).",
      ...ofGroup("catching_up", absentIsFalse),
    },
    {
      name: "nats_raft_observer",
      type: "gauge",
      help: "Whether this server follows the group but cannot become its leader (1), or can (0).",
      ...ofGroup("observer", absentIsFalse),
    },
    {
      name: "nats_raft_paused",
      type: "gauge",
      help: "Whether this server has paused applying entries (1), for example during a snapshot or a catch-up, or not (0).",
      ...ofGroup("paused", absentIsFalse),
    },
    {
      name: "nats_raft_overrun",
      type: "gauge",
      help: "Whether this server holds back new entries because they arrive faster than it applies them (1) or not (0).",
      field: "*.*.overrun",
      since: "2.14.0",
      read: ifKnown("overrun", absentIsFalse),
    },
    {
      name: "nats_raft_overruns_total",
      type: "counter",
      help: "Times that entries arrived faster than this server could apply them.",
      field: "*.*.overrun_count",
      since: "2.14.0",
      read: ifKnown("overrun_count", (value) => (value === undefined ? 0 : number(value))),
    },
  ],
};

/**
 * Reads a field that servers leave out while it is false or 0. Without the field, a release that has it means 0,
 * and an older one means unknown.
 */
function ifKnown(field: string, as: Conversion): Row<Group>["read"] {
  return ({ json, version }) => {
    const value = json[field];
    return value === undefined && !isSince(version, "2.14.0") ? undefined : as(value);
  };
}

function quorumMargin(group: JsonObject): number | undefined {
  const needed = number(group.quorum_needed);
  if (needed === undefined) return undefined;
  const heard = Object.values(object(group.peers)).filter((peer) => {
    const silent = duration(at(peer, ["last_seen"]));
    return silent !== undefined && silent < LOST_AFTER_SECONDS;
  });
  return 1 + heard.length - needed;
}

interface Peer {
  readonly account: string;
  readonly group: string;
  readonly name: string;
  readonly json: unknown;
  /** Committed index if this server leads the group; undefined if it follows. */
  readonly committed: number | undefined;
}

const raftPeer: Table<Peer> = {
  item: "peer of a Raft group",
  endpoint: "/raftz",
  labels: ["account", "group", "peer"],
  identify: ({ account, group, name }) => [account, group, name],
  rows: [
    {
      name: "nats_raft_peer_last_seen_seconds",
      type: "gauge",
      help: "Time since this server last heard from the peer, in seconds. The leader reports every peer, a follower only its leader. Absent if never.",
      field: "*.*.peers.*.last_seen",
      read: ({ json }) => duration(at(json, ["last_seen"])),
    },
    {
      name: "nats_raft_peer_lag_entries",
      type: "gauge",
      help: "Committed entries that the peer has not stored yet. Absent if this server is not the leader.",
      field: "*.*.committed - peers.*.last_replicated_index",
      read: ({ committed, json }) => {
        const stored = at(json, ["last_replicated_index"]);
        return difference(committed, stored === undefined ? 0 : stored);
      },
    },
    {
      name: "nats_raft_peer_known",
      type: "gauge",
      help: "Whether the peer is an established member (1) or is being added or removed (0). Absent if this server is not the leader.",
      field: "*.*.peers.*.known",
      read: ({ committed, json }) => (committed === undefined ? undefined : flag(at(json, ["known"]))),
    },
  ],
};

interface Replies {
  readonly meta: Document;
  /** All groups of each requested account. */
  readonly accounts: readonly Document[];
  /**
   * Selected accounts beyond MAX_ACCOUNTS; undefined if only the meta group is selected or the server returned no
   * account list.
   */
  readonly accountsNotAsked: number | undefined;
}

const raftAccounts: Table<Replies> = {
  item: "server",
  endpoint: "/raftz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_raft_accounts_not_asked",
      type: "gauge",
      help: `Selected accounts without metrics of Raft groups because one collection requests at most ${MAX_ACCOUNTS}. Absent unless all Raft groups are selected.`,
      field: "accounts of /accountz",
      read: ({ accountsNotAsked }) => accountsNotAsked,
    },
  ],
};

export const raftz: Collector<Replies> = {
  name: "raftz",
  summary: "Raft groups: leader, term, uncommitted and unapplied entries, quorum, peer lag",
  tables: [raftAccounts, raftGroup, raftPeer],

  async fetch(ask, { selection }) {
    const meta = await ask({ path: `/raftz?group=${META_GROUP}`, mayBeAbsent: true });
    const accounts: Document[] = [];
    let accountsNotAsked: number | undefined;
    if (selection.raftGroups === "all") {
      const list = await ask(ACCOUNT_LIST);
      const selected = selectedAccounts(list, selection);
      const asked = selected.slice(0, MAX_ACCOUNTS);
      accountsNotAsked = isAccountList(list) ? selected.length - asked.length : undefined;
      for (const account of asked) {
        try {
          accounts.push(await ask(groupsOf(account)));
        } catch (error) {
          if (!(error instanceof EndpointAbsent)) throw error; // The account has no groups.
        }
      }
    }
    return { meta, accounts, accountsNotAsked };
  },

  *read(answers, { identity }, sink) {
    const { meta, accounts } = answers;
    sink.add(raftAccounts, answers);
    for (const group of groupsIn(meta.root, identity?.version)) {
      sink.add(raftGroup, group);
      for (const peer of peersOf(group)) sink.add(raftPeer, peer);
    }
    for (const { root } of accounts) {
      for (const group of groupsIn(root, identity?.version)) {
        if (group.name === META_GROUP) continue; // The reply for the system account repeats the meta group.
        sink.add(raftGroup, group);
        for (const peer of peersOf(group)) sink.add(raftPeer, peer);
        yield;
      }
    }
  },
};

function groupsOf(account: string): Request {
  return { path: `/raftz?acc=${encodeURIComponent(account.toWellFormed())}`, mayBeAbsent: true };
}

function* groupsIn(root: unknown, version: string | undefined): Generator<Group> {
  for (const [account, groups] of Object.entries(object(root))) {
    for (const [name, json] of Object.entries(object(groups))) {
      yield { account, name, json: object(json), version };
    }
  }
}

function* peersOf(group: Group): Generator<Peer> {
  const { account, name, json } = group;
  const led = isLed(group);
  for (const [id, peer] of Object.entries(object(json.peers))) {
    if (!led && id !== json.leader) continue;
    yield {
      account,
      group: name,
      name: text(at(peer, ["name"])) || id,
      json: peer,
      committed: led ? number(json.committed) : undefined,
    };
  }
}
