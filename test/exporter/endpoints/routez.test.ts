import { expect, test } from "vitest";
import { EVERYTHING, type Selection } from "../../../src/exporter/collect/selection.ts";
import { routez } from "../../../src/exporter/endpoints/routez.ts";
import { readCollector, type Series, sample } from "../saved-replies.ts";

const of = async (reply: Buffer | object, selection: Selection = EVERYTHING): Promise<Series> =>
  (await readCollector(routez, { "/routez": reply }, { selection })).series;

test("groups the routes of a pool, and keeps a pinned account's route separate", async () => {
  const series = Object.fromEntries(await of(sample("2.15.1", "n1", "routez")));
  expect(series).toMatchObject({
    'nats_route_connections{peer="n2",account=""}': 3,
    'nats_route_connections{peer="n3",account=""}': 3,
    'nats_route_connections{peer="n2",account="SYS"}': 1,
    'nats_route_connections{peer="n3",account="SYS"}': 1,
    'nats_route_rtt_max_seconds{peer="n3",account=""}': 0.000341,
    'nats_route_subscriptions{peer="n3",account=""}': 34,
    'nats_route_received_messages{peer="n2",account="SYS"}': 1891,
    'nats_route_sent_bytes{peer="n3",account=""}': 23965,
    'nats_route_oldest_start_timestamp_seconds{peer="n3",account=""}': 1795406274.432,
    'nats_route_newest_start_timestamp_seconds{peer="n3",account=""}': 1795406274.457,
    'nats_route_last_activity_timestamp_seconds{peer="n3",account=""}': 1795406385.955,
    'nats_route_info{peer="n2",account="",compression="off",configured="true"}': 1,
  });
});

test("sums pending bytes over a pool and reports the maximum", async () => {
  const series = await of({
    routes: [
      { remote_name: "n2", pending_size: 3 },
      { remote_name: "n2", pending_size: 40 },
    ],
  });
  expect([...series]).toEqual([
    ['nats_route_connections{peer="n2",account=""}', 2],
    ['nats_route_pending_bytes{peer="n2",account=""}', 43],
    ['nats_route_pending_max_bytes{peer="n2",account=""}', 40],
  ]);
});

test("labels a peer by its id if the server does not name it", async () => {
  const series = await of(sample("2.9.10", "n1", "routez"));
  const id = "NCC7MOZHNCAD7SJ5OBNPB4GTSJMZ4CUM5I4XBPALYSZ27CYP73R6GSN2";
  expect(series.get(`nats_route_connections{peer="${id}",account=""}`)).toBe(1);
  expect(series.get(`nats_route_received_messages{peer="${id}",account=""}`)).toBe(2140);
  expect([...series.keys()].filter((key) => key.startsWith("nats_route_info"))).toEqual([]);
});

test("omits routes of accounts that are not selected", async () => {
  const selection = { ...EVERYTHING, accounts: { include: [/^APP$/], exclude: [] } };
  const series = await of(sample("2.15.1", "n1", "routez"), selection);
  expect(series.get('nats_route_connections{peer="n2",account=""}')).toBe(3);
  expect([...series.keys()].join()).not.toContain("SYS");
});

test.each([
  ["null", Buffer.from("null")],
  ["nothing", {}],
  ["a server without routes", { num_routes: 0, routes: [] }],
  ["routes of wrong types", { routes: { rid: 1 } }],
  ["routes without a peer", { routes: [null, 3, [], {}, { remote_name: 5, remote_id: null }] }],
])("reports nothing for %s", async (_, reply) => {
  expect(await of(reply)).toEqual(new Map());
});

test("counts a route with fields of wrong types and reports nothing else about it", async () => {
  const route = { remote_name: "n2", rtt: 5, pending_size: "3", in_msgs: null, start: [], account: 4 };
  expect([...(await of({ routes: [route] }))]).toEqual([['nats_route_connections{peer="n2",account=""}', 1]]);
});
