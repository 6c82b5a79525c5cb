/** Intended differences from prometheus-nats-exporter, and robustness against replies. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Collector } from "../../../src/exporter/collect/collector.ts";
import { EVERYTHING } from "../../../src/exporter/collect/selection.ts";
import { SampleSink } from "../../../src/exporter/collect/table.ts";
import {
  EXPORTER_COLLECTOR_NAMES,
  type ExporterOptions,
  exporterCollectors,
} from "../../../src/exporter/prometheus-nats-exporter/prometheus-nats-exporter.ts";
import type { Scraper } from "../../../src/exporter/scrape/scraper.ts";
import { Document } from "../../../src/exporter/sources/monitoring-port/document.ts";
import { render } from "../../../src/metrics/exposition.ts";
import { merge } from "../../../src/metrics/family.ts";
import { readExposition } from "../../exposition-validator.ts";
import type { Exposition } from "../../rig/exposition.ts";
import { Replay, savedReplies } from "./replay.ts";
import { exporterWatch, scrapeExporter } from "./scraping.ts";

const started: { stop(): void }[] = [];
afterEach(() => {
  for (const each of started.splice(0)) each.stop();
});

async function replayed(replies: Record<string, string>): Promise<Replay> {
  const replay = await Replay.start(replies);
  started.push(replay);
  return replay;
}

function watching(url: URL, options: ExporterOptions): Scraper {
  const scraper = exporterWatch([{ name: "n1", url }], options);
  started.push({ stop: () => scraper.close() });
  return scraper;
}

const serverIds = (exposition: Exposition): unknown[] => [
  ...new Set(
    [...exposition.families.values()].flatMap(({ samples }) => samples.map(({ labels }) => labels.server_id)),
  ),
];

describe("a server that is down", () => {
  it.each(["server-id", "server-name"] as const)("has no series with server_id by %s", async (serverId) => {
    const replay = await replayed({ ...savedReplies("2.15.1", "n1") });
    const scraper = watching(replay.url, {
      collect: EXPORTER_COLLECTOR_NAMES,
      jsz: { detail: "consumers" },
      serverId,
    });
    expect((await scrapeExporter(scraper)).families.size).toBeGreaterThan(100);
    replay.stop();
    expect((await scrapeExporter(scraper)).text).toBe("");
  });

  it("is unreachable with server_id by URL, and has no other series", async () => {
    const replay = await replayed({ ...savedReplies("2.15.1", "n1") });
    const server_id = replay.url.origin;
    const scraper = watching(replay.url, { collect: EXPORTER_COLLECTOR_NAMES });
    expect(serverIds(await scrapeExporter(scraper))).toEqual([server_id]);
    replay.stop();
    const after = await scrapeExporter(scraper);
    expect(after.identities()).toEqual([
      `gnatsd_healthz_js_enabled_only_status_value{server_id="${server_id}",value="unreachable"}`,
      `gnatsd_healthz_js_server_only_status_value{server_id="${server_id}",value="unreachable"}`,
      `gnatsd_healthz_status_value{server_id="${server_id}",value="unreachable"}`,
    ]);
    expect(after.value("gnatsd_healthz_status_value")).toBe(0);
  });
});

it("server_id follows a server's id across a restart", async () => {
  const replies = { "/varz": '{"server_id":"FIRST","server_name":"n","connections":1}' };
  const replay = await replayed(replies);
  const scraper = watching(replay.url, { collect: ["varz"], serverId: "server-id" });
  expect(serverIds(await scrapeExporter(scraper))).toEqual(["FIRST"]);
  replies["/varz"] = '{"server_id":"SECOND","server_name":"n","connections":1}';
  expect(serverIds(await scrapeExporter(scraper))).toEqual(["SECOND"]);
});

it("adds metadata labels to sources and mirrors too", async () => {
  const replay = await replayed(savedReplies("2.15.1", "solo"));
  const exposition = await scrapeExporter(
    watching(replay.url, {
      collect: [],
      jsz: {
        detail: "consumers",
        streamMetadataKeys: ["team", "a.b", "a-b"],
        consumerMetadataKeys: ["owner"],
      },
    }),
  );
  const [lag] = exposition.samples("jetstream_stream_source_lag");
  expect(Object.keys(lag?.labels ?? {})).toContain("stream_meta_team");
  expect(Object.keys(lag?.labels ?? {}).filter((label) => label.startsWith("stream_meta_a_b"))).toHaveLength(
    1,
  );
  expect(exposition.samples("jetstream_stream_mirror_lag")).not.toEqual([]);
});

it("computes ages of consumers from the time of the reply if an old server reports none", async () => {
  const replay = await replayed(savedReplies("2.9.10", "n1"));
  const exposition = await scrapeExporter(
    watching(replay.url, { collect: [], jsz: { detail: "consumers" } }),
  );
  const ages = exposition.samples("jetstream_consumer_last_delivery_seconds").map(({ value }) => value);
  expect(ages).not.toEqual([]);
  for (const age of ages) expect(age >= 0 && age < 3600).toBe(true);
});

it("omits accounts, streams and consumers that are not selected", async () => {
  const replay = await replayed(savedReplies("2.15.1", "n1"));
  const scraper = exporterWatch(
    [{ name: "n1", url: replay.url }],
    { collect: ["accstatz", "accountz"], jsz: { detail: "consumers" } },
    {
      accounts: { include: [/^APP$/], exclude: [] },
      streams: { include: [/^ORDERS$/], exclude: [] },
      consumers: { include: [], exclude: [/^billing$/] },
    },
  );
  started.push({ stop: () => scraper.close() });
  const exposition = await scrapeExporter(scraper);
  const values = (metric: string, label: string): unknown[] => [
    ...new Set(exposition.samples(metric).map(({ labels }) => labels[label])),
  ];
  expect(values("gnatsd_accstatz_sent_bytes", "account")).toEqual(["APP"]);
  expect(values("gnatsd_accountz_complete", "account_id")).toEqual(["APP"]);
  expect(values("jetstream_stream_first_seq", "stream_name")).toEqual(["ORDERS"]);
  expect(values("jetstream_consumer_num_pending", "consumer_name")).not.toContain("billing");
  expect(values("jetstream_consumer_num_pending", "consumer_name")).not.toEqual([]);
});

/** Runs collectors on the replies of `answer`, without a network. */
async function readInProcess(
  collectors: readonly Collector[],
  answer: (path: string) => string | undefined,
  budget = Number.POSITIVE_INFINITY,
): Promise<{ sinks: SampleSink[]; asked: string[] }> {
  const asked: string[] = [];
  const ask = async ({ path, cut }: { path: string; cut?: readonly string[] }): Promise<Document> => {
    asked.push(path);
    const reading = Document.read(Buffer.from(answer(path) ?? "404 page not found"), cut, 0);
    for (;;) {
      const { done, value } = reading.next();
      if (done) return value;
    }
  };
  const target = { name: "n1", url: new URL("http://n1:8222") };
  const sinks: SampleSink[] = [];
  for (const collector of collectors) {
    const sink = new SampleSink("", budget);
    sinks.push(sink);
    const documents = await collector.fetch(ask, { selection: EVERYTHING });
    const context = { target, identity: undefined, now: 0, selection: EVERYTHING };
    for (const _ of collector.read(documents, context, sink) ?? []);
  }
  return { sinks, asked };
}

