/**
 * Faults of real servers: restart, upgrade and downgrade between two scrapes, JetStream disabled, a process that
 * accepts and never answers, lame duck mode. Everything else is still served, and no value is invented.
 */
import { connect } from "nats";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import type { Scraper } from "../../src/exporter/scrape/scraper.ts";
import { freePort } from "../../tools/nats-server/ports.ts";
import { describeEachServer, SERVER_VERSIONS } from "../outside-programs.ts";
import { type Exposition, identity } from "../rig/exposition.ts";
import { populate } from "../rig/populate.ts";
import { Rig } from "../rig/rig.ts";
import { createScraper, scrape } from "../rig/scraping.ts";
import { RigServer } from "../rig/server.ts";
import { until } from "../rig/until.ts";

const versionOf = (line: string): string | undefined =>
  SERVER_VERSIONS.find((server) => server.line === line)?.version;
const newest = SERVER_VERSIONS[0]?.version ?? "";
const older = versionOf("2.10");

describe.skipIf(!older)("a server that restarts with another release between two scrapes", () => {
  let rig: Rig;
  let scraper: Scraper;
  let first: Exposition;

  beforeAll(async () => {
    rig = await Rig.start({ version: older ?? "", nodes: ["solo"] });
    await populate(rig);
    scraper = createScraper(rig.targets());
    await scrape(scraper);
    first = await scrape(scraper);
  });
  afterAll(async () => {
    scraper?.close();
    await rig?.stop();
  });

  it("keeps every series with the same release, and its counters restart", async () => {
    const again = await restarted();
    expect(stableSeries(again)).toEqual(stableSeries(first));
    const received = "nats_server_received_bytes_total";
    expect(again.value(received)).toBeLessThan(first.value(received) ?? 0);
    const start = "nats_server_start_timestamp_seconds";
    expect(again.value(start)).toBeGreaterThan(first.value(start) ?? 0);
  });

  it("keeps every series after an upgrade, and gains those of the new release", async () => {
    const upgraded = await restarted(newest);
    expect(versionSaid(upgraded)).toEqual([newest]);
    expect(stableSeries(upgraded)).toEqual(expect.arrayContaining(stableSeries(first)));
    expect(stableSeries(upgraded).length).toBeGreaterThan(stableSeries(first).length);
    expect(backlog(upgraded)).toEqual(backlog(first));
  });

  it("returns to the old series after a downgrade, without those of the newer release", async () => {
    const downgraded = await restarted(older);
    expect(versionSaid(downgraded)).toEqual([older]);
    expect(stableSeries(downgraded)).toEqual(stableSeries(first));
    expect(backlog(downgraded)).toEqual(backlog(first));
  });

  /** The scrape after the server and its clients are back, preceded by one that finds it down. */
  async function restarted(version?: string): Promise<Exposition> {
    const server = rig.server("solo");
    await server.stop();
    expect(ofServer(await scrape(scraper), "solo")).toEqual(["nats_up"]);
    await server.restart(version);
    await rig.ready();
    return until("clients and mirrors to reconnect", async () => {
      const exposition = await scrape(scraper);
      const clients = (now: Exposition): unknown => now.value("nats_server_connections");
      const idle = (now: Exposition): number => now.samples("nats_stream_origin_idle_seconds").length;
      const back = clients(exposition) === clients(first) && idle(exposition) === idle(first);
      return back ? exposition : undefined;
    });
  }
});

describeEachServer("a server without JetStream", ({ version }) => {
  it("exposes no JetStream series after JetStream is disabled, and is up", async () => {
    const ports = { clientPort: await freePort(), monitorPort: await freePort() };
    const server = (config: string): Promise<RigServer> =>
      RigServer.start({ name: "n", version, config, ...ports });
    const before = await server(`server_name: n, jetstream: enabled`);
    const scraper = createScraper([{ name: "n", url: before.monitorUrl }]);
    onTestFinished(() => scraper.close());
    const enabled = await scrape(scraper).finally(() => before.dispose());
    expect(enabled.value("nats_jetstream_enabled")).toBe(1);

    const after = await server(`server_name: n`);
    onTestFinished(() => after.dispose());
    const disabled = await scrape(scraper);
    expect(disabled.value("nats_up")).toBe(1);
    expect(disabled.value("nats_healthy")).toBe(1);
    expect(disabled.value("nats_jetstream_enabled")).toBe(0);
    expect(disabled.value("natscope_collector_success", { collector: "jsz" })).toBe(1);
    expect(disabled.identities().filter((series) => /^nats_(stream|consumer)_/.test(series))).toEqual([]);
  });
});

