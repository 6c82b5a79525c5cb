/** The demo as a user starts it: a separate process, with an installed server. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { describeEachServer, SERVER_VERSIONS } from "../../outside-programs.ts";

const MAIN = fileURLToPath(new URL("../../../tools/demo/main.ts", import.meta.url));

/** Includes the longest numbers and ports. */
const WIDTH = 80;

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Starts the demo; `output` grows while it runs. */
function startDemo(binary: string, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, NATS_SERVER: binary, FORCE_COLOR: undefined, NO_COLOR: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const demo = {
    child,
    output: "",
    errors: "",
    ended: once(child, "close") as Promise<[number | null, string | null]>,
  };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    demo.output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    demo.errors += text;
  });
  return demo;
}

/** Returns the URLs in the output on which a process still listens. */
async function listeners(output: string): Promise<string[]> {
  const urls = [...new Set(output.match(/http:\/\/127\.0\.0\.1:\d+/g))];
  expect(urls.length).toBeGreaterThan(0);
  const answers = await Promise.all(
    urls.map((url) =>
      fetch(url).then(
        () => [url],
        () => [],
      ),
    ),
  );
  return answers.flat();
}

describeEachServer("npm run demo -- --once", ({ binary, version }) => {
  it("shows lag, rates and health, ends by itself and leaves no process running", async () => {
    const demo = startDemo(binary, "--once");
    expect(await demo.ended).toEqual([0, null]);
    const { output } = demo;
    expect(demo.errors).toBe("");
    expect(output).toContain(`nats-server ${version}`);
    expect(output).toMatch(/nats_up +up, version/);
    expect(output).toMatch(/natscope_collector_success +all \d+ succeeded/);
    expect(output).toMatch(/ORDERS \/ billing .* keeps up/);
    expect(output).toMatch(/ORDERS \/ warehouse .* BEHIND/);
    expect(output).toMatch(/ORDERS \/ email .* 50\/50 .* STUCK/);
    expect(output).toMatch(/EVENTS \/ audit .* keeps up/);
    expect(output).toMatch(/ORDERS \/ 1 ephemeral/);
    expect(output).toMatch(/nats_consumer_pending\{stream="ORDERS",consumer="warehouse"\} [1-9]\d*/);
    expect(output).not.toContain("missing");
    expect(output).not.toContain("\u001b");
    const [metrics = "", report = ""] = output.split("A short benchmark");
    expect(metrics.split("\n").filter((line) => line.length > WIDTH && !line.includes(binary))).toEqual([]);
    expect(report).toMatch(/natscope bench request demo\.bench --rate 500/);
    expect(report).toMatch(/Verdict\n +(VALID|SUSPECT|INVALID): /);
    expect(report).toMatch(/ messages +2,500 +2,500 +0 +0 +0 +0$/m);
    expect(await listeners(output)).toEqual([]);
  });
});

const { binary } = SERVER_VERSIONS[0] ?? {};
if (!binary) throw new Error("these tests need a nats-server of some version");

it.each([
  ["SIGINT", "until you press ^C"],
  ["SIGTERM", "natscope serve"],
] as const)("ends with 0 on %s, and leaves no process running", async (signal, text) => {
  const demo = startDemo(binary);
  await expect.poll(() => demo.output, { timeout: 40_000 }).toContain(text);
  expect(await listeners(demo.output)).not.toEqual([]);
  demo.child.kill(signal);
  expect(await demo.ended).toEqual([0, null]);
  expect(demo.errors).toBe("");
  expect(await listeners(demo.output)).toEqual([]);
});

it("ends with 0 on SIGINT during its start", async () => {
  const demo = startDemo(binary);
  await expect.poll(() => demo.output, { timeout: 20_000 }).toContain("natscope demo");
  demo.child.kill("SIGINT");
  expect(await demo.ended).toEqual([0, null]);
});

it("rejects an unknown argument", async () => {
  const demo = startDemo(binary, "--twice");
  expect(await demo.ended).toEqual([2, null]);
  expect(demo.errors).toContain("unknown argument --twice");
  expect(demo.output).toBe("");
});

it("fails when its server dies", async () => {
  const demo = startDemo(binary);
  await expect.poll(() => demo.output, { timeout: 40_000 }).toContain("natscope serve");
  const monitorUrl = /http:\/\/127\.0\.0\.1:\d+/.exec(demo.output)?.[0];
  const { stdout } = spawn("ps", ["-eo", "pid,args"]);
  let processes = "";
  for await (const chunk of stdout) processes += chunk;
  const port = new URL(monitorUrl as string).port;
  const pid = processes
    .split("\n")
    .find((line) => line.includes(`--http_port ${port} `))
    ?.trim()
    .split(" ")[0];
  process.kill(Number(pid), "SIGKILL");
  expect(await demo.ended).toEqual([1, null]);
  expect(demo.errors).toContain("nats-server ended by itself");
});
