import { expect, test } from "vitest";
import { EVERYTHING } from "../../../src/exporter/collect/selection.ts";
import { raftz } from "../../../src/exporter/endpoints/raftz.ts";
import { Document } from "../../../src/exporter/sources/monitoring-port/document.ts";
import { EndpointAbsent } from "../../../src/nats/monitoring/errors.ts";
import { readCollector, type Series, sample } from "../saved-replies.ts";

const META = "/raftz?group=_meta_";

const varzOf = (version: string, node: string): unknown =>
  JSON.parse(sample(version, node, "varz").toString());

async function readMeta(version: string, node: string): Promise<Series> {
  const replies = { [META]: sample(version, node, "raftz") };
  return (await readCollector(raftz, replies, { varz: varzOf(version, node) })).series;
}

/** Series of one group without the labels `account` and `group`: `term`, `peer_lag_entries n2`. */
function ofGroup(series: Series, account: string, group: string): Record<string, number> {
  const labels = `{account="${account}",group="${group}"`;
  const of: Record<string, number> = {};
  for (const [key, value] of series) {
    if (!key.includes(labels)) continue;
    const peer = /,peer="(.*)"}$/.exec(key)?.[1];
    of[key.slice("nats_raft_".length, key.indexOf("{")) + (peer === undefined ? "" : ` ${peer}`)] = value;
  }
  return of;
}

const FOLLOWER = {
  leader: 0,
  leaderless: 0,
  term: 2,
  committed_index: 30,
  applied_index: 30,
  unapplied_entries: 0,
  uncommitted_entries: 0,
  log_messages: 0,
  log_bytes: 0,
  log_failed: 0,
  peers: 3,
  quorum: 2,
  catching_up: 0,
  observer: 0,
  paused: 0,
  overrun: 0,
  overruns_total: 0,
};

test("reports peers by name on the leader of the meta group", async () => {
  expect(ofGroup(await readMeta("2.15.1", "n1"), "SYS", "_meta_")).toEqual({
    ...FOLLOWER,
    leader: 1,
    leader_since_timestamp_seconds: 1795406281.686,
    quorum_margin: 1,
    "peer_last_seen_seconds n2": 0.597606757,
    "peer_last_seen_seconds n3": 0.597583671,
    "peer_lag_entries n2": 0,
    "peer_lag_entries n3": 0,
    "peer_known n2": 1,
    "peer_known n3": 1,
  });
});

test("reports itself and the contact to its leader on a follower", async () => {
  expect(ofGroup(await readMeta("2.15.1", "n2"), "SYS", "_meta_")).toEqual({
    ...FOLLOWER,
    "peer_last_seen_seconds n1": 0.3125705,
  });
});

test("omits fields that a release does not have, instead of reporting 0", async () => {
  const exposed = ofGroup(await readMeta("2.10.27", "n1"), "SYS", "_meta_");
  expect(exposed).toMatchObject({ leader: 1, term: 1, committed_index: 30, quorum_margin: 1 });
  for (const name of ["overrun", "overruns_total", "leader_since_timestamp_seconds"]) {
    expect(exposed).not.toHaveProperty(name);
  }
});

test("reports all groups of selected accounts, and the meta group once", async () => {
  const { series, sink } = await readCollector(
    raftz,
    {
      [META]: sample("2.15.1", "n1", "raftz"),
      "/accountz": { accounts: ["SYS", "APP", "EMPTY", "ANALYTICS", "$G"] },
      "/raftz?acc=SYS": sample("2.15.1", "n1", "raftz"),
      "/raftz?acc=APP": sample("2.15.1", "n1", "raftz_APP"),
      "/raftz?acc=EMPTY": {},
    },
    { selection: { ...EVERYTHING, raftGroups: "all", accounts: { include: [], exclude: [/^ANA/] } } },
  );
  expect(ofGroup(series, "APP", "C-R3F-0TZhslPS")).toMatchObject({
    leader: 0,
    committed_index: 12,
    log_messages: 12,
    log_bytes: 1749,
    "peer_last_seen_seconds n3": 0.105132448,
  });
  const led = ofGroup(series, "APP", "S-R3F-1YYIkZe6");
  expect(led).toMatchObject({ leader: 1, committed_index: 203, "peer_lag_entries n2": 0 });
  expect([...series.keys()].filter((key) => key.startsWith("nats_raft_term{"))).toHaveLength(3);
  expect(sink.dropped).toEqual({ limit: 0, duplicate: 0 });
});

