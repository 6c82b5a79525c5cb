/** The bundle, in a directory without node_modules, behaves like the sources. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import bcrypt from "bcryptjs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { plotScript } from "../../src/bench/report/html/plot.ts";
import { bundle } from "../../tools/bundle.ts";
import { runNatsServer } from "../../tools/nats-server/run.ts";
import { runNatscope, startNatscope } from "../cli/natscope.ts";
import { describeEachServer, SERVER_VERSIONS } from "../outside-programs.ts";

const DIRECTORY = mkdtempSync(join(tmpdir(), "natscope-bundle-"));
const BUNDLE = join(DIRECTORY, "bundle");
const MAIN = join(BUNDLE, "natscope.js");

beforeAll(() => bundle(BUNDLE));
afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

async function run(
  file: string,
  ...argv: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [file, ...argv], {
    cwd: DIRECTORY,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

const serve = (...argv: string[]) =>
  startNatscope(["serve", "--listen", "127.0.0.1:0", ...argv], {}, onTestFinished, MAIN);

describe("the bundle", () => {
  it("consists of the command, one file per kind of worker thread, and the licenses of its packages", () => {
    expect(readdirSync(BUNDLE).sort()).toEqual([
      "LICENSES.txt",
      "bcrypt-worker.js",
      "hiccup-worker.js",
      "load-worker.js",
      "natscope.js",
      "null-peer-worker.js",
      "package.json",
      "probe-worker.js",
    ]);
    const licenses = readFileSync(join(BUNDLE, "LICENSES.txt"), "utf8");
    const { dependencies, devDependencies } = createRequire(import.meta.url)("../../package.json");
    // Peers are installed here as dependencies of the development.
    const versions = { ...devDependencies, ...dependencies };
    expect(licenses).toMatch(/^natscope \S+$/m);
    for (const name of ["bcryptjs", "nats", "prom-client", "uplot", "yaml"]) {
      expect(licenses).toContain(`\n${name} ${versions[name]}\n`);
    }
  });

  it("prints the same texts as the sources", async () => {
    for (const argv of [["--version"], ["--help"], ["metrics"], ["config"], ["serve", "--colect", "varz"]]) {
      expect(await run(MAIN, ...argv)).toEqual(await runNatscope(argv));
    }
  });

  it("checks a user's password in a worker thread", async () => {
    const web = join(DIRECTORY, "web.yml");
    writeFileSync(web, `basic_auth_users: { u: "${await bcrypt.hash("secret", 4)}" }\n`);
    const natscope = serve("--monitor", "http://127.0.0.1:1", "--web-config", web);
    const address = await natscope.address();
    const authorization = (password: string) => ({
      headers: { authorization: `Basic ${btoa(`u:${password}`)}` },
    });
    expect((await fetch(`${address}/livez`, authorization("wrong"))).status).toBe(401);
    expect((await fetch(`${address}/livez`, authorization("secret"))).status).toBe(200);
    expect(
      await run(MAIN, "healthcheck", "--listen", new URL(address).host, "--web-config", web),
    ).toMatchObject({
      code: 0,
    });
  });
});

describeEachServer("the bundle", ({ binary }) => {
  it("scrapes a server, and exits with 0 on SIGTERM", async () => {
    await using server = await runNatsServer({ binary });
    const natscope = serve("--monitor", `a=${server.monitorUrl}`);
    const metrics = await (await fetch(`${await natscope.address()}/metrics`)).text();
    expect(metrics).toContain('nats_up{server="a"} 1\n');
    expect(metrics).not.toMatch(/_collector_success\{.*\} 0$/m);
    natscope.kill("SIGTERM");
    expect(await natscope.exit()).toBe(0);
    expect(JSON.parse(natscope.stderr.split("\n")[0] as string)).toMatchObject({ level: "info" });
  });
});

it.skipIf(SERVER_VERSIONS.length === 0)(
  "the bundle runs a benchmark with all its worker threads and writes a report",
  async () => {
    const [newest] = SERVER_VERSIONS;
    await using server = await runNatsServer({ binary: newest?.binary as string });
    const out = join(DIRECTORY, "result.json");
    const report = join(DIRECTORY, "result.html");
    const load = ["request", "--rate", "500", "--duration", "1s", "--warmup", "0s", "--calibrate"];
    const outputs = ["--out", out, "--report", report, "--threshold", "lost==0"];
    const to = ["--server", server.clientUrl, "--monitor", server.monitorUrl];
    const { code, stdout, stderr } = await run(MAIN, "bench", ...load, ...outputs, ...to);
    // 5 means an untrusted run: this machine may be too busy for a run of one second.
    expect([0, 5], stdout).toContain(code);
    expect(stderr).toBe("");
    expect(stdout).toContain("All thresholds are met.");
    const { version } = createRequire(import.meta.url)("nats/package.json");
    const { scenarios, environment } = JSON.parse(readFileSync(out, "utf8"));
    expect(environment.servers).toMatchObject([{ version: newest?.version }]); // queried by the probe's thread
    expect(scenarios).toMatchObject([
      {
        driver: `nats ${version}`,
        account: { completed: 500 },
        interference: { hiccups: expect.any(String), probe: expect.any(String), floor: expect.any(Object) },
      },
    ]);
    const page = readFileSync(report, "utf8");
    expect(page).toContain(plotScript());
    expect(page).toContain("drawCharts(JSON.parse(");
  },
);
