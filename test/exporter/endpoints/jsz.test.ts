import { describe, expect, test } from "vitest";
import { EVERYTHING, type Selection } from "../../../src/exporter/collect/selection.ts";
import { jsz } from "../../../src/exporter/endpoints/jsz/jsz.ts";
import { readCollector, type Series, sample, seriesKey } from "../saved-replies.ts";

const PATH = "/jsz?consumers=true&config=true&raft=true";

async function read(version: string, node: string, selection: Selection = EVERYTHING): Promise<Series> {
  const varz = JSON.parse(sample(version, node, "varz").toString());
  const { series } = await readCollector(
    jsz,
    { [PATH]: sample(version, node, "jsz_consumers_config_raft") },
    { varz, selection },
  );
  return series;
}

const lagOf = (stream: string, consumer: string, account = "APP"): string =>
  seriesKey("nats_consumer_pending", { account, stream, consumer });

const namesOf = (series: Series): Set<string> =>
  new Set([...series.keys()].map((key) => key.slice(0, key.indexOf("{"))));

describe("consumer lag", () => {
  test("is reported only by the consumer's leader", async () => {
    const n1 = await read("2.15.1", "n1");
    const n2 = await read("2.15.1", "n2");
    // n1 leads ORDERS, but n2 leads its consumer `prio`, for which n1 reports 0.
    expect(n1.has(lagOf("ORDERS", "prio"))).toBe(false);
    expect(n2.get(lagOf("ORDERS", "prio"))).toBe(200);
    // The leader of `billing` is n3, which is not read here.
    expect(n1.has(lagOf("ORDERS", "billing"))).toBe(false);
    expect(n2.has(lagOf("ORDERS", "billing"))).toBe(false);
  });

  test("is ignored from a former leader", async () => {
    // On 2.9.10 the follower n2 still reports 200 for `pushy`; its leader n1 reports 0.
    expect((await read("2.9.10", "n1")).get(lagOf("ORDERS", "pushy"))).toBe(0);
    expect((await read("2.9.10", "n2")).has(lagOf("ORDERS", "pushy"))).toBe(false);
  });

  test("is reported for all consumers by a standalone server", async () => {
    for (const version of ["2.15.1", "2.10.27", "2.9.10"]) {
      const solo = await read(version, "solo");
      expect(solo.get(lagOf("ORDERS", "slow")), version).toBe(175);
      expect(solo.get(lagOf("WORK", "worker")), version).toBe(20);
      expect(
        [...solo.keys()].filter((key) => key.startsWith("nats_consumer_leader{")),
        version,
      ).toEqual([]);
    }
  });

  test("is absent if the server's identity is unknown", async () => {
    const { series } = await readCollector(jsz, {
      [PATH]: sample("2.15.1", "n2", "jsz_consumers_config_raft"),
    });
    expect(namesOf(series)).not.toContain("nats_consumer_pending");
    expect(namesOf(series)).not.toContain("nats_stream_messages");
    expect(namesOf(series)).toContain("nats_jetstream_streams");
  });
});

