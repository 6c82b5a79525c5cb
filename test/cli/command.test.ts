/** The command itself, as a child process: exit codes, signals, and what it prints where. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { packageVersion } from "../../src/cli/version.ts";
import { runNatsServer } from "../../tools/nats-server/run.ts";
import { startMonitoring, temporaryDirectory } from "../exporter/server/fixture.ts";
import { describeEachServer, describeWithProgram } from "../outside-programs.ts";
import { until } from "../rig/until.ts";
import { runNatscope, startNatscope } from "./natscope.ts";

const HERE = ["--listen", "127.0.0.1:0"];

async function textOf(url: string): Promise<string> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return answer.text();
}

describe("natscope", () => {
  it("prints its version, its help and its metrics, and exits with 0", async () => {
    expect(await runNatscope(["--version"])).toEqual({
      code: 0,
      stdout: `natscope ${packageVersion()}\n`,
      stderr: "",
    });
    expect(await runNatscope([])).toMatchObject({ code: 0, stdout: expect.stringContaining("Commands:") });
    expect(await runNatscope(["metrics"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("| `nats_up` | gauge |"),
      stderr: "",
    });
  });

  it("prints the effective configuration of all sources", async () => {
    const file = join(temporaryDirectory(), "natscope.yaml");
    writeFileSync(file, "max_body: 1MiB\nmetrics_path: /file\n");
    const environment = { NATSCOPE_CONFIG: file, NATSCOPE_METRICS_PATH: "/environment" };
    const { code, stdout } = await runNatscope(["config", "--raft-groups", "all"], environment);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^raft_groups: all +# --raft-groups$/m);
    expect(stdout).toMatch(/^metrics_path: \/environment +# NATSCOPE_METRICS_PATH$/m);
    expect(stdout.split("\n").find((line) => line.startsWith("max_body"))).toMatch(`# ${file}:1 max_body`);
    expect(stdout).toContain(`# config: ${file}`);
  });

  it("exits with 0 when the reader of its output closes the pipe", async () => {
    const natscope = startNatscope(["metrics"]);
    natscope.stopReading();
    expect(await natscope.exit()).toBe(0);
    expect(natscope.stderr).toBe("");
  });

  it("reports every problem of every source and file, and exits with 2 without listening", async () => {
    const directory = temporaryDirectory();
    const file = join(directory, "natscope.yaml");
    const web = join(directory, "web.yml");
    writeFileSync(file, 'monitor:\n  - {url: "https://u:QQSECRET@h", ca: /missing/ca.pem}\ncolect: varz\n');
    writeFileSync(web, "tls_server_confg: {}\n");
    const argv = ["serve", "--config", file, "--web-config", web, "--listen", "7777"];
    const { code, stdout, stderr } = await runNatscope(argv, { NATSCOPE_LISTN: "x" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^natscope: NATSCOPE_LISTN is not a setting; did you mean NATSCOPE_LISTEN\?$/),
      `natscope: ${file}:3 "colect" is not a setting; did you mean collect?`,
      expect.stringMatching(/^natscope: --listen is "7777": expected host:port/),
      "natscope: the authority's certificate /missing/ca.pem does not exist",
      expect.stringMatching(/^natscope: .*web\.yml: .*tls_server_config/),
    ]);
    expect(stderr).not.toContain("QQSECRET");
  });

  it("reports a missing web configuration once", async () => {
    const file = join(temporaryDirectory(), "web.yml");
    expect(await runNatscope(["serve", "--web-config", file, ...HERE])).toEqual({
      code: 2,
      stdout: "",
      stderr: `natscope: the web configuration ${file} does not exist\n`,
    });
  });

  it("reports the line of a file that is not YAML", async () => {
    const file = join(temporaryDirectory(), "natscope.yaml");
    writeFileSync(file, "listen: ':1'\nmonitor: [http://a\n");
    const { code, stderr } = await runNatscope(["serve", "--config", file]);
    expect(code).toBe(2);
    expect(stderr.replace(file, "FILE")).toMatch(/^natscope: FILE:\d+:\d+ is not YAML: /);
  });

  it("reports in one sentence that the port is in use, and exits with 1", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    expect(await runNatscope(["serve", "--listen", `127.0.0.1:${port}`])).toEqual({
      code: 1,
      stdout: "",
      stderr: `natscope: cannot listen on 127.0.0.1:${port}: the port is in use\n`,
    });
  });
});

describe("natscope serve", () => {
  it("starts without a server, reports that in its metrics, and never shows a password", async () => {
    const url = "http://user:QQSECRET@127.0.0.1:1";
    const natscope = startNatscope(["serve", "--monitor", `a=${url}`, ...HERE, "--log-format", "text"]);
    const address = await natscope.address();
    const metrics = await textOf(`${address}/metrics`);
    expect(metrics).toContain('nats_up{server="a"} 0\n');
    expect(metrics).toMatch(/^natscope_build_info\{version="[^"]+",node="[^"]+"\} 1$/m);
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m);
    const page = await textOf(`${address}/`);
    natscope.kill("SIGINT");
    expect(await natscope.exit()).toBe(0);
    expect(natscope.stderr).toMatch(/^\S+Z INFO listening on .* watching a at http:\/\/127\.0\.0\.1:1\/$/m);
    expect(natscope.stderr).toMatch(/^\S+Z WARN .* server="a" .*reason="connection"$/m);
    expect(natscope.stdout + natscope.stderr + metrics + page).not.toMatch(/QQSECRET/);
  });

  it("logs JSON at the chosen level", async () => {
    const natscope = startNatscope(["serve", "--monitor", "a=http://127.0.0.1:1", ...HERE]);
    await textOf(`${await natscope.address()}/metrics`);
    await natscope.says("failed: ");
    natscope.kill("SIGTERM");
    expect(await natscope.exit()).toBe(0);
    const lines = natscope.stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ level }) => level)).toEqual(["info", "warn", "info"]);
    expect(lines[1]).toMatchObject({ server: "a", reason: "connection", time: expect.stringMatching(/Z$/) });
  });

  it("finishes the scrape in flight on the first signal", async () => {
    const monitoring = await startMonitoring();
    monitoring.hold();
    const natscope = startNatscope(["serve", "--monitor", `a=${monitoring.url.href}`, ...HERE]);
    const scrape = textOf(`${await natscope.address()}/metrics?collect[]=varz`);
    await until("the question to the server", () => monitoring.asked["/varz"]);
    natscope.kill("SIGTERM");
    await natscope.says("stopping on SIGTERM");
    monitoring.release();
    expect(await scrape).toContain('nats_up{server="a"} 1\n');
    expect(await natscope.exit()).toBe(0);
  });

  it("exits at once on the second signal", async () => {
    const monitoring = await startMonitoring();
    monitoring.hold();
    const natscope = startNatscope(["serve", "--monitor", `a=${monitoring.url.href}`, ...HERE]);
    const scrape = textOf(`${await natscope.address()}/metrics`).catch((error: unknown) => error);
    await until("the question to the server", () => monitoring.asked["/varz"]);
    natscope.kill("SIGTERM");
    await natscope.says("stopping on SIGTERM");
    natscope.kill("SIGTERM");
    expect(await natscope.exit()).toBe(128 + 15);
    expect(await scrape).toBeInstanceOf(Error);
  });

  it("takes the flags of Prometheus and its exporter-toolkit, and listens on several addresses", async () => {
    const web = join(temporaryDirectory(), "web.yml");
    writeFileSync(web, "http_server_config: { headers: { X-Frame-Options: deny } }\n");
    const addresses = ["--web.listen-address=127.0.0.1:0", "--web.listen-address", "127.0.0.1:0"];
    const toolkit = [`--web.config.file=${web}`, "--web.telemetry-path=/m"];
    const natscope = startNatscope([
      ...["serve", "--monitor", "a=http://127.0.0.1:1", ...addresses, ...toolkit],
      ...["--log.level=debug", "--log.format=logfmt"],
    ]);
    await natscope.says("listening on");
    const urls = natscope.stderr.match(/http:\/\/127\.0\.0\.1:\d+(?=[, ])/g) ?? [];
    expect(new Set(urls).size).toBe(2);
    for (const url of urls) {
      const answer = await fetch(`${url}/m`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-frame-options")).toBe("deny");
      expect(await answer.text()).toContain('nats_up{server="a"} 0\n');
    }
    expect(natscope.stderr).toMatch(/^time=\S+Z level=info msg="listening on /m);
    natscope.kill("SIGTERM");
    expect(await natscope.exit()).toBe(0);
  });

  it("takes the arguments of prometheus-nats-exporter", async () => {
    const argv = ["-port=0", "-addr=127.0.0.1", "-varz", "-http_user=u", "-http_pass=QQSECRET", "-s"];
    const natscope = startNatscope([...argv, "http://127.0.0.1:1"]);
    const address = new URL(await natscope.address());
    await natscope.says("natscope does not write to syslog");
    expect((await fetch(new URL("/metrics", address))).status).toBe(401);
    const authorization = `Basic ${Buffer.from("u:QQSECRET").toString("base64")}`;
    expect((await fetch(new URL("/metrics", address), { headers: { authorization } })).status).toBe(200);
    natscope.kill("SIGTERM");
    expect(await natscope.exit()).toBe(0);
    expect(natscope.stderr).not.toContain("QQSECRET");
  });
});

describeWithProgram("promtool", "natscope serve, read by promtool", (promtool) => {
  it("accepts the metrics, also those of natscope's own process", async () => {
    await using server = await runNatsServer();
    const natscope = startNatscope(["serve", "--monitor", server.monitorUrl, ...HERE]);
    const metrics = await textOf(`${await natscope.address()}/metrics`);
    const checked = spawnSync(promtool, ["check", "metrics"], { input: metrics, encoding: "utf8" });
    expect(checked).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });
});

describeEachServer("natscope serve", ({ version }) => {
  it("serves a real server under both kinds of names", async () => {
    await using server = await runNatsServer({ version, name: "n1" });
    const monitor = ["--monitor", `a=${server.monitorUrl}`];
    const natscope = startNatscope([
      "serve",
      ...monitor,
      "--names",
      "both",
      "--server-id",
      "server-name",
      ...HERE,
    ]);
    const metrics = await textOf(`${await natscope.address()}/metrics`);
    expect(metrics).toContain('nats_up{server="a"} 1\n');
    expect(metrics).toMatch(/^nats_server_connections\{server="a"\} \d+$/m);
    expect(metrics).toMatch(/^gnatsd_varz_connections\{server_id="n1"\} \d+$/m);
    expect(metrics).not.toMatch(/_collector_success\{.*\} 0$/m);
    expect(natscope.stderr).not.toContain("warn");
  });
});
