import { describe, expect, test } from "vitest";
import { EVERYTHING, type Selection } from "../../../src/exporter/collect/selection.ts";
import { MAX_GROUPS } from "../../../src/exporter/endpoints/connz/client-groups.ts";
import { CLOSED_CONNECTIONS } from "../../../src/exporter/endpoints/connz/closed.ts";
import { connz } from "../../../src/exporter/endpoints/connz/connz.ts";
import { openConnections } from "../../../src/exporter/endpoints/connz/pages.ts";
import { Document } from "../../../src/exporter/sources/monitoring-port/document.ts";
import { readCollector, type Series, sample } from "../saved-replies.ts";

type Reply = Buffer | object;

const NONE = { connections: [], total: 0 };

async function of(open: Reply, closed: Reply = NONE, selection: Selection = EVERYTHING): Promise<Series> {
  const replies = { [openConnections(0).path]: open, [CLOSED_CONNECTIONS.path]: closed };
  return (await readCollector(connz, replies, { selection })).series;
}

/** Series of one metric, without its name. */
function labelled(series: Series, name: string): Record<string, number> {
  const own = [...series].filter(([key]) => key.startsWith(`${name}{`));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(name.length), value]));
}

const client = (cid: number, more: object = {}): object => ({ cid, kind: "Client", type: "nats", ...more });