describe("replicas", () => {
  test("are reported by the leader only", async () => {
    const n1 = await read("2.15.1", "n1");
    const of = (name: string, peer: string): string =>
      seriesKey(name, { account: "APP", stream: "ORDERS", peer });
    expect(n1.get(of("nats_stream_replica_current", "n2"))).toBe(1);
    expect(n1.get(of("nats_stream_replica_offline", "n3"))).toBe(0);
    expect(n1.get(of("nats_stream_replica_lag", "n3"))).toBe(0);
    expect(n1.get(seriesKey("nats_stream_quorum_margin", { account: "APP", stream: "ORDERS" }))).toBe(1);
    // The follower n2 lists n3 as not current, which it cannot know.
    const n2 = await read("2.15.1", "n2");
    expect([...n2.keys()].filter((key) => key.includes('stream="ORDERS",peer='))).toEqual([]);
  });

  test("have a leader series with the value 1 or 0 on each server, and no leader label", async () => {
    const stream = { account: "APP", stream: "ORDERS" };
    expect((await read("2.15.1", "n1")).get(seriesKey("nats_stream_leader", stream))).toBe(1);
    expect((await read("2.15.1", "n2")).get(seriesKey("nats_stream_leader", stream))).toBe(0);
    expect((await read("2.15.1", "n2")).get(seriesKey("nats_stream_leaderless", stream))).toBe(0);
  });

  test("reduce the quorum margin if they are offline", async () => {
    const varz = { server_id: "A", server_name: "n1" };
    const replicas = [
      { name: "n2", current: false, offline: true, active: 9e9, lag: 12, peer: "x" },
      { name: "n3", current: true, peer: "y" },
    ];
    const reply = {
      server_id: "A",
      account_details: [
        {
          name: "APP",
          id: "APP",
          stream_detail: [
            { name: "S", cluster: { leader: "n1", raft_group: "g", replicas }, state: { messages: 1 } },
          ],
        },
      ],
    };
    const { series } = await readCollector(jsz, { [PATH]: reply }, { varz });
    const labels = { account: "APP", stream: "S" };
    expect(series.get(seriesKey("nats_stream_quorum_margin", labels))).toBe(0);
    expect(series.get(seriesKey("nats_stream_replica_lag", { ...labels, peer: "n2" }))).toBe(12);
    expect(series.get(seriesKey("nats_stream_replica_offline", { ...labels, peer: "n2" }))).toBe(1);
  });

  test("count as lost when silent, long before the server reports them offline", async () => {
    const varz = { server_id: "A", server_name: "n1" };
    const marginWith = async (peer: object): Promise<number | undefined> => {
      const replicas = [
        { name: "n2", peer: "x", ...peer },
        { name: "n3", current: true, active: 1e8, peer: "y" },
      ];
      const cluster = { leader: "n1", raft_group: "g", replicas };
      const reply = {
        server_id: "A",
        account_details: [{ id: "APP", stream_detail: [{ name: "S", cluster, state: { messages: 1 } }] }],
      };
      const { series } = await readCollector(jsz, { [PATH]: reply }, { varz });
      return series.get(seriesKey("nats_stream_quorum_margin", { account: "APP", stream: "S" }));
    };
    expect(await marginWith({ current: true, active: 2e8 })).toBe(1);
    expect(await marginWith({ current: false, active: 2e8 })).toBe(1); // It is catching up.
    expect(await marginWith({ current: false, active: 63e9 })).toBe(0); // Killed a minute ago.
    expect(await marginWith({ current: false, active: 0 })).toBe(0); // Never seen by a new leader.
    expect(await marginWith({ current: false, offline: true, active: 2e8 })).toBe(0);
  });

  test("report the seconds since the last contact, and nothing before the first contact", async () => {
    const n1 = await read("2.15.1", "n1");
    const peer = { account: "APP", stream: "ORDERS", peer: "n2" };
    expect(n1.get(seriesKey("nats_stream_replica_last_seen_seconds", peer))).toBeCloseTo(0.947, 3);
  });

  test("without a leader report only that", async () => {
    const varz = { server_id: "A", server_name: "n1" };
    const cluster = { name: "C", raft_group: "g", replicas: [{ name: "n2" }] };
    const reply = {
      server_id: "A",
      account_details: [{ id: "APP", stream_detail: [{ name: "S", cluster, state: { messages: 1 } }] }],
    };
    const { series } = await readCollector(jsz, { [PATH]: reply }, { varz });
    const labels = { account: "APP", stream: "S" };
    expect(series.get(seriesKey("nats_stream_leaderless", labels))).toBe(1);
    expect(series.get(seriesKey("nats_stream_leader", labels))).toBe(0);
    expect(series.has(seriesKey("nats_stream_messages", labels))).toBe(false);
  });
});

describe("accounts", () => {
  test("are reported once in a cluster, by the meta leader", async () => {
    const used = seriesKey("nats_jetstream_account_storage_used_bytes", { account: "APP" });
    const n1 = await read("2.15.1", "n1");
    const n2 = await read("2.15.1", "n2");
    expect([n1.has(used), n2.has(used)]).toEqual([true, false]);
    expect(n1.get(seriesKey("nats_jetstream_meta_leader"))).toBe(1);
    expect(n2.get(seriesKey("nats_jetstream_meta_leader"))).toBe(0);
    // API requests are counted by each server for itself.
    expect(n2.has(seriesKey("nats_jetstream_account_api_requests_total", { account: "APP" }))).toBe(true);
  });

  test("without a limit have no limit series, although the server writes 2^64 - 1", async () => {
    const n1 = await read("2.15.1", "n1");
    expect(n1.get(seriesKey("nats_jetstream_account_storage_limit_bytes", { account: "APP" }))).toBe(
      256 * 1024 * 1024,
    );
    expect(n1.has(seriesKey("nats_jetstream_account_storage_limit_bytes", { account: "ANALYTICS" }))).toBe(
      false,
    );
  });

  test("beyond the first page of the reply are requested", async () => {
    const ids = Array.from({ length: 1024 }, (_, i) => ({ id: `A${i}` }));
    const first = { server_id: "A", total: 1026, account_details: ids };
    const second = { server_id: "A", total: 1026, account_details: [{ id: "B0" }, { id: "B1", memory: 9 }] };
    const { series } = await readCollector(jsz, { [PATH]: first, [`${PATH}&offset=1024`]: second }, {});
    expect(series.get(seriesKey("nats_jetstream_account_memory_used_bytes", { account: "B1" }))).toBe(9);
    const { series: counted } = await readCollector(
      jsz,
      {
        [PATH]: { server_id: "A", total: 1025, account_details: [] },
        [`${PATH}&offset=1024`]: { server_id: "A", account_details: [{ id: "B", memory: 7 }] },
      },
      {},
    );
    expect(counted.get(seriesKey("nats_jetstream_account_memory_used_bytes", { account: "B" }))).toBe(7);
  });
});

