/**
 * `/raftz`: Raft groups as this server sees them; by default the meta group alone, which decides about every
 * stream and consumer of the cluster.
 *
 * With `raftGroups: "all"` also those of streams and consumers, of each selected account in turn. Nothing in
 * a group's name says which asset it belongs to; `nats_stream_raft_info` and
 * `nats_consumer_raft_info` do.
 *
 * What a member knows of its peers is true of the leader only; a follower hears from nobody but its leader,
 * so that is the only peer it speaks of. Peers go under their server names: their ids are hashes of those.
 *
 * Source: RaftzGroup in nats-server's server/monitor.go, Peers() and Quorum() in server/raft.go.
 */
import type { Collector } from "../collect/collector.ts";
import { absentIsFalse, type Conversion, duration, flag, instant, number } from "../collect/conversions.ts";
import { isSince } from "../collect/identity.ts";
import type { Row, Table } from "../collect/table.ts";
import { at, type JsonObject, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { EndpointAbsent } from "../sources/monitoring-port/failure.ts";
import type { Request } from "../sources/monitoring-port/monitor.ts";
import { ACCOUNT_LIST, isAccountList, MAX_ACCOUNTS, selectedAccounts } from "./account-list.ts";

const META_GROUP = "_meta_";

/** A member silent for this long does not count for the quorum (lostQuorumInterval of the server). */
const LOST_AFTER_SECONDS = 10;

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
  const most = number(more);
  const least = number(less);
  return most === undefined || least === undefined ? undefined : Math.max(0, most - least);
}

export const raftGroup: Table<Group> = {
  item: "raft group",
  endpoint: "/raftz",
  labels: ["account", "group"],
  identify: ({ account, name }) => [account, name],
  rows: [
    {
      name: "nats_raft_leader",
      type: "gauge",
      help: "1 if this server leads the group.",
      field: "*.*.state",
      read: (group) => (text(group.json.state) === "" ? undefined : Number(isLed(group))),
    },
    {
      name: "nats_raft_leaderless",
      type: "gauge",
      help: "1 if this server knows no leader of the group: during an election, or without a quorum.",
      field: "*.*.leader",
      read: ({ json }) => (text(json.state) === "" ? undefined : Number(text(json.leader) === "")),
    },
    {
      name: "nats_raft_leader_since_timestamp_seconds",
      type: "gauge",
      help: "When this server became the leader of the group. Absent where it does not lead.",
      since: "2.11.9",
      ...ofGroup("leader_since", instant),
    },
    {
      name: "nats_raft_term",
      type: "gauge",
      help: "Election term of the group: rises by at least 1 with each election.",
      ...ofGroup("term"),
    },
    {
      name: "nats_raft_committed_index",
      type: "gauge",
      help: "Last entry of the log that is known to be on a majority.",
      ...ofGroup("committed"),
    },
    {
      name: "nats_raft_applied_index",
      type: "gauge",
      help: "Last entry of the log that this server has applied.",
      ...ofGroup("applied"),
    },
    {
      name: "nats_raft_unapplied_entries",
      type: "gauge",
      help: "Entries that are committed and not yet applied by this server.",
      field: "*.*.committed - applied",
      read: ({ json }) => difference(json.committed, json.applied),
    },
    {
      name: "nats_raft_uncommitted_entries",
      type: "gauge",
      help: "Entries in this server's log that are not known to be on a majority. Grows while a quorum is missing.",
      field: "*.*.pindex - committed",
      read: ({ json }) => difference(json.pindex, json.committed),
    },
    {
      name: "nats_raft_log_messages",
      type: "gauge",
      help: "Entries that the group's write-ahead log holds; a snapshot empties it.",
      ...ofGroup("wal.messages"),
    },
    {
      name: "nats_raft_log_bytes",
      type: "gauge",
      help: "Bytes that the group's write-ahead log holds; a snapshot empties it.",
      ...ofGroup("wal.bytes"),
    },
    {
      name: "nats_raft_log_failed",
      type: "gauge",
      help: "1 after an error in writing the group's log on this server.",
      field: "*.*.wal_error",
      read: ({ json }) => Number((json.wal_error ?? null) !== null),
    },
    {
      name: "nats_raft_peers",
      type: "gauge",
      help: "Members that the group should have, this server included.",
      ...ofGroup("size"),
    },
    {
      name: "nats_raft_quorum",
      type: "gauge",
      help: "Members that must agree: a majority.",
      ...ofGroup("quorum_needed"),
    },
    {
      name: "nats_raft_quorum_margin",
      type: "gauge",
      help: `Members that may still fall silent before the group stops, counting those that its leader heard from in the last ${LOST_AFTER_SECONDS} s; below 0 it has stopped. Absent where this server does not lead.`,
      field: "*.*.peers.*.last_seen",
      read: (group) => (isLed(group) ? quorumMargin(group.json) : undefined),
    },
    {
      name: "nats_raft_catching_up",
      type: "gauge",
      help: "1 while this server fetches entries that it missed.",
      ...ofGroup("catching_up", absentIsFalse),
    },
    {
      name: "nats_raft_observer",
      type: "gauge",
      help: "1 if this server follows the group and cannot become its leader.",
      ...ofGroup("observer", absentIsFalse),
    },
    {
      name: "nats_raft_paused",
      type: "gauge",
      help: "1 while this server does not apply entries, as during a snapshot or a catch-up.",
      ...ofGroup("paused", absentIsFalse),
    },
    {
      name: "nats_raft_overrun",
      type: "gauge",
      help: "1 while entries come faster than this server applies them and it holds new ones back.",
      field: "*.*.overrun",
      since: "2.14.0",
      read: ifKnown("overrun", absentIsFalse),
    },
    {
      name: "nats_raft_overruns_total",
      type: "counter",
      help: "Times that entries came faster than this server could apply them.",
      field: "*.*.overrun_count",
      since: "2.14.0",
      read: ifKnown("overrun_count", (value) => (value === undefined ? 0 : number(value))),
    },
  ],
};