describe("a server that accepts connections and never answers", () => {
  it("is down and does not delay the other servers, which are complete", async () => {
    const [stuck, healthy] = await Promise.all([standalone("stuck"), standalone("healthy")]);
    const scraper = createScraper(
      [stuck, healthy].map(({ name, monitorUrl }) => ({ name, url: monitorUrl })),
    );
    onTestFinished(() => scraper.close());
    const before = await scrape(scraper);
    const seriesOf = (exposition: Exposition, server: string): string[] => ofServer(exposition, server);
    expect(seriesOf(before, "stuck").length).toBe(seriesOf(before, "healthy").length);

    await stuck.freeze();
    // Several scrapes at once and in sequence: no requests pile up at the silent server.
    const during = [
      ...(await Promise.all([scrape(scraper, 1500), scrape(scraper, 1500)])),
      await scrape(scraper, 1500),
    ];
    for (const exposition of during) {
      expect(exposition.value("nats_up", { server: "stuck" })).toBe(0);
      expect(exposition.value("nats_up", { server: "healthy" })).toBe(1);
      expect(ofServer(exposition, "stuck")).toEqual(["nats_up"]);
      expect(seriesOf(exposition, "healthy")).toEqual(seriesOf(before, "healthy"));
      expect(exposition.value("natscope_requests_in_flight")).toBeLessThanOrEqual(COLLECTORS.length);
    }
    const last = during.at(-1) as Exposition;
    const failure = { server: "stuck", collector: "varz" };
    expect(last.samples("natscope_collector_failures_total", failure)).toMatchObject([
      { labels: { reason: "timeout" }, value: 3 },
    ]);
    expect(last.value("natscope_last_success_timestamp_seconds", { server: "stuck" })).toBe(
      before.value("natscope_last_success_timestamp_seconds", { server: "stuck" }),
    );

    stuck.thaw();
    const after = await until("the server to answer again", async () => {
      const exposition = await scrape(scraper);
      return exposition.value("nats_up", { server: "stuck" }) === 1 ? exposition : undefined;
    });
    expect(seriesOf(after, "stuck")).toEqual(seriesOf(before, "stuck"));
  });
});

describeEachServer("a server in lame duck mode", ({ version }) => {
  it("is up with the metrics that it still has, until it stops, and then down", async () => {
    const server = await standalone(
      "duck",
      version,
      `lame_duck_duration: "30s", lame_duck_grace_period: "4s"`,
    );
    const rig = await lingeringClient(server);
    onTestFinished(() => rig.close());
    const scraper = createScraper([{ name: "duck", url: server.monitorUrl }]);
    onTestFinished(() => scraper.close());
    expect(await scrape(scraper).then((before) => before.value("nats_jetstream_enabled"))).toBe(1);

    server.becomeLameDuck();
    const leaving = await until("JetStream to shut down", async () => {
      const exposition = await scrape(scraper);
      return exposition.value("nats_jetstream_enabled") === 0 ? exposition : undefined;
    });
    expect(leaving.value("nats_up")).toBe(1);
    expect(leaving.value("nats_server_connections")).toBe(1);
    // One scrape can see the shutdown and get some replies but not others.
    await until(
      "the server to stop",
      async () => (await scrape(scraper)).value("nats_up") === 0 || undefined,
    );
    expect(ofServer(await scrape(scraper), "duck")).toEqual(["nats_up"]);
  });
});

async function standalone(name: string, version = newest, config = ""): Promise<RigServer> {
  const server = await RigServer.start({
    name,
    version,
    config: `server_name: ${name}, jetstream: enabled, ${config}`,
    clientPort: await freePort(),
    monitorPort: await freePort(),
  });
  onTestFinished(() => server.dispose());
  return server;
}

/** A client that stays connected as long as it can. Without one, a server in lame duck mode stops at once. */
async function lingeringClient(server: RigServer): Promise<{ close(): Promise<void> }> {
  return connect({ servers: server.clientUrl, reconnect: false });
}

/** Names of NATS metrics with a series for that server. */
function ofServer({ families }: Exposition, server: string): string[] {
  return [...families.values()]
    .filter(
      ({ name, samples }) =>
        name.startsWith("nats_") && samples.some(({ labels }) => labels.server === server),
    )
    .map(({ name }) => name)
    .sort();
}

/** Metrics of connections and of the past of this run of the process. */
const OF_THIS_RUN =
  /^nats_(client|closed|server_info|server_config_info|internal|go|health_failing|consumer_last|server_monitoring)/;

/** The only stream of the rig that is lost with its server. */
const IN_MEMORY = `stream="WORK"`;

/** All series of the server and its assets that no restart may change. */
function stableSeries(exposition: Exposition): string[] {
  const lasts = (series: string): boolean => !OF_THIS_RUN.test(series) && !series.includes(IN_MEMORY);
  return exposition.identities().filter((series) => series.startsWith("nats_") && lasts(series));
}

function versionSaid(exposition: Exposition): (string | undefined)[] {
  return exposition.samples("nats_server_info").map(({ labels }) => labels.version);
}

/** Pending messages by consumer. Stores survive a change of release. */
function backlog(exposition: Exposition): Record<string, number> {
  const pending = exposition
    .samples("nats_consumer_pending")
    .filter(({ labels }) => labels.stream !== "WORK");
  return Object.fromEntries(pending.map((sample) => [identity(sample), sample.value]));
}
