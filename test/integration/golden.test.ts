/**
 * Golden `/metrics`: the full exposition for a real standalone server and for a cluster's leader, by server
 * version, with values that change between runs replaced. A metric that is missing, new, renamed, or has another
 * type or other labels shows up as a difference.
 *
 *     npm run golden     rewrites test/integration/golden/<version>.<node>.txt; review the difference
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Scraper } from "../../src/exporter/scrape/scraper.ts";
import { RELEASES } from "../../tools/nats-server/releases.ts";
import { describeWithProgram, SERVER_VERSIONS } from "../outside-programs.ts";
import type { Exposition, ReadFamily, ReadSample } from "../rig/exposition.ts";
import { populate } from "../rig/populate.ts";
import { Rig } from "../rig/rig.ts";
import { createScraper, scrape } from "../rig/scraping.ts";
import { until } from "../rig/until.ts";

const NODES = ["n1", "solo"] as const;

/** `vitest --mode golden` writes the files instead of comparing. */
const WRITES = process.env.MODE === "golden";

/** Golden files exist for these releases only. Another patch release may have other fields. */
const PINNED = RELEASES.map(({ version }) => version);

/** Full exposition of each node by version. */
const scraped = new Map<string, Exposition>();

for (const { version } of SERVER_VERSIONS) {
  describe.skipIf(!PINNED.includes(version))(`golden /metrics (nats-server ${version})`, () => {
    let rig: Rig;
    const scrapers = new Map<string, Scraper>();

    beforeAll(async () => {
      rig = await Rig.start({ version });
      await populate(rig, { leader: "n1" });
      for (const node of NODES) scrapers.set(node, createScraper(rig.targets(node)));
      await Promise.all(NODES.map(async (node) => scraped.set(key(version, node), await atRest(node))));
    });
    afterAll(async () => {
      for (const scraper of scrapers.values()) scraper.close();
      await rig?.stop();
    });

    it.each(NODES)("matches the golden file of %s", (node) => {
      const exposition = scraped.get(key(version, node)) as Exposition;
      const text = goldenText(exposition);
      const file = new URL(`./golden/${key(version, node)}.txt`, import.meta.url);
      if (WRITES) {
        mkdirSync(new URL(".", file), { recursive: true });
        writeFileSync(file, text);
      }
      expect(text).toBe(readFileSync(file, "utf8"));
    });

    /**
     * The second of two scrapes, because the first changes request counters, taken after every link has a
     * round-trip time.
     */
    async function atRest(node: (typeof NODES)[number]): Promise<Exposition> {
      const scraper = scrapers.get(node) as Scraper;
      await scrape(scraper);
      return until(`all links of ${node} to have a round-trip time`, async () => {
        const exposition = await scrape(scraper);
        const count = (name: string): number => exposition.samples(name).length;
        const measured =
          count("nats_route_rtt_max_seconds") === count("nats_route_connections") &&
          count("nats_leaf_rtt_max_seconds") === count("nats_leaf_connections") &&
          exposition.samples("nats_client_connections").length === count("nats_client_rtt_max_seconds");
        return measured ? exposition : undefined;
      });
    }
  });
}

describeWithProgram("promtool", "promtool check metrics", (promtool) => {
  it.each(SERVER_VERSIONS.flatMap(({ version }) => NODES.map((node) => key(version, node))))(
    "accepts %s",
    async (name) => {
      const exposition = scraped.get(name);
      if (!exposition) return expect(PINNED).not.toContain(name.split(".").slice(0, 3).join("."));
      const check = spawn(promtool, ["check", "metrics"], { stdio: ["pipe", "pipe", "pipe"] });
      let complaints = "";
      for (const stream of [check.stdout, check.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          complaints += text;
        });
      }
      check.stdin.end(exposition.text);
      const [code] = await once(check, "close");
      expect({ code, complaints }).toEqual({ code: 0, complaints: "" });
    },
  );
});

function key(version: string, node: string): string {
  return `${version}.${node}`;
}

/** Metrics that come and go; they are left out. */
const COMES_AND_GOES: readonly RegExp[] = [
  /^nats_(account_responses_open|jetstream_api_inflight_requests)$/,
  /^nats_internal_queue_/,
  /^nats_(client|server_client)_stalls$/,
  /^nats_jetstream_meta_snapshot_(timestamp|duration)_seconds$/,
];

/** Labels whose values change with every run. */
const UNSTEADY_LABELS: Readonly<Record<string, readonly string[]>> = {
  nats_server_info: ["server_id", "git_commit", "go"],
  nats_server_config_info: ["digest"],
  nats_stream_raft_info: ["raft_group"],
  nats_consumer_raft_info: ["raft_group"],
  // Chosen by the round-trip time.
  nats_leaf_info: ["compression"],
};

/** Metrics with the version of natscope's own client library as a label. */
const CLIENT_VERSION = /^nats_client_/;

/** Values that are the same in every run of the rig. For all others only the series is compared. */
const STEADY_VALUES: readonly RegExp[] = [
  /_info$/,
  /_limit(_bytes|_seconds)?$/,
  /_threshold$/,
  /^nats_(up|healthy|health_)/,
  /^nats_server_(connections|route_connections|route_peers|route_pool_size|leaf_connections)$/,
  /^nats_(client|route|leaf|gateway_inbound)_connections$/,
  /^nats_(client_)?closed_connections$/,
  /^nats_jetstream_(enabled|streams|streams_led|consumers|consumers_led|messages|accounts|meta_leader)$/,
  /^nats_stream_(messages|appended_messages_total|first_sequence|subjects|consumers|deleted_messages)$/,
  /^nats_stream_(quorum_margin|leader|leaderless|replica_offline|origin_lag|origin_failed)$/,
  /^nats_consumer_(pending|ack_pending|ack_pending_ratio|redelivered|waiting_pulls|push_bound|paused|pinned)$/,
  /^nats_consumer_(quorum_margin|leader|leaderless|replica_offline)$/,
  /^nats_consumer_(delivered_sequence|ack_floor_sequence|ack_floor_deliveries)$/,
  /^nats_ephemeral_consumers/,
  /^natscope_collector_success$/,
];

/** The exposition with unstable values replaced by `*`, with families and series in alphabetical order. */
function goldenText({ families }: Exposition): string {
  return [...families.values()]
    .filter(({ name }) => !COMES_AND_GOES.some((pattern) => pattern.test(name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((family) => {
      const lines = family.samples.map((sample) => goldenLine(family, sample)).sort();
      return [
        `# HELP ${family.name} ${family.help}`,
        `# TYPE ${family.name} ${family.type}`,
        ...lines,
        "",
      ].join("\n");
    })
    .join("");
}

function goldenLine(family: ReadFamily, { name, labels, value }: ReadSample): string {
  const unsteady = UNSTEADY_LABELS[family.name] ?? (CLIENT_VERSION.test(family.name) ? ["version"] : []);
  const text = Object.entries(labels).map(
    ([label, content]) => `${label}=${unsteady.includes(label) ? "*" : JSON.stringify(content)}`,
  );
  const steady = STEADY_VALUES.some((pattern) => pattern.test(family.name));
  return `${name}{${text.join(",")}} ${steady ? value : "*"}`;
}