describe("consumers", () => {
  test("share one series per stream if they are ephemeral, unless selected individually", async () => {
    const folded = await read("2.15.1", "solo");
    expect(folded.get(seriesKey("nats_ephemeral_consumers", { account: "APP", stream: "ORDERS" }))).toBe(1);
    expect(
      folded.get(seriesKey("nats_ephemeral_consumers_pending", { account: "APP", stream: "ORDERS" })),
    ).toBe(200);
    expect(folded.has(lagOf("ORDERS", "eph1"))).toBe(false);
    // Sources create consumers with random durable names: they are folded too.
    expect(folded.get(seriesKey("nats_ephemeral_consumers", { account: "APP", stream: "INTEREST" }))).toBe(1);
    const each = await read("2.15.1", "solo", { ...EVERYTHING, ephemeralConsumers: "each" });
    expect(each.get(lagOf("ORDERS", "eph1"))).toBe(200);
  });

  test("report unacknowledged messages as a fraction of max_ack_pending", async () => {
    const ratio = seriesKey("nats_consumer_ack_pending_ratio", {
      account: "APP",
      stream: "ORDERS",
      consumer: "billing",
    });
    expect((await read("2.15.1", "solo")).get(ratio)).toBe(18 / 50);
  });

  test("report waiting pulls only if they pull, and a bound subscriber only if they push", async () => {
    const solo = await read("2.15.1", "solo");
    const pushy = { account: "APP", stream: "ORDERS", consumer: "pushy" };
    expect(solo.get(seriesKey("nats_consumer_push_bound", pushy))).toBe(1);
    expect(solo.has(seriesKey("nats_consumer_waiting_pulls", pushy))).toBe(false);
    expect(solo.has(seriesKey("nats_consumer_push_bound", { ...pushy, consumer: "slow" }))).toBe(false);
  });

  test("report the rest of a pause, and whether a client is pinned", async () => {
    const n2 = await read("2.15.1", "n2");
    const paused = { account: "APP", stream: "ORDERS", consumer: "paused" };
    expect(n2.get(seriesKey("nats_consumer_paused", paused))).toBe(1);
    expect(n2.get(seriesKey("nats_consumer_pause_remaining_seconds", paused))).toBeGreaterThan(3000);
    expect(n2.get(seriesKey("nats_consumer_pinned", { ...paused, consumer: "prio", group: "A" }))).toBe(0);
    expect(
      n2.has(
        seriesKey("nats_consumer_pinned_since_timestamp_seconds", {
          ...paused,
          consumer: "prio",
          group: "A",
        }),
      ),
    ).toBe(false);
  });
});

