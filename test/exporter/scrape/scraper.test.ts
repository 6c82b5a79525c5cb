/** Scrapes as a whole: partial failures, shared requests, and no state between scrapes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Collector, CollectorName } from "../../../src/exporter/collect/collector.ts";
import { EVERYTHING } from "../../../src/exporter/collect/selection.ts";
import { from, type Table } from "../../../src/exporter/collect/table.ts";
import { COLLECTORS } from "../../../src/exporter/collectors.ts";
import { type ScrapeRequest, Scraper, type ScraperOptions } from "../../../src/exporter/scrape/scraper.ts";
import type { Document } from "../../../src/exporter/sources/monitoring-port/document.ts";
import { render } from "../../../src/metrics/exposition.ts";
import { readExposition } from "../../exposition-validator.ts";
import { type Answer, answerJson, type FakeServer, fakeServer } from "../fake-server.ts";

const ITEM: Table<{ name: string; json: unknown }> = {
  item: "item",
  endpoint: "/any",
  labels: ["item"],
  identify: ({ name }) => [name],
  rows: ["a", "b"].map((field) => {
    const { read } = from(field);
    return { name: `nats_item_${field}`, type: "gauge", help: "A.", field, read: ({ json }) => read(json) };
  }),
};

/** A collector with rows `a` and `b` for every item of `{"items":{"name":{…}}}`. */
function itemsOf(name: CollectorName): Collector<{ document: Document }> {
  return {
    name,
    summary: "items",
    tables: [
      { ...ITEM, rows: ITEM.rows.map((row) => ({ ...row, name: `${row.name}_of_${name}` })) } as Table<never>,
    ],
    async fetch(ask) {
      return { document: await ask({ path: `/${name}`, mayBeAbsent: name === "raftz" }) };
    },
    *read({ document }, _scene, sink) {
      const { items = {} } = document.root as { items?: Record<string, unknown> };
      for (const [item, json] of Object.entries(items)) {
        sink.add(this.tables[0] as unknown as typeof ITEM, { name: item, json });
        yield;
      }
    },
  };
}

const VARZ = { server_id: "NA", server_name: "a", version: "2.15.1" };

let server: FakeServer;
let answers: Record<string, Answer>;
const scrapers: Scraper[] = [];

