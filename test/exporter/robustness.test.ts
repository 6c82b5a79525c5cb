/**
 * Robustness: for any reply of a server, a scrape ends with a valid exposition. No JSON makes it throw, hang, or
 * render text that Prometheus would reject. Replies are random JSON, and real replies with hostile changes.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVERYTHING, type Selection } from "../../src/exporter/collect/selection.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import {
  EXPORTER_COLLECTOR_NAMES,
  exporterCollectors,
} from "../../src/exporter/prometheus-nats-exporter/prometheus-nats-exporter.ts";
import { type NamedCollector, Scraper } from "../../src/exporter/scrape/scraper.ts";
import { type ExpositionFormat, render } from "../../src/metrics/exposition.ts";
import type { Family } from "../../src/metrics/family.ts";
import { readExposition } from "../exposition-validator.ts";
import { describeWithProgram } from "../outside-programs.ts";
import { type FakeServer, fakeServer } from "./fake-server.ts";

/** Saved replies by endpoint, from the release with the most replies. */
const SAMPLES: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries({
    "/varz": "varz",
    "/connz": "connz_auth",
    "/routez": "routez",
    "/gatewayz": "gatewayz",
    "/leafz": "leafz",
    "/subsz": "subsz",
    "/accountz": "accountz",
    "/accountz?acc": "accountz_APP",
    "/accstatz": "accstatz_unused",
    "/jsz": "jsz_consumers_config_raft",
    "/healthz": "healthz_details",
    "/raftz": "raftz",
    "/ipqueuesz": "ipqueuesz_all",
    "/debug/vars": "expvarz",
  }).map(([endpoint, name]) => {
    const file = new URL(`./samples/2.15.1/n1/${name}.json`, import.meta.url);
    return [endpoint, JSON.parse(readFileSync(file, "utf8"))];
  }),
);
const ENDPOINTS = Object.keys(SAMPLES);

/** Numbers that `JSON.stringify` would write differently. */
const RAW_NUMBERS = ["1e999", "-1e999", "18446744073709551615", "9007199254740993", "-0", "1E-400"];
const rawNumber = fc.constantFrom(...RAW_NUMBERS).map((number) => `@raw:${number}@`);

const hostileText = fc.constantFrom(
  ...[
    '"',
    "\\",
    "\n",
    "\r\n",
    '\\"',
    "\\n",
    "",
    " ",
    "{}",
    'a="b",c',
    "\u0000",
    "\u007f",
    "\u0085",
    "\u2028",
  ],
  ...[
    "\u{1f600}",
    "\ud83d",
    "\udc00x",
    "\ufeff",
    "x".repeat(4096),
    '"\n\\'.repeat(1400),
    "__proto__",
    "le",
    "# EOF",
  ],
  ...[
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "2026-02-31T00:00:00Z",
    "335\u00b5s",
    "1y2d",
    "-1s",
  ],
  ...[`${"9".repeat(400)}s`, "NaN", "Infinity", "unlimited", "-1"],
);
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: rawNumber },
  fc.constantFrom(0, -1, 1.5, 2 ** 63, 1e308, true, false, null),
  fc.constantFrom(
    [],
    {},
    [[]],
    [null],
    [0, "", {}],
    { "": "" },
    { constructor: 1, length: 2, toString: null },
  ),
  fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text)),
);

/** A change at one place of a reply. `where` selects a path from the root, one step per member. */
interface Change {
  readonly where: readonly number[];
  readonly kind: "replace" | "remove" | "repeat" | "rename";
  readonly value: unknown;
}
const change: fc.Arbitrary<Change> = fc.record({
  where: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
  kind: fc.constantFrom("replace", "replace", "remove", "repeat", "rename"),
  value: hostileValue,
});

function changed(reply: unknown, changes: readonly Change[]): unknown {
  const copy = structuredClone(reply);
  for (const { where, kind, value } of changes) {
    let here = copy as Record<string, unknown>;
    let key: string | undefined;
    for (const step of where) {
      const inner = key === undefined ? here : here[key];
      if (typeof inner !== "object" || inner === null || Object.keys(inner).length === 0) break;
      here = inner as Record<string, unknown>;
      const keys = Object.keys(here);
      key = keys[step % keys.length] as string;
    }
    if (key === undefined) continue;
    if (kind === "replace") here[key] = structuredClone(value);
    else if (Array.isArray(here) && kind === "repeat") here.push(structuredClone(here[Number(key)]));
    else if (Array.isArray(here)) here.splice(Number(key), 1);
    else if (kind === "rename") here[typeof value === "string" ? value : "renamed"] = here[key];
    else delete here[key];
  }
  return copy;
}

const write = (value: unknown): string =>
  (JSON.stringify(value, null, 2) ?? "null").replaceAll(/"@raw:([^@]*)@"/g, "$1");

/** Replies of the server: text by endpoint. */
type Replies = Readonly<Record<string, { status: number; body: string }>>;
const status = fc.oneof({ weight: 12, arbitrary: fc.constant(200) }, fc.constantFrom(503, 500, 404, 400));

const anyJson: fc.Arbitrary<Replies> = repliesOf(() => fc.json({ maxDepth: 5 }));
const hostileReal: fc.Arbitrary<Replies> = repliesOf((endpoint) =>
  fc.array(change, { maxLength: 12 }).map((changes) => write(changed(SAMPLES[endpoint], changes))),
);

