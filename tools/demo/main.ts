/**
 * `npm run demo`: a real nats-server with real traffic, a sidecar that watches it, what its `/metrics` says, and a
 * short benchmark with its report.
 *
 * Runs until ^C, which is its regular end; with `--once` it ends by itself. Exit codes: 0 done, 1 something
 * failed, 2 an unknown argument. Nothing is left running and nothing but the cached server is left on disk.
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
import { type SidecarProcess, startSidecarProcess } from "./serve-process.ts";
import { openShop } from "./shop.ts";

/** How long the traffic runs before the first scrape, and between the two. */
const WARM_UP_MS = 2000;
const BETWEEN_SCRAPES_MS = 5000;

const CLIENT_PORT = 4222;
const MONITOR_PORT = 8222;
const SIDECAR_PORT = 7777;

/** Honours NO_COLOR, FORCE_COLOR and a standard output that is no terminal. */
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

function say(...lines: string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function demo(runsOnce: boolean, interrupted: AbortSignal): Promise<void> {
  say(style.heading("natscope demo"), "");
  const binary = await unlessInterrupted(
    obtainNatsServer(undefined, { say: (sentence) => say(style.dim(`  ${sentence} ...`)) }),
    interrupted,
  );
  const ports = { client: await freePort(CLIENT_PORT), monitor: await freePort(MONITOR_PORT) };
  await using server = await runNatsServer({ binary, name: "demo", ports });
  say(
    `  nats-server ${server.version}, with JetStream and monitoring`,
    style.dim(`  ${displayed(binary)}`),
    style.dim(`  ${server.clientUrl}   ${server.monitorUrl}`),
    "",
  );
  await using shop = await openShop(server.clientUrl, server.version);
  const { streams, consumers, clients } = shop;
  say(
    `  ${streams} streams, ${consumers} consumers, ${clients} clients, requests and plain messages on it`,
    "",
  );
  await using sidecar = await startSidecarProcess(server.monitorUrl, await freePort(SIDECAR_PORT));
  say("  the sidecar that watches it", style.dim(`  ${sidecar.command}`), "");

  const failure = untilOneEnds(server, sidecar);
  await Promise.race([showMetrics(sidecar, interrupted), failure]);
  await Promise.race([showBench(server, interrupted), failure]);
  if (runsOnce) return;
  say("", ...whereToLook(server, sidecar), "", "Traffic goes on until you press ^C.");
  await Promise.race([untilInterrupted(interrupted), failure]);
}

async function showMetrics({ url }: SidecarProcess, interrupted: AbortSignal): Promise<void> {
  await sleep(WARM_UP_MS, undefined, { signal: interrupted });
  const first = await readMetrics(`${url}/metrics`);
  await sleep(BETWEEN_SCRAPES_MS, undefined, { signal: interrupted });
  const second = await readMetrics(`${url}/metrics`);
  say(...excerpt([first, second], style));
  if (sampleValue(second, "nats_up") !== 1)
    throw new Error("the sidecar does not see the server: nats_up is not 1");
}

/** Beside the traffic that is there already. */
async function showBench(
  { clientUrl, monitorUrl }: RunningNatsServer,
  interrupted: AbortSignal,
): Promise<void> {
  say("", style.heading("A short benchmark"), style.dim(`  ${benchCommandLine(clientUrl)}`), "");
  const report = await runBench(clientUrl, monitorUrl, interrupted);
  say(...report.split("\n").map((line) => (line === "" ? line : `  ${line}`)));
}

function whereToLook({ clientUrl, monitorUrl }: RunningNatsServer, { url }: SidecarProcess): string[] {
  return [
    style.heading("Where to look"),
    `  curl -s ${url}/metrics | grep consumer_pending`,
    `  curl -s -H 'Accept: application/openmetrics-text' ${url}/metrics`,
    `  curl -sg '${url}/metrics?collect[]=jsz'`,
    `  curl -s ${url}/readyz`,
    `  ${url}/                  in a browser`,
    `  ${monitorUrl}/jsz?consumers=1   what the server itself says`,
    `  nats --server ${clientUrl} consumer report ORDERS   natscli`,
  ];
}

async function untilOneEnds(server: RunningNatsServer, sidecar: SidecarProcess): Promise<never> {
  const [what, part] = await Promise.race([
    server.ended().then(() => ["nats-server", server] as const),
    sidecar.ended().then(() => ["the sidecar", sidecar] as const),
  ]);
  throw new Error(`${what} ended by itself. Its log ends:\n${part.logTail().trim()}`);
}

/** A path as short as it can be said from here. */
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

/** One press of ^C may arrive twice: from the terminal, and passed on by npm. */
const SAME_PRESS_MS = 1000;
const PARENT_POLL_MS = 500;

/** Aborts on the first signal; a later one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  let since = Number.POSITIVE_INFINITY;
  const interrupt = (): void => {
    if (performance.now() - since > SAME_PRESS_MS) process.exit(130);
    since = Math.min(since, performance.now());
    controller.abort(new Interrupted());
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  // A shell or npm that is killed tells nobody: then we get another parent.
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
    console.error(
      `natscope demo does not know ${unknown.join(" ")}. It knows --once: end after the first look.`,
    );
    return 2;
  }
  // Whoever read us has gone, as in `| head`: so do we.
  process.stdout.once("error", () => process.exit(0));
  const interrupted = interruption();
  try {
    await demo(args.includes("--once"), interrupted);
    return 0;
  } catch (error) {
    if (interrupted.aborted) {
      say("", "Stopped: clients, sidecar and server are gone.");
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