beforeEach(async () => {
  answers = { "/varz": answerJson({ ...VARZ, items: { one: { a: 1 } } }) };
  server = await fakeServer((request, response) => {
    const answer = answers[(request.url as string).split("?", 1)[0] as string];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
});
afterEach(async () => {
  for (const scraper of scrapers.splice(0)) scraper.close();
  await server[Symbol.asyncDispose]();
});

function createScraper(names: readonly CollectorName[], options: Partial<ScraperOptions> = {}): Scraper {
  const scraper = new Scraper({
    targets: [{ name: "n1", url: server.url }],
    collectors: names.map((name) => ({ collector: itemsOf(name) as Collector, serverLabel: true })),
    selection: EVERYTHING,
    seriesLimit: () => 1000,
    limits: { maxBodyBytes: 1_000_000 },
    ...options,
  });
  scrapers.push(scraper);
  return scraper;
}

type Series = Readonly<Record<string, number>>;

/** Values by series, as in the text format. */
async function scrape(scraper: Scraper, request: Partial<ScrapeRequest> = {}): Promise<Series> {
  const families = await scraper.scrape({ deadlineMs: 30_000, ...request });
  const text = Buffer.concat(Array.from(render(families, "prometheus-text"), (chunk) => Buffer.from(chunk)));
  readExposition(text, "prometheus-text");
  const lines = text.toString("utf8").split("\n");
  return Object.fromEntries(
    lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

const success = (collector: string): string =>
  `natscope_collector_success{server="n1",collector="${collector}"}`;
const failures = (collector: string, reason: string): string =>
  `natscope_collector_failures_total{server="n1",collector="${collector}",reason="${reason}"}`;
const up = 'nats_up{server="n1"}';

describe("two servers", () => {
  const targets = (): ScraperOptions["targets"] => ["n1", "n2"].map((name) => ({ name, url: server.url }));
  const collector = itemsOf("varz") as Collector;

  it("have separate series because of the server label", async () => {
    const scraper = createScraper([], { targets: targets(), collectors: [{ collector, serverLabel: true }] });
    expect(await scrape(scraper)).toMatchObject({
      'nats_item_a_of_varz{server="n1",item="one"}': 1,
      'nats_item_a_of_varz{server="n2",item="one"}': 1,
    });
  });

  it("with the same name and no server label share a series, and the second one is counted as dropped", async () => {
    const scraper = createScraper([], {
      targets: targets(),
      collectors: [{ collector, serverLabel: false }],
    });
    expect(await scrape(scraper)).toMatchObject({ 'nats_item_a_of_varz{item="one"}': 1 });
    expect(await scrape(scraper)).toMatchObject({
      'natscope_series_dropped_total{server="n2",collector="varz",reason="duplicate"}': 2,
    });
  });
});

describe("a failure", () => {
  it("is reported as 0 for its collector, and the others are served", async () => {
    answers["/jsz"] = (_, response) => response.end("<html>");
    answers["/connz"] = answerJson({ ...VARZ, items: { x: { b: 2 } } });
    const series = await scrape(createScraper(["varz", "connz", "jsz"]));
    expect(series).toMatchObject({
      [up]: 1,
      [success("varz")]: 1,
      [success("connz")]: 1,
      [success("jsz")]: 0,
      [failures("jsz", "body")]: 1,
      'nats_item_a_of_varz{server="n1",item="one"}': 1,
      'nats_item_b_of_connz{server="n1",item="x"}': 2,
    });
  });

  it("is not reported if this release has no such endpoint", async () => {
    const series = await scrape(createScraper(["varz", "raftz"]));
    expect(series).not.toHaveProperty([success("raftz")]);
    expect(Object.keys(series).filter((name) => name.startsWith("natscope_collector_failures"))).toEqual([]);
  });

  it("affects all collectors if the base path of the URL is wrong, and gives the reason", async () => {
    const reported: string[] = [];
    const scraper = createScraper([], {
      targets: [{ name: "n1", url: new URL("/wrong", server.url) }],
      collectors: COLLECTORS.map((collector) => ({ collector, serverLabel: true })),
      onFailure: ({ message }) => reported.push(message),
    });
    const series = await scrape(scraper);
    expect(series).toMatchObject({ [up]: 0, [success("varz")]: 0, [failures("varz", "status")]: 1 });
    expect(reported.length).toBeGreaterThan(8);
    for (const message of reported)
      expect(message).toMatch(/ from n1 failed: HTTP status 404 .*http_base_path/);
  });

  it("because of oversized replies holds little memory", async () => {
    const hostile: Answer = (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, " ");
      const more = (): void => {
        while (!response.destroyed) if (!response.write(chunk)) return void response.once("drain", more);
      };
      more();
    };
    const reported: { reason: string; message: string }[] = [];
    for (const { name } of COLLECTORS) answers[`/${name}`] = hostile;
    answers["/debug/vars"] = hostile;
    const scraper = createScraper([], {
      collectors: COLLECTORS.map((collector) => ({ collector, serverLabel: true })),
      limits: { maxBodyBytes: 16 * 1024 * 1024 },
      onFailure: (failure) => reported.push(failure),
    });
    await scrape(scraper);
    expect(new Set(reported.map(({ reason }) => reason))).toEqual(new Set(["too_large"]));
    const beyond = (bytes: number): number =>
      reported.filter(({ message }) => message.includes(` ${bytes * 1024 * 1024} bytes`)).length;
    expect([beyond(16), beyond(8)]).toEqual([4, COLLECTORS.length - 4]);
  });

  it("ends for the whole server with the next successful scrape", async () => {
    const scraper = createScraper(["varz", "connz"]);
    await server[Symbol.asyncDispose]();
    const series = await scrape(scraper);
    expect(series).toMatchObject({ [up]: 0, [success("varz")]: 0, [failures("varz", "connection")]: 1 });
    expect(Object.keys(series).filter((name) => /^nats_(?!up)/.test(name))).toEqual([]);
  });

  it("leaves the other servers complete", async () => {
    const other = await fakeServer(answerJson({ ...VARZ, items: { two: { a: 2 } } }));
    const dead = await fakeServer(() => {});
    await dead[Symbol.asyncDispose]();
    const targets = [
      { name: "dead", url: dead.url },
      { name: "alive", url: other.url },
    ];
    const series = await scrape(createScraper(["varz"], { targets }));
    await other[Symbol.asyncDispose]();
    expect(series).toMatchObject({
      'nats_up{server="dead"}': 0,
      'nats_up{server="alive"}': 1,
      'nats_item_a_of_varz{server="alive",item="two"}': 2,
    });
  });

  it("by timeout occurs at the deadline, and the rest is served", async () => {
    answers["/jsz"] = () => {};
    const reported: string[] = [];
    const scraper = createScraper(["varz", "jsz"], { onFailure: ({ message }) => reported.push(message) });
    const series = await scrape(scraper, { deadlineMs: 300 });
    expect(series).toMatchObject({ [up]: 1, [success("varz")]: 1, [failures("jsz", "timeout")]: 1 });
    expect(reported).toEqual(["n1 did not answer before the scrape deadline"]);
  });

  it("by timeout of /varz does not affect other collectors", async () => {
    answers["/varz"] = () => {};
    answers["/connz"] = answerJson({ items: { x: { b: 2 } } });
    const series = await scrape(createScraper(["varz", "connz"]), { deadlineMs: 2000 });
    expect(series).toMatchObject({
      [up]: 0,
      [failures("varz", "timeout")]: 1,
      [success("connz")]: 1,
      'nats_item_b_of_connz{server="n1",item="x"}': 2,
    });
  });

  it("inside natscope has the reason internal", async () => {
    const broken: Collector = {
      ...(itemsOf("connz") as Collector),
      read() {
        throw new TypeError("oops");
      },
    };
    answers["/connz"] = answerJson({});
    const collectors = [{ collector: broken, serverLabel: true }];
    expect(await scrape(createScraper([], { collectors }))).toMatchObject({
      [failures("connz", "internal")]: 1,
    });
  });

  it("has a message without credentials and without text from the reply", async () => {
    const reported: string[] = [];
    const targets = [{ name: "n1", url: server.url, credentials: { user: "ana", password: "hunter2" } }];
    const reply = "secret".repeat(100);
    answers["/connz"] = (_, response) => response.end(reply);
    answers["/jsz"] = (_, response) => response.writeHead(401).end(reply);
    answers["/subsz"] = answerJson({ server_id: reply });
    answers["/leafz"] = (_, response) =>
      response.writeHead(200, { "x-secret": "y".repeat(50_000) }).end(reply);
    const scraper = createScraper(["connz", "jsz", "subsz", "leafz"], {
      targets,
      onFailure: ({ message }) => reported.push(message),
    });
    await scrape(scraper);
    expect(reported).toHaveLength(4);
    for (const message of reported) expect(message).not.toMatch(/secret|ana\b|hunter2|\n/);
  });
});

describe("the identity of a server", () => {
  it("fails the other collector if it changes after /varz, in that scrape only", async () => {
    const scraper = createScraper(["varz", "connz"]);
    answers["/connz"] = answerJson({ server_id: "NA", items: { x: { a: 1 } } });
    const before = await scrape(scraper);
    answers["/varz"] = answerJson({ ...VARZ, server_id: "NB", version: "2.16.0", items: { one: { a: 1 } } });
    const during = await scrape(scraper);
    expect(during).toMatchObject({ [up]: 1, [success("connz")]: 0, [failures("connz", "identity")]: 1 });
    expect(during).not.toHaveProperty(['nats_item_a_of_connz{server="n1",item="x"}']);
    answers["/connz"] = answerJson({ server_id: "NB", items: { x: { a: 1 } } });
    const after = await scrape(scraper);
    expect(after[success("connz")]).toBe(1);
    const names = (series: Series): string[] =>
      Object.keys(series).filter((name) => !name.startsWith("natscope_"));
    expect(names(after)).toEqual(names(before));
  });

  it("is checked on every page", async () => {
    const pages: Collector<Document[]> = {
      ...(itemsOf("connz") as unknown as Collector<Document[]>),
      fetch: (ask) => Promise.all(["/connz?1", "/connz?2"].map((path) => ask({ path }))),
      read: () => undefined,
    };
    answers["/connz"] = ({ url }, response) =>
      response.end(`{"server_id":"${url?.endsWith("2") ? "NB" : "NA"}"}`);
    const collectors = [{ collector: pages as Collector, serverLabel: true }];
    expect(await scrape(createScraper([], { collectors }))).toMatchObject({
      [failures("connz", "identity")]: 1,
    });
  });

  it("fails the collector if it is missing from /varz, and nothing from the reply is exposed", async () => {
    const collectors = COLLECTORS.filter(({ name }) => name === "varz").map((collector) => ({
      collector,
      serverLabel: true,
    }));
    for (const reply of [{ cpu: 2, in_msgs: 3 }, [VARZ], "varz", null, { ...VARZ, server_id: 7 }]) {
      answers["/varz"] = answerJson(reply);
      const series = await scrape(createScraper([], { collectors }));
      expect(series).toMatchObject({ [up]: 0, [success("varz")]: 0, [failures("varz", "body")]: 1 });
      expect(Object.keys(series).filter((name) => name.startsWith("nats_"))).toEqual([up]);
    }
  });
});

describe("concurrent scrapes", () => {
  it("share one request per endpoint", async () => {
    const held: (() => void)[] = [];
    answers["/jsz"] = (request, response) =>
      held.push(() => answerJson({ items: { x: { a: 7 } } })(request, response));
    const scraper = createScraper(["jsz"]);
    const scrapes = [1, 2, 3].map(() => scrape(scraper));
    await expect.poll(() => held.length).toBe(1);
    held[0]?.();
    for (const series of await Promise.all(scrapes)) {
      expect(series['nats_item_a_of_jsz{server="n1",item="x"}']).toBe(7);
    }
    expect(server.asked.filter((path) => path === "/jsz")).toHaveLength(1);
  });

  it("give up independently at their own deadlines", async () => {
    const held: (() => void)[] = [];
    answers["/jsz"] = (request, response) =>
      held.push(() => answerJson({ items: { x: { a: 7 } } })(request, response));
    const scraper = createScraper(["jsz"]);
    const hasty = scrape(scraper, { deadlineMs: 200 });
    const patient = scrape(scraper);
    expect(await hasty).toMatchObject({ [success("jsz")]: 0, [failures("jsz", "timeout")]: 1 });
    expect(held).toHaveLength(1);
    held[0]?.();
    expect(await patient).toMatchObject({
      [success("jsz")]: 1,
      'nats_item_a_of_jsz{server="n1",item="x"}': 7,
    });
  });

  // On a busy machine the fake server may see the end of an aborted request after the next request.
  it("never have two requests in flight to one endpoint, for any mix of collectors and deadlines", {
    retry: 3,
  }, async () => {
    let turn = 0;
    const slow: Answer = (request, response) =>
      void setTimeout(() => answerJson(VARZ)(request, response), ++turn % 9);
    for (const { name } of COLLECTORS) answers[`/${name}`] = slow;
    answers["/debug/vars"] = slow;
    const scraper = createScraper([], {
      collectors: COLLECTORS.map((collector) => ({ collector, serverLabel: true })),
      selection: { ...EVERYTHING, raftGroups: "all" },
    });
    const names = COLLECTORS.map(({ name }) => name);
    const requester = async (_: unknown, i: number): Promise<void> => {
      for (let round = 0; round < 15; round++) {
        const collectors = names.filter((_, j) => (i + j + round) % 3 !== 0);
        const deadlineMs = (i + round) % 4 === 0 ? (i + round) % 13 : 30_000;
        await scraper.scrape({ collectors, deadlineMs });
      }
    };
    await Promise.all(Array.from({ length: 8 }, requester));
    expect(server.asked.length).toBeGreaterThan(50);
    expect(server.overlaps).toBe(0);
  });
});

describe("series", () => {
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`i${i}`, { a: i, b: i }]));
  const dropped = (reason: string): string =>
    `natscope_series_dropped_total{server="n1",collector="jsz",reason="${reason}"}`;

  it("beyond the limit are dropped item by item and counted", async () => {
    answers["/jsz"] = answerJson({ items: many });
    const scraper = createScraper(["jsz"], { seriesLimit: () => 7 });
    const first = await scrape(scraper);
    expect(Object.keys(first).filter((name) => name.startsWith("nats_item"))).toHaveLength(6);
    expect(first[dropped("limit")]).toBe(14);
    expect((await scrape(scraper))[dropped("limit")]).toBe(28);
  });

  it("are dropped and counted if the server lists their item twice", async () => {
    // Two names that are equal in UTF-8.
    answers["/jsz"] = (_, response) => response.end('{"items":{"\\ud800":{"a":1},"\\ud801":{"a":2,"b":3}}}');
    const series = await scrape(createScraper(["jsz"]));
    expect(series['nats_item_a_of_jsz{server="n1",item="\ufffd"}']).toBe(1);
    expect([series[dropped("duplicate")], series[dropped("limit")]]).toEqual([2, 0]);
  });

  it("are absent for a negative counter, but not for a negative gauge", async () => {
    answers["/varz"] = answerJson({ ...VARZ, in_msgs: -1, out_msgs: 5, cpu: -2 });
    const collectors = COLLECTORS.filter(({ name }) => name === "varz").map((collector) => ({
      collector,
      serverLabel: true,
    }));
    const series = await scrape(createScraper([], { collectors }));
    expect(series).not.toHaveProperty(['nats_server_received_messages_total{server="n1"}']);
    expect(series).toMatchObject({
      'nats_server_sent_messages_total{server="n1"}': 5,
      'nats_server_cpu_ratio{server="n1"}': -0.02,
    });
  });

  it("disappear with their item", async () => {
    const scraper = createScraper(["jsz"]);
    answers["/jsz"] = answerJson({ items: { kept: { a: 1 }, gone: { a: 2 } } });
    expect(await scrape(scraper)).toHaveProperty(['nats_item_a_of_jsz{server="n1",item="gone"}'], 2);
    answers["/jsz"] = answerJson({ items: { kept: {} } });
    expect(Object.keys(await scrape(scraper)).filter((name) => name.startsWith("nats_item"))).toEqual([]);
  });
});