describe("open connections", () => {
  test("are grouped by account, name, language, version and type", async () => {
    const series = await of(sample("2.9.10", "n1", "connz_auth"));
    expect(labelled(series, "nats_client_connections")).toEqual({
      '{account="APP",client="orders-service",lang="nats.js",version="3.4.0",type="nats"}': 1,
      '{account="APP",client="limited-client",lang="nats.js",version="3.4.0",type="nats"}': 1,
      '{account="SYS",client="sys-listener",lang="nats.js",version="3.4.0",type="nats"}': 1,
      '{account="APP",client="",lang="",version="",type="mqtt"}': 1,
    });
    const orders = '{account="APP",client="orders-service",lang="nats.js",version="3.4.0",type="nats"}';
    expect(series.get(`nats_client_subscriptions${orders}`)).toBe(17);
    expect(series.get(`nats_client_pending_bytes${orders}`)).toBe(0);
    expect(series.get(`nats_client_rtt_max_seconds${orders}`)).toBe(0.000517);
    expect(series.get(`nats_client_received_messages${orders}`)).toBe(367);
    expect(series.get(`nats_client_sent_bytes${orders}`)).toBe(115915);
    expect(series.get(`nats_client_newest_start_timestamp_seconds${orders}`)).toBe(1795406026.468);
  });

  test("have no round-trip time before the first PING, and no stalls on servers without that field", async () => {
    const series = await of(sample("2.9.10", "n1", "connz_auth"));
    expect(labelled(series, "nats_client_rtt_max_seconds")).not.toHaveProperty(
      '{account="APP",client="",lang="",version="",type="mqtt"}',
    );
    expect(labelled(series, "nats_client_stalls")).toEqual({});
  });

  test("are summed within a group, or their maximum is reported", async () => {
    const series = await of({
      total: 3,
      connections: [
        client(1, {
          pending_bytes: 5,
          stalls: 2,
          rtt: "1ms",
          subscriptions: 1,
          start: "2026-01-01T00:00:00Z",
        }),
        client(2, { pending_bytes: 7, rtt: "335µs", subscriptions: 2, start: "2026-01-02T00:00:00Z" }),
        client(3, {
          pending_bytes: 1,
          stalls: 1,
          rtt: "1m2s",
          subscriptions: 4,
          start: "2025-01-01T00:00:00Z",
        }),
      ],
    });
    const group = '{account="$G",client="",lang="",version="",type="nats"}';
    expect(Object.fromEntries(series)).toMatchObject({
      [`nats_client_connections${group}`]: 3,
      [`nats_client_pending_bytes${group}`]: 13,
      [`nats_client_pending_max_bytes${group}`]: 7,
      [`nats_client_stalls${group}`]: 3,
      [`nats_client_subscriptions${group}`]: 7,
      [`nats_client_rtt_max_seconds${group}`]: 62,
      [`nats_client_newest_start_timestamp_seconds${group}`]: 1767312000,
      "nats_server_client_connections{}": 3,
      "nats_server_client_pending_bytes{}": 13,
      "nats_server_client_pending_max_bytes{}": 7,
    });
  });

  test("exclude leaf nodes", async () => {
    const series = await of(sample("2.15.1", "n1", "connz_auth"));
    expect(series.get("nats_server_client_connections{}")).toBe(3);
    expect([...series.keys()].join()).not.toContain("leaf1");
  });

  test("expose no user, key or token", async () => {
    const series = await of({
      total: 1,
      connections: [
        client(1, {
          authorized_user: "SECRET-user",
          jwt: "SECRET-jwt",
          issuer_key: "SECRET-key",
          tags: ["SECRET-tag"],
          ip: "SECRET-ip",
          tls_peer_certs: [{ subject: "SECRET-subject" }],
        }),
      ],
    });
    expect(series.size).toBeGreaterThan(0);
    expect([...series.keys()].join()).not.toContain("SECRET");
  });

  test("are counted by transport", async () => {
    const series = await of({
      total: 3,
      connections: [
        client(1, { tls_version: "1.3" }),
        client(2, { tls_version: "1.3" }),
        client(3, { type: "websocket" }),
      ],
    });
    expect(labelled(series, "nats_client_connections_by_transport")).toEqual({
      '{type="nats",tls="1.3"}': 2,
      '{type="websocket",tls="none"}': 1,
    });
  });

  test("appear in totals only if their account is not selected", async () => {
    const selection = { ...EVERYTHING, accounts: { include: [], exclude: [/^SYS$/] } };
    const series = await of(sample("2.9.10", "n1", "connz_auth"), NONE, selection);
    expect(series.get("nats_server_client_connections{}")).toBe(4);
    expect(Object.keys(labelled(series, "nats_client_connections"))).toHaveLength(3);
    expect([...series.keys()].join()).not.toContain("SYS");
  });

  test("beyond the largest groups form one group, and none is lost", async () => {
    const few = Array.from({ length: MAX_GROUPS + 3 }, (_, i) => client(i, { name: `once-${i}` }));
    const many = [client(9001, { name: "twice" }), client(9002, { name: "twice" })];
    const waiting = client(9003, { name: "slow", pending_bytes: 9 });
    const connections = [...few, waiting, ...many];
    const groups = labelled(await of({ total: connections.length, connections }), "nats_client_connections");
    expect(Object.keys(groups)).toHaveLength(MAX_GROUPS + 1);
    expect(Object.entries(groups)[0]).toEqual([
      '{account="$G",client="twice",lang="",version="",type="nats"}',
      2,
    ]);
    expect(Object.keys(groups)[1]).toContain('client="slow"');
    expect(groups['{account="",client="(other)",lang="",version="",type=""}']).toBe(5);
    expect(Object.values(groups).reduce((a, b) => a + b)).toBe(connections.length);
  });
});