describe("streams", () => {
  test("report content, age and limits", async () => {
    const n1 = await read("2.15.1", "n1");
    const orders = { account: "APP", stream: "ORDERS" };
    expect(n1.get(seriesKey("nats_stream_messages", orders))).toBe(200);
    expect(n1.get(seriesKey("nats_stream_size_limit_bytes", orders))).toBe(10 * 1024 * 1024);
    expect(n1.has(seriesKey("nats_stream_age_limit_seconds", orders))).toBe(false);
    expect(n1.get(seriesKey("nats_stream_oldest_message_timestamp_seconds", orders))).toBe(
      Date.parse("2026-11-23T03:58:11.522Z") / 1000,
    );
  });

  test("report the lag behind their origins", async () => {
    const solo = await read("2.15.1", "solo");
    const mirror = [...solo].filter(([key]) =>
      key.startsWith('nats_stream_origin_lag{account="APP",stream="MIRROR",role="mirror"'),
    );
    expect(mirror).toHaveLength(1);
    const sources = [...solo].filter(([key]) =>
      key.startsWith('nats_stream_origin_lag{account="APP",stream="AGG",role="source"'),
    );
    expect(sources).toHaveLength(2);
  });

  test("have no oldest message if they are empty, although the server writes a time", async () => {
    const reply = {
      server_id: "A",
      account_details: [
        {
          id: "A",
          stream_detail: [
            {
              name: "S",
              state: { messages: 0, first_ts: "2026-01-01T00:00:00Z", last_ts: "0001-01-01T00:00:00Z" },
            },
          ],
        },
      ],
    };
    const { series } = await readCollector(jsz, { [PATH]: reply }, {});
    expect(namesOf(series)).toContain("nats_stream_messages");
    expect(namesOf(series)).not.toContain("nats_stream_oldest_message_timestamp_seconds");
  });
});

test("exposes thresholds in metadata as numbers and omits invalid ones", async () => {
  const metadata = {
    "io.nats.monitor.enabled": "true",
    "io.nats.monitor.lag-critical": "100",
    "io.nats.monitor.seen-critical": "5m",
    "io.nats.monitor.msgs-warn": "many",
    "io.nats.monitor.invented": "1",
  };
  const consumer = {
    name: "C",
    config: { durable_name: "C", metadata: { "io.nats.monitor.last-ack-critical": "1h30m" } },
  };
  const reply = {
    server_id: "A",
    account_details: [
      { id: "A", stream_detail: [{ name: "S", config: { metadata }, consumer_detail: [consumer] }] },
    ],
  };
  const { series } = await readCollector(jsz, { [PATH]: reply }, {});
  const thresholds = [...series].filter(([key]) => key.includes("_threshold{"));
  expect(Object.fromEntries(thresholds)).toEqual({
    'nats_stream_threshold{account="A",stream="S",threshold="enabled"}': 1,
    'nats_stream_threshold{account="A",stream="S",threshold="lag-critical"}': 100,
    'nats_stream_threshold{account="A",stream="S",threshold="seen-critical"}': 300,
    'nats_consumer_threshold{account="A",stream="S",consumer="C",threshold="last-ack-critical"}': 5400,
  });
});

test("reports disabled JetStream as 0, without a failure", async () => {
  const { series } = await readCollector(
    jsz,
    { [PATH]: { server_id: "A", disabled: true, config: {}, streams: 0 } },
    {},
  );
  expect(series.get(seriesKey("nats_jetstream_enabled"))).toBe(0);
});

test("reports JetStream as enabled if the reply has its configuration, and nothing if the reply is empty", async () => {
  const enabled = async (reply: object): Promise<number | undefined> =>
    (await readCollector(jsz, { [PATH]: { server_id: "A", ...reply } })).series.get(
      seriesKey("nats_jetstream_enabled"),
    );
  expect(await enabled({ config: {} })).toBe(1);
  expect(await enabled({ config: {}, disabled: false })).toBe(1);
  expect(await enabled({})).toBeUndefined();
  expect(await enabled({ disabled: "true" })).toBeUndefined();
});

test.each([
  ["the first page", { total: 1025 }, { server_id: "A", account_details: [{ id: "B" }] }],
  ["a later page", { server_id: "A", total: 1025 }, { account_details: [{ id: "B" }] }],
  ["an id that is no string", { server_id: 7 }, {}],
])("rejects a reply without a server id: %s", async (_, first, second) => {
  const reading = readCollector(jsz, { [PATH]: first, [`${PATH}&offset=1024`]: second });
  await expect(reading).rejects.toThrow("GET /jsz from n1 returned JSON without a server_id");
  await expect(reading).rejects.toMatchObject({ reason: "body" });
});

test("applies patterns to accounts, streams and consumers", async () => {
  const selection: Selection = {
    ...EVERYTHING,
    accounts: { include: [/^APP$/], exclude: [] },
    streams: { include: [], exclude: [/^(KV_|\$MQTT_)/] },
    consumers: { include: [/^billing$/], exclude: [] },
  };
  const series = await read("2.15.1", "solo", selection);
  const consumers = new Set([...series.keys()].flatMap((key) => /consumer="([^"]*)"/.exec(key)?.[1] ?? []));
  expect([...consumers]).toEqual(["billing"]);
  expect([...series.keys()].filter((key) => key.includes('stream="KV_'))).toEqual([]);
});
