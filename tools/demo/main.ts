/**
 * `npm run demo`: a real nats-server with real traffic, natscope's exporter for it, an excerpt of `/metrics`, and a
 * short benchmark with its report.
 *
 * Runs until ^C, which is its regular end; with `--once` it ends by itself. Exit codes: 0 done, 1 failed, 2 unknown
 * argument. No process stays behind, and no file but the cached server.
 */

import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import { errorMessage } from "../../src/text/wording.ts";
import { NatsServerUnavailable, obtainNatsServer } from "../nats-server/obtain.ts";
import { freePort } from "../nats-server/ports.ts";
import { type RunningNatsServer, runNatsServer } from "../nats-server/run.ts";
import { benchCommandLine, runBench } from "./bench-process.ts";
import { excerpt, type Style } from "./excerpt.ts";
import { readMetrics, sampleValue } from "./exposition-reader.ts";
import { type ExporterProcess, startExporterProcess } from "./serve-process.ts";
import { openShop } from "./shop.ts";

/** Time of traffic before the first scrape, and between the two. */
const WARM_UP_MS = 2000;
const BETWEEN_SCRAPES_MS = 5000;

const CLIENT_PORT = 4222;
const MONITOR_PORT = 8222;
const EXPORTER_PORT = 7777;

/** Follows NO_COLOR and FORCE_COLOR; without them, colors need a terminal. */
const paint =
  (...formats: Parameters<typeof styleText>[0] & readonly unknown[]) =>
  (text: string): string =>
    styleText(formats as Parameters<typeof styleText>[0], text, { stream: process.stdout });

const style: Style = {
  heading: paint("bold"),
  dim: paint("dim"),
  good: paint("green"),
  warning: paint("yellow"),
  bad: paint("red"),
};

function print(...lines: string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function demo(runsOnce: boolean, interrupted: AbortSignal): Promise<void> {
  print(style.heading("natscope demo"), "");
  const binary = await unlessInterrupted(
    obtainNatsServer(undefined, { report: (sentence) => print(style.dim(`  ${sentence} ...`)) }),
    interrupted,
  );
  const ports = { client: await freePort(CLIENT_PORT), monitor: await freePort(MONITOR_PORT) };
  await using server = await runNatsServer({ binary, name: "demo", ports });
  print(
    `  nats-server ${server.version}, with JetStream and monitoring`,
    style.dim(`  ${displayed(binary)}`),
    style.dim(`  ${server.clientUrl}   ${server.monitorUrl}`),
    "",
  );
  await using shop = await openShop(server.clientUrl, server.version);
  const { streams, consumers, clients } = shop;
  print(
    `  ${streams} streams, ${consumers} consumers, ${clients} clients, requests and plain messages on it`,
    "",
  );
  await using exporter = await startExporterProcess(server.monitorUrl, await freePort(EXPORTER_PORT));
  print("  natscope's exporter for it", style.dim(`  ${exporter.command}`), "");

  const failure = untilOneEnds(server, exporter);
  await Promise.race([showMetrics(exporter, interrupted), failure]);
  await Promise.race([showBench(server, interrupted), failure]);
  if (runsOnce) return;
  print("", ...nextSteps(server, exporter), "", "Traffic goes on until you press ^C.");
  await Promise.race([untilInterrupted(interrupted), failure]);
}

async function showMetrics({ url }: ExporterProcess, interrupted: AbortSignal): Promise<void> {
  await sleep(WARM_UP_MS, undefined, { signal: interrupted });
  const first = await readMetrics(`${url}/metrics`);
  await sleep(BETWEEN_SCRAPES_MS, undefined, { signal: interrupted });
  const second = await readMetrics(`${url}/metrics`);
  print(...excerpt([first, second], style));
  if (sampleValue(second, "nats_up") !== 1)
    throw new Error("natscope serve does not reach the server: nats_up is not 1");
}

/** Runs while the traffic of the shop continues. */
async function showBench(
  { clientUrl, monitorUrl }: RunningNatsServer,
  interrupted: AbortSignal,
): Promise<void> {
  print("", style.heading("A short benchmark"), style.dim(`  ${benchCommandLine(clientUrl)}`), "");
  const report = await runBench(clientUrl, monitorUrl, interrupted);
  print(...report.split("\n").map((line) => (line === "" ? line : `  ${line}`)));
}

function nextSteps({ clientUrl, monitorUrl }: RunningNatsServer, { url }: ExporterProcess): string[] {
  return [
    style.heading("Try it yourself"),
    `  curl -s ${url}/metrics | grep consumer_pending`,
    `  curl -s -H 'Accept: application/openmetrics-text' ${url}/metrics`,
    `  curl -sg '${url}/metrics?collect[]=jsz'`,
    `  curl -s ${url}/readyz`,
    `  ${url}/                  in a browser`,
    `  ${monitorUrl}/jsz?consumers=1   the server's own figures`,
    `  nats --server ${clientUrl} consumer report ORDERS   natscli`,
  ];
}

async function untilOneEnds(server: RunningNatsServer, exporter: ExporterProcess): Promise<never> {
  const [what, part] = await Promise.race([
    server.ended().then(() => ["nats-server", server] as const),
    exporter.ended().then(() => ["natscope serve", exporter] as const),
  ]);
  throw new Error(`${what} ended by itself. Its log ends:\n${part.logTail().trim()}`);
}

/** The path relative to the working directory if that is shorter. */
function displayed(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.length < path.length ? fromHere : path;
}

class Interrupted extends Error {}

async function untilInterrupted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return await new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([work, untilInterrupted(signal)]);
}

/** One ^C may arrive twice: from the terminal and from npm, which forwards it. */
const SAME_PRESS_MS = 1000;
const PARENT_POLL_MS = 500;

/** Aborts on the first signal; a later signal ends the process immediately. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  let since = Number.POSITIVE_INFINITY;
  const interrupt = (): void => {
    if (performance.now() - since > SAME_PRESS_MS) process.exit(130);
    since = Math.min(since, performance.now());
    controller.abort(new Interrupted());
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  // A shell or npm that is killed sends no signal, but then this process gets another parent.
  const parent = process.ppid;
  setInterval(
    () => process.ppid !== parent && !controller.signal.aborted && interrupt(),
    PARENT_POLL_MS,
  ).unref();
  return controller.signal;
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((argument) => argument !== "--once");
  if (unknown.length > 0) {
    console.error(`unknown argument ${unknown.join(" ")}: expected --once (end after one round) or nothing`);
    return 2;
  }
  // The reader of our output has ended, as in `| head`: end, too.
  process.stdout.once("error", () => process.exit(0));
  const interrupted = interruption();
  try {
    await demo(args.includes("--once"), interrupted);
    return 0;
  } catch (error) {
    if (interrupted.aborted) {
      print("", "Stopped: clients, natscope serve and nats-server have ended.");
      return 0;
    }
    console.error(`\n${error instanceof NatsServerUnavailable ? error.message : describe(error)}`);
    return 1;
  }
}

function describe(error: unknown): string {
  return `The demo failed: ${errorMessage(error)}`;
}

process.exit(await main(process.argv.slice(2)));
