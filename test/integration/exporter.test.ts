/**
 * The sidecar container of the official Helm chart with only its image changed: the chart's own arguments give the
 * same series, which stay correct when the server restarts or stops.
 *
 * `test/exporter/prometheus-nats-exporter` compares each metric with prometheus-nats-exporter.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { startNatscope } from "../cli/natscope.ts";
import { ExporterProcess, findExporter } from "../exporter/prometheus-nats-exporter/exporter-process.ts";
import { SERVER_VERSIONS } from "../outside-programs.ts";
import { Exposition } from "../rig/exposition.ts";
import { populate } from "../rig/populate.ts";
import { Rig } from "../rig/rig.ts";

/** Arguments as in the chart's `prom-exporter-container.yaml`, with every collector enabled. */
const CHART_ARGUMENTS =
  "-connz -routez -subz -varz -prefix=nats -use_internal_server_id -jsz=all -leafz -gatewayz".split(" ");

const program = findExporter();
const version = SERVER_VERSIONS[0]?.version;

describe.skipIf(!version)(`the Helm chart's arguments (nats-server ${version})`, () => {
  it("give correct series across a restart and a stop of the server, from one process", async () => {
    const { rig, url } = await startSolo();
    const { scrapeNatscope } = await startWithChartArguments(url);
    const before = await scrapeNatscope();
    const id = await serverId(rig);
    expect(idsOf(before)).toEqual([id]);
    expect(before.value("nats_consumer_num_pending", { consumer_name: "slow", account: "APP" })).toBe(193);

    await rig.server("solo").restart();
    await rig.ready();
    const newId = await serverId(rig);
    expect(newId).not.toBe(id);
    expect(idsOf(await scrapeNatscope())).toEqual([newId]);

    await rig.server("solo").stop();
    expect(seriesOfServer(await scrapeNatscope())).toEqual([]);
  });

  it.skipIf(!program)("give the same series as prometheus-nats-exporter ($PNE, or on the PATH)", async () => {
    const { url } = await startSolo();
    const { scrapeNatscope } = await startWithChartArguments(url);
    const exporter = await ExporterProcess.start(program as string, [...CHART_ARGUMENTS, url]);
    onTestFinished(() => exporter.stop());
    const theirs = new Exposition(await exporter.scrape());
    expect(theirs.families.size).toBeGreaterThan(100);
    expect(seriesOfServer(await scrapeNatscope())).toEqual(seriesOfServer(theirs));
  });
});

async function startSolo(): Promise<{ rig: Rig; url: string }> {
  const rig = await Rig.start({ version: version ?? "", nodes: ["solo"] });
  onTestFinished(() => rig.stop());
  await populate(rig);
  return { rig, url: `${rig.server("solo").monitorUrl.origin}/` };
}

async function startWithChartArguments(url: string): Promise<{ scrapeNatscope: () => Promise<Exposition> }> {
  const address = await startNatscope(["-addr=127.0.0.1", "-port=0", ...CHART_ARGUMENTS, url]).address();
  const scrapeNatscope = async (): Promise<Exposition> =>
    new Exposition(await (await fetch(`${address}/metrics`)).text());
  await scrapeNatscope(); // The server counts requests by path. From here on, each path has been counted.
  return { scrapeNatscope };
}

async function serverId(rig: Rig): Promise<string> {
  const { server_id } = (await rig.server("solo").monitor("/varz")) as { server_id: string };
  return server_id;
}

/** All series with a server id, which are those with prometheus-nats-exporter's names. */
function seriesOfServer(exposition: Exposition): string[] {
  return exposition.identities().filter((series) => /[{,]server_id="/.test(series));
}

function idsOf({ families }: Exposition): (string | undefined)[] {
  const samples = [...families.values()].flatMap((family) => family.samples);
  const ids = samples
    .filter(({ labels }) => labels.server_id !== undefined)
    .map(({ labels }) => labels.server_id);
  return [...new Set(ids)];
}