function rendered(sinks: readonly SampleSink[]): ReturnType<typeof readExposition> {
  const families = merge(sinks.flatMap((sink) => sink.families()));
  return readExposition(
    Buffer.concat(Array.from(render(families, "prometheus-text"), (chunk) => Buffer.from(chunk))),
    "prometheus-text",
  );
}

describe("the connz collector", () => {
  const page = (cids: number[], total: number): string =>
    JSON.stringify({ total, limit: 2, connections: cids.map((cid) => ({ cid, in_msgs: 10 ** cid })) });

  it("reads every page and counts a connection on two pages once", async () => {
    const pages: Record<string, string> = { 0: page([1, 2], 5), 2: page([2, 3], 5), 4: page([4], 5) };
    const { sinks, asked } = await readInProcess(exporterCollectors({ collect: ["connz"] }), (path) =>
      String(pages[new URLSearchParams(path.split("?")[1]).get("offset") ?? "0"]),
    );
    expect(asked).toHaveLength(3);
    const families = rendered(sinks);
    const value = (name: string): unknown =>
      families.find((family) => family.name === name)?.samples[0]?.value;
    expect(value("gnatsd_connz_num_connections")).toBe(4);
    expect(value("gnatsd_connz_in_msgs")).toBe(11_110);
    expect(value("gnatsd_connz_total")).toBe(5);
  });

  it("stops if a server claims more connections than it lists", async () => {
    let asked = 0;
    const reading = readInProcess(exporterCollectors({ collect: ["connz"] }), () => {
      asked++;
      return page([1, 2], 1e15);
    });
    await expect(reading).rejects.toThrow("beyond 100 pages");
    expect(asked).toBe(100);
  });
});