describe("a selection", () => {
  it("exposes nothing about targets that are not selected, including their past failures", async () => {
    const dead = await fakeServer(() => {});
    await dead[Symbol.asyncDispose]();
    const targets = [
      { name: "n1", url: server.url },
      { name: "dead", url: dead.url },
    ];
    const scraper = createScraper(["varz"], { targets });
    await scrape(scraper);
    const series = await scrape(scraper, { targets: ["n1"] });
    expect(Object.keys(series).filter((name) => name.includes("dead"))).toEqual([]);
    expect(series[up]).toBe(1);
  });

  it("sends only the requests that the selected collectors need", async () => {
    answers["/connz"] = answerJson({});
    const series = await scrape(createScraper(["varz", "connz", "jsz"]), { collectors: ["connz"] });
    expect(new Set(server.asked)).toEqual(new Set(["/varz", "/connz"]));
    expect(Object.keys(series).filter((name) => name.includes("collector_success"))).toEqual([
      success("connz"),
    ]);
  });

  it("accepts any number of milliseconds as deadline", async () => {
    for (const deadlineMs of [0, -1, 0.5, 20_000.5, Number.POSITIVE_INFINITY]) {
      expect(await scrape(createScraper(["varz"]), { deadlineMs })).toHaveProperty([up]);
    }
  });
});

it("exposes scrapes and requests in flight, and the time of each server's last answer", async () => {
  const series = await scrape(createScraper(["varz"]));
  expect(series).toMatchObject({ natscope_scrapes_in_flight: 1, natscope_requests_in_flight: 0 });
  const last = series['natscope_last_success_timestamp_seconds{server="n1"}'] as number;
  expect(Math.abs(last - Date.now() / 1000)).toBeLessThan(60);
});
