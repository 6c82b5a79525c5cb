/**
 * The sidecar container of the official Helm chart with only its image changed: the chart's own argument list
 * gives the same series, and keeps giving true ones when the server beside it restarts or dies.
 *
 * What each of the older exporter's metrics says is compared elsewhere (test/scrape/compatible).
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { startNatscope } from "../cli/natscope.ts";
import { ExporterProcess, findExporter } from "../exporter/prometheus-nats-exporter/exporter-process.ts";
import { SERVER_VERSIONS } from "../outside-programs.ts";
import { Exposition } from "../rig/exposition.ts";
import { populate } from "../rig/populate.ts";
import { Rig } from "../rig/rig.ts";

/** As `prom-exporter-container.yaml` of the chart writes them, every part of a server enabled. */
const OF_THE_CHART =
  "-connz -routez -subz -varz -prefix=nats -use_internal_server_id -jsz=all -leafz -gatewayz".split(" ");

const program = findExporter();
const version = SERVER_VERSIONS[0]?.version;

describe.skipIf(!version)(`the Helm chart's arguments (nats-server ${version})`, () => {
  it("serve the truth across a restart and an end of the server, as one process", async () => {
    const { rig, url } = await startSolo();
    const { scrapeSidecar } = await startSidecar(url);
    const before = await scrapeSidecar();
    const id = await serverId(rig);
    expect(idsOf(before)).toEqual([id]);
    expect(before.value("nats_consumer_num_pending", { consumer_name: "slow", account: "APP" })).toBe(193);

    await rig.server("solo").restart();
    await rig.ready();
    const newId = await serverId(rig);
    expect(newId).not.toBe(id);
    expect(idsOf(await scrapeSidecar())).toEqual([newId]);

    await rig.server("solo").stop();
    expect(seriesOfServer(await scrapeSidecar())).toEqual([]);
  });

  it.skipIf(!program)("serve the series that the exporter serves ($PNE, or on the PATH)", async () => {
    const { url } = await startSolo();
    const { scrapeSidecar } = await startSidecar(url);
    const exporter = await ExporterProcess.start(program as string, [...OF_THE_CHART, url]);
    onTestFinished(() => exporter.stop());
    const theirs = new Exposition(await exporter.scrape());
    expect(theirs.families.size).toBeGreaterThan(100);
    expect(seriesOfServer(await scrapeSidecar())).toEqual(seriesOfServer(theirs));
  });
});

async function startSolo(): Promise<{ rig: Rig; url: string }> {
  const rig = await Rig.start({ version: version ?? "", nodes: ["solo"] });
  onTestFinished(() => rig.stop());
  await populate(rig);
  return { rig, url: `${rig.server("solo").monitorUrl.origin}/` };
}

async function startSidecar(url: string): Promise<{ scrapeSidecar: () => Promise<Exposition> }> {
  const address = await startNatscope(["-addr=127.0.0.1", "-port=0", ...OF_THE_CHART, url]).address();
  const scrapeSidecar = async (): Promise<Exposition> =>
    new Exposition(await (await fetch(`${address}/metrics`)).text());
  await scrapeSidecar(); // The server counts requests by path: from now on it has counted each.
  return { scrapeSidecar };
}

async function serverId(rig: Rig): Promise<string> {
  const { server_id } = (await rig.server("solo").monitor("/varz")) as { server_id: string };
  return server_id;
}

/** Every series that says which server it is of: those of the exporter's names do. */
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