/** Of a release that has the field, whose absence is then a "no" and not an "unknown". */
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
  /** Of the group as this server leads it; undefined where it follows. */
  readonly committed: number | undefined;
}

export const raftPeer: Table<Peer> = {
  item: "peer of a raft group",
  endpoint: "/raftz",
  labels: ["account", "group", "peer"],
  identify: ({ account, group, name }) => [account, group, name],
  rows: [
    {
      name: "nats_raft_peer_last_seen_seconds",
      type: "gauge",
      help: "Time since this server heard from the peer. From the leader about every peer, from others about the leader. Absent if never.",
      field: "*.*.peers.*.last_seen",
      read: ({ json }) => duration(at(json, ["last_seen"])),
    },
    {
      name: "nats_raft_peer_lag_entries",
      type: "gauge",
      help: "Committed entries that the peer has not yet stored. From the leader only.",
      field: "*.*.committed - peers.*.last_replicated_index",
      read: ({ committed, json }) => {
        const stored = at(json, ["last_replicated_index"]);
        return difference(committed, stored === undefined ? 0 : stored);
      },
    },
    {
      name: "nats_raft_peer_known",
      type: "gauge",
      help: "1 if the peer is an established member, 0 while it is being added or removed. From the leader only.",
      field: "*.*.peers.*.known",
      read: ({ committed, json }) => (committed === undefined ? undefined : flag(at(json, ["known"]))),
    },
  ],
};

interface Answers {
  readonly meta: Document;
  /** Of each account that was asked for, all its groups. */
  readonly accounts: readonly Document[];
  /** Selected accounts that were not asked for; undefined where none was to be, or nobody knows them. */
  readonly accountsNotAsked: number | undefined;
}

export const raftAccounts: Table<Answers> = {
  item: "server",
  endpoint: "/raftz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_raft_accounts_not_asked",
      type: "gauge",
      help: `Selected accounts of whose groups nothing is said, as one collection asks about ${MAX_ACCOUNTS} at most. Absent unless all groups are wanted.`,
      field: "accounts of /accountz",
      read: ({ accountsNotAsked }) => accountsNotAsked,
    },
  ],
};

export const raftz: Collector<Answers> = {
  name: "raftz",
  summary: "Raft groups: leader, term, what is not yet applied, quorum, lag of the peers",
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
          if (!(error instanceof EndpointAbsent)) throw error; // An account without groups.
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
        if (group.name === META_GROUP) continue; // The system account's answer holds it once more.
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