it("does not repeat the leader and description of the previous asset", async () => {
  const led = { name: "a", cluster: { leader: "n2" }, config: { description: "first" } };
  const streams = [{ ...led, consumer_detail: [led, { name: "b" }] }, { name: "b" }];
  const { sinks } = await readInProcess(
    exporterCollectors({ collect: [], jsz: { detail: "consumers" } }),
    (path) => (path === "/varz" ? "{}" : JSON.stringify({ account_details: [{ stream_detail: streams }] })),
  );
  const families = rendered(sinks);
  const labels = (name: string): unknown =>
    families.find((family) => family.name === name)?.samples.map((sample) => sample.labels);
  expect(labels("jetstream_stream_first_seq")).toMatchObject([
    { stream_name: "a", stream_leader: "n2", is_stream_leader: "false" },
    { stream_name: "b", stream_leader: "", is_stream_leader: "true" },
  ]);
  expect(labels("jetstream_consumer_num_pending")).toMatchObject([
    { consumer_name: "a", consumer_leader: "n2", is_consumer_leader: "false", consumer_desc: "first" },
    { consumer_name: "b", consumer_leader: "", is_consumer_leader: "true", consumer_desc: "" },
  ]);
});

it("includes accounts beyond the first page of jsz", async () => {
  const accounts = Array.from({ length: 1030 }, (_, i) => ({ name: `A${i}`, id: `A${i}`, storage: 1 }));
  const { sinks } = await readInProcess(
    exporterCollectors({ collect: [], jsz: { detail: "accounts" } }),
    (path) => {
      const offset = Number(new URLSearchParams(path.split("?")[1]).get("offset") ?? "0");
      return path === "/varz"
        ? "{}"
        : JSON.stringify({ account_details: accounts.slice(offset, offset + 1024) });
    },
  );
  const used = rendered(sinks).find(({ name }) => name === "jetstream_account_storage_used");
  expect(used?.samples).toHaveLength(1030);
});

describe("field names in a server's reply", () => {
  const varz = async (document: unknown, budget?: number): Promise<SampleSink> =>
    (await readInProcess(exporterCollectors({ collect: ["varz"] }), () => JSON.stringify(document), budget))
      .sinks[0] as SampleSink;
  const names = (sink: SampleSink): string[] => rendered([sink]).map(({ name }) => name);

  it("become valid metric names", async () => {
    expect(names(await varz({ 'a "b"\n{}': 1, "É/x": 2, "": 3, "9": 4, __proto__x: 5 }))).toEqual([
      "gnatsd_varz_9",
      "gnatsd_varz_a_b",
      "gnatsd_varz_x",
      "gnatsd_varz_proto_x",
    ]);
  });

  it("give one series if they become the same metric name; the others are counted as dropped", async () => {
    const sink = await varz({ "a/b": 1, a_b: 2, a: { b: 3 } });
    expect(names(sink)).toEqual(["gnatsd_varz_a_b"]);
    expect(sink.dropped.duplicate).toBe(2);
  });

  it("are limited in number, depth and length, and the excess is counted", async () => {
    const many = await varz(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, i])), 10);
    expect(names(many)).toHaveLength(10);
    expect(many.dropped.limit).toBe(40);
    const deep = await varz(JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`));
    expect([names(deep).length, deep.dropped.limit]).toEqual([0, 1]);
    const long = await varz({ ["x".repeat(100_000)]: { a: 1, b: 2 } });
    expect([names(long).length, long.dropped.limit]).toEqual([0, 1]);
  });
});

describe("any JSON", () => {
  const collectors = exporterCollectors({
    collect: EXPORTER_COLLECTOR_NAMES,
    jsz: { detail: "consumers", streamMetadataKeys: ["team"], consumerMetadataKeys: ["owner"] },
  });
  /** Keys that collectors read, so that random values appear where collectors look. */
  const keys = [
    ...["connections", "cid", "rtt", "uptime", "idle", "start", "name", "total", "leafs", "account_statz"],
    ...["accounts", "account_detail", "decoded_jwt", "outbound_gateways", "inbound_gateways", "connection"],
    ...["account_details", "stream_detail", "consumer_detail", "cluster", "leader", "config", "metadata"],
    ...["state", "sources", "mirror", "external", "delivered", "ack_floor", "last_active", "ts", "status"],
  ];
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 6 },
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.constantFrom("1h2m", "2026-11-23T08:00:00.5Z", "0001-01-01T00:00:00Z", "1y2d", "335µs"),
      ),
      fc.array(tie("json"), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ unit: "binary" })), tie("json"), {
        maxKeys: 8,
      }),
    ),
  }));

  it("gives a valid exposition without internal errors", async () => {
    await fc.assert(
      fc.asyncProperty(json, async (document) => {
        const text = JSON.stringify(document);
        for (const collector of collectors) {
          try {
            rendered((await readInProcess([collector], () => text)).sinks);
          } catch (error) {
            expect(error).toMatchObject({ name: "CollectionFailure" });
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
