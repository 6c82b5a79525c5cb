/**
 * Cost of a scrape, compared with prometheus-nats-exporter on the same server in the same run, as ratios:
 *
 *     npm run bench:scrape            # needs $PNE or prometheus-nats-exporter on the PATH for the ratios
 *
 * Scrapes alternate between the two, so that load on the machine affects both. Needs Linux (/proc).
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { type Load, startLoadedServer } from "./loaded-server.ts";
import { MeasuredProcess, type ScrapeSize } from "./measured-process.ts";

const COMMAND = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const PROBE = fileURLToPath(new URL("./event-loop-probe.ts", import.meta.url));

const EVERY_COLLECTOR_OF_PNE = [
  "-varz",
  "-connz_detailed",
  "-healthz",
  "-gatewayz",
  "-accstatz",
  "-accountz",
  "-leafz",
  "-routez",
  "-subz",
  "-jsz=all",
];

const LOADS: readonly Load[] = [
  { connections: 3000, streams: 300, consumersPerStream: 5 },
  { connections: 3000, streams: 1000, consumersPerStream: 10 },
];

const WARM_UP_SCRAPES = 5;
const COUNTED_SCRAPES = 15;

interface Figures extends ScrapeSize {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly residentMb: number;
  /** Absent for a process without the probe. */
  readonly longestBlockMs?: number;
}

async function main(): Promise<void> {
  if (!existsSync(COMMAND)) throw new Error("dist/ is missing: run `npm run build` first");
  const exporter = findExporter();
  if (!exporter) console.log("prometheus-nats-exporter not found ($PNE, PATH): figures of natscope only.\n");
  for (const load of LOADS) {
    console.log(
      `${load.connections} connections, ${load.streams} streams x ${load.consumersPerStream} consumers`,
    );
    await using loaded = await startLoadedServer(load);
    const url = loaded.server.monitorUrl;
    const processes = new Map<string, MeasuredProcess>();
    try {
      if (exporter)
        processes.set(
          "PNE",
          await start(exporter, (port) => ["-port", port, ...EVERY_COLLECTOR_OF_PNE, url]),
        );
      processes.set(
        "PNE's names",
        await startNatscope((port) => ["-port", port, ...EVERY_COLLECTOR_OF_PNE, url]),
      );
      processes.set(
        "own names",
        await startNatscope((port) => ["serve", "--listen", `127.0.0.1:${port}`, "--monitor", url]),
      );
      report(await measure(processes));
    } finally {
      await Promise.all([...processes.values()].map((process) => process.stop()));
    }
  }
}

async function measure(processes: ReadonlyMap<string, MeasuredProcess>): Promise<Map<string, Figures>> {
  const scrapes = new Map([...processes.keys()].map((name) => [name, [] as Figures[]]));
  const sizes = new Map<string, ScrapeSize>();
  for (const [name, process] of processes) sizes.set(name, await process.size());
  for (let round = 0; round < WARM_UP_SCRAPES + COUNTED_SCRAPES; round++) {
    for (const [name, process] of processes) {
      const probed = name !== "PNE";
      if (probed) await process.longestBlockMs();
      const cpuBefore = process.cpuMs();
      const wallMs = await process.scrape();
      const figures: Figures = {
        ...(sizes.get(name) as ScrapeSize),
        wallMs,
        cpuMs: process.cpuMs() - cpuBefore,
        residentMb: process.residentBytes() / 1e6,
        ...(probed && { longestBlockMs: await process.longestBlockMs() }),
      };
      if (round >= WARM_UP_SCRAPES) scrapes.get(name)?.push(figures);
    }
  }
  return new Map([...scrapes].map(([name, figures]) => [name, typical(figures)]));
}

/**
 * Medians; for processor time the mean, because the kernel counts it in ticks of 10 ms; for memory and
 * blocking the maximum.
 */
function typical(scrapes: readonly Figures[]): Figures {
  const median = (key: "wallMs" | "bytes" | "series"): number => {
    const sorted = scrapes.map((figures) => figures[key]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] as number;
  };
  const blocks = scrapes.flatMap(({ longestBlockMs }) => longestBlockMs ?? []);
  return {
    wallMs: median("wallMs"),
    bytes: median("bytes"),
    series: median("series"),
    residentMb: Math.max(...scrapes.map(({ residentMb }) => residentMb)),
    cpuMs: scrapes.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / scrapes.length,
    ...(blocks.length > 0 && { longestBlockMs: Math.max(...blocks) }),
  };
}

function report(figures: ReadonlyMap<string, Figures>): void {
  const header = ["", "wall ms", "cpu ms", "MB", "series", "max resident MB", "longest block ms"];
  const rows = [...figures].map(([name, { wallMs, cpuMs, bytes, series, residentMb, longestBlockMs }]) => [
    name,
    wallMs.toFixed(0),
    cpuMs.toFixed(0),
    (bytes / 1e6).toFixed(2),
    String(series),
    residentMb.toFixed(0),
    longestBlockMs?.toFixed(0) ?? "",
  ]);
  const reference = figures.get("PNE");
  for (const [name, ours] of figures) {
    if (!reference || ours === reference) continue;
    const ratio = (key: "wallMs" | "cpuMs" | "bytes" | "series" | "residentMb"): string =>
      (ours[key] / reference[key]).toFixed(2);
    rows.push([
      `${name} / PNE`,
      ratio("wallMs"),
      ratio("cpuMs"),
      ratio("bytes"),
      ratio("series"),
      ratio("residentMb"),
      "",
    ]);
  }
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] as string).length)),
  );
  for (const row of [header, ...rows]) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
        )
        .join("  "),
    );
  }
  console.log();
}

function findExporter(): string | undefined {
  const candidate = process.env.PNE ?? "prometheus-nats-exporter";
  try {
    execFileSync(candidate, ["-version"], { stdio: "ignore" });
    return candidate;
  } catch {
    if (process.env.PNE) throw new Error(`$PNE is ${process.env.PNE}, which does not run`);
    return undefined;
  }
}

function startNatscope(args: (port: string) => string[]): Promise<MeasuredProcess> {
  return start(process.execPath, (port) => ["--import", PROBE, COMMAND, ...args(port)]);
}

async function start(command: string, args: (port: string) => string[]): Promise<MeasuredProcess> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return MeasuredProcess.start(command, args(String(port)), port);
}

await main();
