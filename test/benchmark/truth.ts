/**
 * Test of honesty for load generators: requests at 1,000 a second for eight seconds, while the server is frozen
 * (SIGSTOP) for one second in the middle. One request in eight is then up to a second late.
 *
 *     npm run bench:truth             # also $NATS_CLI, or nats on the PATH (natscli 0.5 or newer)
 *
 * Prints the latencies that each tool reports, as Markdown. The exit code does not depend on the result.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StageFigures } from "../../src/bench/result/figures.ts";
import { figuresOf } from "../../src/bench/result/figures.ts";
import type { Result, ScenarioResult } from "../../src/bench/result/schema.ts";
import { parseGoDuration } from "../../src/time/go-time.ts";
import { type RunningNatsServer, runNatsServer } from "../../tools/nats-server/run.ts";

const NATSCOPE = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const RATE = 1000;
const SECONDS = 8;
const FROZEN_AT = 4;
const FROZEN_FOR = 1;
const SUBJECT = "truth";

/** Latencies that a tool reports, in milliseconds; undefined if it does not report one. */
interface Row {
  readonly tool: string;
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
  readonly max: number | undefined;
}

async function main(): Promise<void> {
  await using server = await runNatsServer();
  const rows = [
    ...(await natscopeRows(server, "natscope bench", [])),
    ...(await natscopeRows(server, "natscope bench --in-flight 1", ["--in-flight", "1"])),
    ...(await natsBenchRows(server)),
  ];
  console.log(
    `nats-server ${server.version}; ${RATE} requests a second for ${SECONDS} s, the server frozen for ${FROZEN_FOR} s\n`,
  );
  console.log(
    "| latency in milliseconds | P50 | P90 | P99 | P99.9 | max |\n| --- | ---: | ---: | ---: | ---: | ---: |",
  );
  for (const { tool, ...values } of rows) {
    console.log(`| ${tool} | ${Object.values(values).map(milliseconds).join(" | ")} |`);
  }
}

async function natscopeRows(
  server: RunningNatsServer,
  tool: string,
  flags: readonly string[],
): Promise<readonly Row[]> {
  const directory = await mkdtemp(join(tmpdir(), "natscope-truth-"));
  try {
    const out = join(directory, "result.json");
    const freeze = `${FROZEN_AT}s:kill -STOP ${server.pid}; sleep ${FROZEN_FOR}; kill -CONT ${server.pid}`;
    const argv = ["bench", "request", SUBJECT, "--rate", `${RATE}`, "--duration", `${SECONDS}s`];
    argv.push("--warmup", "0s", "--no-progress", "--event", freeze, "--out", out, ...flags);
    const child = run(process.execPath, [NATSCOPE, ...argv, "-s", new URL(server.clientUrl).host]);
    await once(child, "close");
    const { scenarios } = JSON.parse(await readFile(out, "utf8")) as Result;
    const { stages } = figuresOf(scenarios[0] as ScenarioResult);
    return [
      row(`${tool}: response time`, stages.response as StageFigures),
      row(`${tool}: service time`, stages.service as StageFigures),
    ];
  } finally {
    await rm(directory, { recursive: true });
  }
}

function row(tool: string, { p50, p90, p99, "p99.9": p999, max }: StageFigures): Row {
  const ms = (nanos: number | undefined) => (nanos === undefined ? undefined : nanos / 1e6);
  return { tool, p50: ms(p50), p90: ms(p90), p99: ms(p99), p999: ms(p999), max: ms(max) };
}

/** Runs `nats bench` with its own responder, as a user would. */
async function natsBenchRows(server: RunningNatsServer): Promise<readonly Row[]> {
  const nats = process.env.NATS_CLI ?? "nats";
  const version = versionOf(nats);
  if (version === undefined) {
    console.log("natscli not found ($NATS_CLI, PATH): figures of natscope only.\n");
    return [];
  }
  const common = [SUBJECT, "-s", server.clientUrl, "--no-progress"];
  const responder = run(nats, ["bench", "service", "serve", ...common]);
  await sleep(1000);
  const argv = ["--throughput", `${RATE}`, "--duration", `${SECONDS}s`];
  const requester = run(nats, ["bench", "service", "request", ...common, ...argv]);
  const closed = once(requester, "close");
  let output = "";
  for (const stream of [requester.stdout, requester.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await sleep(FROZEN_AT * 1000);
  process.kill(server.pid, "SIGSTOP");
  await sleep(FROZEN_FOR * 1000);
  process.kill(server.pid, "SIGCONT");
  await closed;
  responder.kill("SIGINT");
  return [natsBenchRow(`nats bench (natscli ${version})`, output)];
}

function versionOf(nats: string): string | undefined {
  try {
    return execFileSync(nats, ["--version"], { encoding: "utf8" }).trim().replace(/^v/, "");
  } catch {
    return undefined;
  }
}

/** Parses the result line: `NATS ... stats: 999 msgs/sec ~ ... ~ max: 1,003.21us ~ P50: 371.12us ~ ...` */
function natsBenchRow(tool: string, output: string): Row {
  const line = output.split("\n").find((one) => /stats: .* msgs\/sec/.test(one));
  if (line === undefined) throw new Error(`nats bench printed no result line, but:  ${output}`);
  const ms = (name: string) => {
    const text = new RegExp(`${name}: ([^ ~]+)`).exec(line)?.[1] ?? "";
    const seconds = parseGoDuration(text.replaceAll(",", ""));
    return seconds === undefined ? undefined : seconds * 1000;
  };
  return { tool, p50: ms("P50"), p90: ms("P90"), p99: ms("P99"), p999: ms("P99\\.9"), max: ms("max") };
}

function run(program: string, argv: readonly string[]): ChildProcess {
  return spawn(program, argv, { stdio: ["ignore", "pipe", "pipe"] });
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? "-" : value.toFixed(value >= 100 ? 0 : 2);
}

await main();