describe("pages of /connz", () => {
  /** Answers with `pages` in turn and records the requests. */
  async function fetchFrom(pages: object[]): Promise<{ asked: string[]; series: () => Promise<Series> }> {
    const asked: string[] = [];
    const open: object[] = [];
    await connz.fetch(
      async ({ path }) => {
        if (path === CLOSED_CONNECTIONS.path) return Document.of(NONE);
        const page = pages[asked.push(path) - 1] ?? { connections: [], total: 0 };
        open.push(page);
        return Document.of(page);
      },
      { selection: EVERYTHING },
    );
    return {
      asked,
      series: async () => {
        const replies = Object.fromEntries(asked.map((path, i) => [path, open[i] as object]));
        return (await readCollector(connz, { ...replies, [CLOSED_CONNECTIONS.path]: NONE })).series;
      },
    };
  }

  test("are requested until the total is reached", async () => {
    const { asked, series } = await fetchFrom([
      { total: 5, connections: [client(1), client(2)] },
      { total: 5, connections: [client(3), client(4)] },
      { total: 5, connections: [client(5)] },
    ]);
    expect(asked).toEqual([openConnections(0).path, openConnections(2).path, openConnections(4).path]);
    expect((await series()).get("nats_server_client_connections{}")).toBe(5);
  });

  test("count a connection once if they overlap", async () => {
    const { series } = await fetchFrom([
      { total: 4, connections: [client(1), client(2)] },
      { total: 4, connections: [client(2), client(3)] },
    ]);
    expect((await series()).get("nats_server_client_connections{}")).toBe(3);
  });

  test.each([9, 1])("end with an empty one, regardless of the total (%i)", async (total) => {
    const { asked } = await fetchFrom([
      { total: 9, connections: [client(1)] },
      { total, connections: [] },
    ]);
    expect(asked).toHaveLength(2);
  });

  test("without an end fail the collection", async () => {
    let asked = 0;
    const endless = connz.fetch(
      async ({ path }) => {
        if (path === CLOSED_CONNECTIONS.path) return Document.of(NONE);
        asked++;
        return Document.of({ total: 1e12, connections: [client(asked)] });
      },
      { selection: EVERYTHING },
    );
    await expect(endless).rejects.toMatchObject({ reason: "too_large" });
    expect(asked).toBeLessThanOrEqual(100);
  });

  test("from two servers fail the collection", async () => {
    const mixed = fetchFrom([
      { server_id: "A", total: 2, connections: [client(1)] },
      { server_id: "B", total: 2, connections: [client(2)] },
    ]);
    await expect(mixed).rejects.toMatchObject({ reason: "identity" });
  });
});

describe("closed connections", () => {
  test("are counted by reason, and by account, name and reason", async () => {
    const series = await of(NONE, sample("2.15.1", "n1", "connz_closed"));
    expect(series.get("nats_closed_connections_remembered{}")).toBe(4);
    expect(series.get("nats_closed_connections_oldest_timestamp_seconds{}")).toBe(1795406286.947);
    expect(labelled(series, "nats_closed_connections")).toEqual({
      '{reason="Authentication Failure"}': 1,
      '{reason="Client Closed"}': 2,
      '{reason="Read Error"}': 1,
    });
    expect(series.get('nats_closed_connections_last_timestamp_seconds{reason="Read Error"}')).toBe(
      1795406384.414,
    );
    expect(labelled(series, "nats_client_closed_connections")).toEqual({
      '{account="$G",client="bad-auth",reason="Authentication Failure"}': 1,
      '{account="APP",client="",reason="Read Error"}': 1,
      '{account="APP",client="short-lived",reason="Client Closed"}': 1,
      '{account="APP",client="short-lived-2",reason="Client Closed"}': 1,
    });
  });

  test("with unusual reasons come first, and the others are merged by reason", async () => {
    const ended = (cid: number, name: string, reason: string): object =>
      client(cid, { name, reason, stop: "2026-11-23T00:00:00Z" });
    const connections = Array.from({ length: MAX_GROUPS + 4 }, (_, i) =>
      ended(i, `once-${i}`, "Client Closed"),
    );
    connections.push(ended(9001, "slow", "Slow Consumer (Pending Bytes)"));
    const groups = labelled(await of(NONE, { total: 1, connections }), "nats_client_closed_connections");
    expect(Object.keys(groups)).toHaveLength(MAX_GROUPS + 1);
    expect(Object.keys(groups)[0]).toBe(
      '{account="$G",client="slow",reason="Slow Consumer (Pending Bytes)"}',
    );
    expect(groups['{account="",client="(other)",reason="Client Closed"}']).toBe(5);
  });

  test("have no values on a server without closed connections", async () => {
    const series = await of(NONE, sample("2.9.10", "plain", "connz_closed"));
    expect([...series]).toEqual([["nats_closed_connections_remembered{}", 0]]);
  });
});

test.each([
  ["null", Buffer.from("null")],
  ["nothing", {}],
  ["a list", []],
  ["wrong types", { total: "5", connections: [null, 7, "x", [], {}, { cid: "1" }, { cid: 2, kind: 3 }] }],
  ["connections of wrong types", { total: 2, connections: { cid: 1 } }],
])("hostile: %s", async (_, reply) => {
  const series = await of(reply, reply);
  const said = [...series.keys()].filter((key) => key !== "nats_closed_connections_remembered{}");
  expect(said).toEqual([]);
});