function repliesOf(body: (endpoint: string) => fc.Arbitrary<string>): fc.Arbitrary<Replies> {
  return fc.record(
    Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, fc.record({ status, body: body(endpoint) })])),
  );
}

const native: NamedCollector[] = COLLECTORS.map((collector) => ({ collector, serverLabel: true }));
const compatible = (collect: "sums" | "each"): NamedCollector[] =>
  exporterCollectors({
    collect: EXPORTER_COLLECTOR_NAMES.filter(
      (name) => name !== (collect === "sums" ? "connz_detailed" : "connz"),
    ),
    jsz: { detail: "consumers", streamMetadataKeys: ["team", "a-b"], consumerMetadataKeys: ["team", "__x"] },
  }).map((collector) => ({ collector, serverLabel: false }));

const SELECTIONS: Readonly<Record<string, Selection>> = {
  usual: EVERYTHING,
  everything: { ...EVERYTHING, ephemeralConsumers: "each", raftGroups: "all" },
};

let server: FakeServer;
let replies: Replies = {};

beforeAll(async () => {
  server = await fakeServer(({ url = "" }, response) => {
    const [endpoint = "", query = ""] = url.split("?");
    const reply = (query.startsWith("acc=") && replies[`${endpoint}?acc`]) || replies[endpoint];
    response.writeHead(reply?.status ?? 404).end(reply?.body);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

interface Scraped {
  readonly families: readonly Family[];
  readonly failures: readonly { collector: string; reason: string; message: string }[];
  /** Requested endpoints, one entry per request. */
  readonly asked: readonly string[];
}

async function scrape(
  given: Replies,
  collectors: readonly NamedCollector[],
  selection: Selection,
): Promise<Scraped> {
  replies = given;
  const failures: Scraped["failures"][number][] = [];
  const scraper = new Scraper({
    targets: [{ name: 'n"1\\', url: server.url }],
    collectors,
    selection,
    seriesLimit: () => 100_000,
    limits: { maxBodyBytes: 64_000_000 },
    onFailure: (failure) => failures.push(failure),
  });
  const before = server.asked.length;
  try {
    const families = await scraper.scrape({ deadlineMs: 30_000 });
    return {
      families,
      failures,
      asked: server.asked.slice(before).map((path) => path.split("?", 1)[0] as string),
    };
  } finally {
    scraper.close();
  }
}

const bytesOf = (families: readonly Family[], format: ExpositionFormat): Buffer =>
  Buffer.concat(Array.from(render(families, format), (chunk) => Buffer.from(chunk)));

function expectSound({ families, failures, asked }: Scraped): void {
  for (const format of ["prometheus-text", "openmetrics"] as const)
    readExposition(bytesOf(families, format), format);
  const ours = failures.filter(({ reason }) => !["body", "status", "identity", "too_large"].includes(reason));
  expect(ours).toEqual([]);
  for (const { message } of failures) expect(message.length).toBeLessThan(300);
  // The number of requests must not depend on a number in a reply.
  for (const endpoint of new Set(asked)) {
    const times = asked.filter((other) => other === endpoint).length;
    expect(times, `${endpoint} was requested ${times} times`).toBeLessThan(300);
  }
}

describe.each(Object.entries(SELECTIONS))("a scrape with the %s selection", (_, selection) => {
  it.each([
    ["natscope's names", native],
    ["names of prometheus-nats-exporter", compatible("sums")],
    ["detailed names of prometheus-nats-exporter", compatible("each")],
    ["both", [...native, ...compatible("each")]],
  ])("exposes every metric of real replies with %s", async (_, collectors) => {
    const real = Object.fromEntries(ENDPOINTS.map((e) => [e, { status: 200, body: write(SAMPLES[e]) }]));
    const scraped = await scrape(real, collectors, selection);
    expectSound(scraped);
    expect(scraped.failures).toEqual([]);
    expect(scraped.families.length).toBeGreaterThan(80);
  });

  it.each([
    ["natscope's names", native],
    ["names of prometheus-nats-exporter", compatible("sums")],
    ["detailed names of prometheus-nats-exporter", compatible("each")],
  ])("gives a valid exposition for any JSON with %s", async (_, collectors) => {
    await fc.assert(
      fc.asyncProperty(anyJson, async (given) => expectSound(await scrape(given, collectors, selection))),
      { numRuns: 60 },
    );
  });

  it.each([
    ["natscope's names", native],
    ["names of prometheus-nats-exporter", compatible("sums")],
    ["detailed names of prometheus-nats-exporter", compatible("each")],
  ])("gives a valid exposition for changed real replies with %s", async (_, collectors) => {
    await fc.assert(
      fc.asyncProperty(hostileReal, async (given) => expectSound(await scrape(given, collectors, selection))),
      { numRuns: 60 },
    );
  });
});

describeWithProgram("promtool", "promtool check metrics", (promtool) => {
  it("accepts the metrics of hostile replies", async () => {
    for (const given of fc.sample(hostileReal, 5)) {
      const { families } = await scrape(given, [...native, ...compatible("each")], EVERYTHING);
      const input = bytesOf(families, "prometheus-text");
      const { status, stderr } = spawnSync(promtool, ["check", "metrics"], { input, encoding: "utf8" });
      // 3: parsed, but names of prometheus-nats-exporter break naming rules; 1: not parsed.
      expect([0, 3], stderr.slice(0, 500)).toContain(status);
      expect(stderr.split("\n").filter((line) => line.startsWith("nats_"))).toEqual([]);
    }
  });
});
