import { expect, test } from "vitest";
import { EVERYTHING, type Selection } from "../../../src/exporter/collect/selection.ts";
import { leafz } from "../../../src/exporter/endpoints/leafz.ts";
import { readCollector, type Series, sample } from "../saved-replies.ts";

const of = async (reply: Buffer | object, selection: Selection = EVERYTHING): Promise<Series> =>
  (await readCollector(leafz, { "/leafz": reply }, { selection })).series;

test("labels a leaf server by its name, with each account separate", async () => {
  const series = Object.fromEntries(await of(sample("2.15.1", "n1", "leafz")));
  expect(series).toMatchObject({
    'nats_leaf_connections{leaf="leaf1",account="APP"}': 1,
    'nats_leaf_connections{leaf="leaf1",account="ANALYTICS"}': 1,
    'nats_leaf_rtt_max_seconds{leaf="leaf1",account="APP"}': 0.000349,
    'nats_leaf_subscriptions{leaf="leaf1",account="ANALYTICS"}': 15,
    'nats_leaf_received_bytes{leaf="leaf1",account="APP"}': 7796,
    'nats_leaf_sent_messages{leaf="leaf1",account="APP"}': 34,
    'nats_leaf_info{leaf="leaf1",account="APP",role="hub",isolated="false",compression="s2_uncompressed"}': 1,
  });
});

test("names the hub on the leaf's own side", async () => {
  const series = await of(sample("2.10.27", "leaf1", "leafz"));
  const infos = [...series.keys()].filter((key) => key.startsWith("nats_leaf_info"));
  expect(infos.sort()).toEqual([
    'nats_leaf_info{leaf="n1",account="ANALYTICS",role="spoke",isolated="false",compression="s2_uncompressed"}',
    'nats_leaf_info{leaf="n1",account="APP",role="spoke",isolated="false",compression="s2_uncompressed"}',
  ]);
});

test("labels leaf nodes by address without the port if the server does not name them", async () => {
  const series = await of(sample("2.9.10", "n1", "leafz"));
  expect(series.get('nats_leaf_received_messages{leaf="127.0.0.1",account="APP"}')).toBe(11);
  expect([...series.keys()].join()).not.toContain("38186");
  expect([...series.keys()].filter((key) => key.startsWith("nats_leaf_info"))).toEqual([]);
});

test("groups several connections of one leaf server to one account", async () => {
  const leaf = { name: "edge", account: "APP", is_spoke: false, rtt: "2ms", in_msgs: 4 };
  const series = await of({ leafs: [leaf, { ...leaf, rtt: "1ms", in_msgs: 6, is_isolated: true }] });
  expect([...series]).toEqual([
    ['nats_leaf_connections{leaf="edge",account="APP"}', 2],
    ['nats_leaf_rtt_max_seconds{leaf="edge",account="APP"}', 0.002],
    ['nats_leaf_received_messages{leaf="edge",account="APP"}', 10],
    ['nats_leaf_info{leaf="edge",account="APP",role="hub",isolated="false",compression=""}', 1],
    ['nats_leaf_info{leaf="edge",account="APP",role="hub",isolated="true",compression=""}', 1],
  ]);
});

test("omits accounts that are not selected", async () => {
  const selection = { ...EVERYTHING, accounts: { include: [], exclude: [/^ANA/] } };
  const series = await of(sample("2.15.1", "n1", "leafz"), selection);
  expect(series.get('nats_leaf_connections{leaf="leaf1",account="APP"}')).toBe(1);
  expect([...series.keys()].join()).not.toContain("ANALYTICS");
});

test.each([
  ["null", Buffer.from("null")],
  ["nothing", {}],
  ["the null that old servers write without leaf nodes", { leafnodes: 0, leafs: null }],
  ["leaf nodes without name and address", { leafs: [null, 3, [], {}, { name: 5, ip: {} }] }],
])("reports nothing for %s", async (_, reply) => {
  expect(await of(reply)).toEqual(new Map());
});
