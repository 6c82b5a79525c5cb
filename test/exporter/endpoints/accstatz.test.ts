import { expect, test } from "vitest";
import { EVERYTHING, type Selection } from "../../../src/exporter/collect/selection.ts";
import { accstatz } from "../../../src/exporter/endpoints/accstatz.ts";
import { readCollector, type Series, sample, seriesKey } from "../saved-replies.ts";

const PATH = "/accstatz?unused=1";

async function read(version: string, node: string, selection: Selection = EVERYTHING): Promise<Series> {
  const reply = sample(version, node, "accstatz_unused");
  return (await readCollector(accstatz, { [PATH]: reply }, { selection })).series;
}

/** Series of one account by metric name and, if present, link. */
function ofAccount(series: Series, account: string): Record<string, number> {
  const of: Record<string, number> = {};
  for (const [key, value] of series) {
    if (!key.includes(`{account="${account}"`)) continue;
    const link = /,link="(\w+)"/.exec(key)?.[1];
    of[key.slice("nats_account_".length, key.indexOf("{")) + (link ? ` ${link}` : "")] = value;
  }
  return of;
}

test("reports an account's connections, totals and used links", async () => {
  expect(ofAccount(await read("2.15.1", "n1"), "APP")).toEqual({
    connections: 2,
    leaf_connections: 1,
    subscriptions: 109,
    slow_consumers_total: 0,
    sent_messages_total: 1170,
    sent_bytes_total: 176769,
    received_messages_total: 1341,
    received_bytes_total: 142193,
    "link_sent_messages_total route": 303,
    "link_sent_bytes_total route": 27564,
    "link_received_messages_total route": 957,
    "link_received_bytes_total route": 107663,
    "link_sent_messages_total leaf": 34,
    "link_sent_bytes_total leaf": 30,
    "link_received_messages_total leaf": 12,
    "link_received_bytes_total leaf": 7796,
  });
});

test("reports no links on older releases, and no subscriptions on the oldest", async () => {
  const newer = ofAccount(await read("2.10.27", "n1"), "APP");
  expect(newer.sent_messages_total).toBe(1537);
  expect(newer.subscriptions).toBe(85);
  expect(Object.keys(newer).filter((name) => name.startsWith("link_"))).toEqual([]);
  expect(ofAccount(await read("2.9.10", "n1"), "APP")).toEqual({
    connections: 3,
    leaf_connections: 1,
    slow_consumers_total: 0,
    sent_messages_total: 1107,
    sent_bytes_total: 140288,
    received_messages_total: 380,
    received_bytes_total: 32227,
  });
});

test("labels an account under an operator by its key, and its name once", async () => {
  const series = await read("2.15.2", "oper");
  const tenant = "AAD3J2ZXW6Z7D5HXK5I45GUMFSY7SILW3UWF7XICL7HF6PVIJL6T4JXR";
  expect(series.get(seriesKey("nats_account_connections", { account: tenant }))).toBe(1);
  expect(series.get(seriesKey("nats_account_info", { account: tenant, account_name: "tenant" }))).toBe(1);
  const named = [...series.keys()].filter((key) => key.startsWith("nats_account_info{"));
  expect(named).toHaveLength(2); // $G has no name besides its id.
});

test("omits accounts that are not selected", async () => {
  const accounts = { include: [/^APP$/, /^SYS$/], exclude: [/^SYS$/] };
  const series = await read("2.15.1", "n1", { ...EVERYTHING, accounts });
  expect(series.size).toBe(16);
  for (const key of series.keys()) expect(key).toContain('account="APP"');
});

test("uses the valid part of a malformed reply", async () => {
  const account_statz = [
    { acc: "A", conns: "2", sent: { msgs: 1, routes: { msgs: {} } }, received: [], name: 7 },
    { acc: "A", conns: 3 },
    { conns: 4 },
    null,
    "A",
  ];
  const { series, sink } = await readCollector(accstatz, { [PATH]: { account_statz } });
  expect([...series]).toEqual([[seriesKey("nats_account_sent_messages_total", { account: "A" }), 1]]);
  expect(sink.dropped).toEqual({ limit: 0, duplicate: 1 });
  for (const reply of ["[]", "null", '{"account_statz":{}}', '{"account_statz":7}']) {
    expect((await readCollector(accstatz, { [PATH]: reply })).series.size, reply).toBe(0);
  }
});