test("requests only the meta group by default", async () => {
  const asked: string[] = [];
  const ask = async ({ path }: { path: string }): Promise<Document> => {
    asked.push(path);
    return Document.of(path === "/accountz" ? { accounts: ["A&B"] } : {});
  };
  await raftz.fetch(ask, { selection: EVERYTHING });
  expect(asked).toEqual([META]);
  await raftz.fetch(ask, { selection: { ...EVERYTHING, raftGroups: "all" } });
  expect(asked.slice(1)).toEqual([META, "/accountz", "/raftz?acc=A%26B"]);
});

test("counts omitted accounts if the server lists accounts", async () => {
  const notAsked = async (list: object): Promise<number | undefined> => {
    const selection = { ...EVERYTHING, raftGroups: "all" } as const;
    const { series } = await readCollector(raftz, { [META]: {}, "/accountz": list }, { selection });
    return series.get("nats_raft_accounts_not_asked{}");
  };
  expect(await notAsked({ accounts: ["A"] })).toBe(0);
  for (const list of [{}, { accounts: {} }, { accounts: [null] }])
    expect(await notAsked(list)).toBeUndefined();
});

test("has no endpoint on a server without Raft", async () => {
  await expect(readCollector(raftz, {})).rejects.toThrow(EndpointAbsent);
});

const group = (json: object, version = "2.15.1") =>
  readCollector(raftz, { [META]: { S: { G: json } } }, { varz: { server_id: "N", version } });

test("computes lag, margin and faults", async () => {
  const { series } = await group({
    state: "LEADER",
    leader: "me",
    committed: 100,
    applied: 90,
    pindex: 107,
    size: 5,
    quorum_needed: 3,
    catching_up: true,
    overrun: true,
    overrun_count: 4,
    wal_error: {},
    peers: {
      a: { name: "n2", known: true, last_replicated_index: 97, last_seen: "9.9s" },
      b: { name: "n3", known: false, last_seen: "10.1s" },
      c: { name: "", known: true, last_replicated_index: 107, last_seen: "1h2m" },
      d: { name: "n2", known: true },
    },
  });
  expect(ofGroup(series, "S", "G")).toMatchObject({
    leader: 1,
    unapplied_entries: 10,
    uncommitted_entries: 7,
    catching_up: 1,
    overrun: 1,
    overruns_total: 4,
    log_failed: 1,
    quorum_margin: -1,
    "peer_lag_entries n2": 3,
    "peer_lag_entries n3": 100,
    "peer_lag_entries c": 0,
    "peer_last_seen_seconds c": 3720,
    "peer_known n3": 0,
  });
});

test("reports a group without leader as leaderless, and no stale peer of a former leader", async () => {
  const { series } = await group({
    state: "CANDIDATE",
    committed: 5,
    peers: { a: { name: "n2", known: true, last_replicated_index: 3, last_seen: "20s" } },
  });
  const exposed = ofGroup(series, "S", "G");
  expect(exposed).toMatchObject({ leader: 0, leaderless: 1, committed_index: 5 });
  expect(Object.keys(exposed).filter((name) => name.includes(" "))).toEqual([]);
});

test("uses the valid part of a malformed reply", async () => {
  const { series } = await group(
    { state: 1, leader: [], term: "2", committed: -1, wal: 0, peers: [{}], paused: "yes", wal_error: null },
    "devel",
  );
  expect(ofGroup(series, "S", "G")).toEqual({
    committed_index: -1,
    log_failed: 0,
    catching_up: 0,
    observer: 0,
  });
  for (const reply of ["[]", "null", "7", '{"S":null}', '{"S":{"G":[]}}']) {
    await expect(readCollector(raftz, { [META]: reply }), reply).resolves.toBeDefined();
  }
});
