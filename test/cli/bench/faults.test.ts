/** `natscope bench` with faults: one sentence, the right exit code, and a report if there is a result. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../../src/bench/result/schema.ts";
import { freePort } from "../../../tools/nats-server/ports.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { classesOf } from "../../bench/workloads/scenarios.ts";
import { describeEachServer, SERVER_VERSIONS } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";
import { runNatscope, startNatscope } from "../natscope.ts";

const version = SERVER_VERSIONS[0]?.version;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "natscope-bench-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Without the natscli contexts of the user who runs the tests. */
const environment = { XDG_CONFIG_HOME: "/nowhere" };

function bench(...argv: readonly string[]) {
  return runNatscope(["bench", ...argv], environment);
}

async function resultIn(path: string): Promise<Result> {
  return JSON.parse(await readFile(path, "utf8")) as Result;
}

/** Resolves when the server has received this many messages, so that a run is under way however slow its start. */
function messagesAt({ monitorUrl }: RunningNatsServer, count: number): Promise<true> {
  return until(`${count} messages at the server`, async () => {
    const varz = (await (await fetch(`${monitorUrl}/varz`)).json()) as { readonly in_msgs: number };
    return varz.in_msgs >= count ? true : undefined;
  });
}

describe("without a server", () => {
  it("names the server that it cannot reach", async () => {
    const server = `127.0.0.1:${await freePort()}`;
    expect(await bench("pub", "-s", server)).toEqual({
      code: 1,
      stdout: "",
      stderr: `natscope: cannot connect to ${server}: connection refused\n`,
    });
  });

  it("reports invalid input before it connects", async () => {
    const { code, stdout, stderr } = await bench("pub", "--rate", "0", "--clents", "3");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      "natscope: --clents is not a flag of natscope bench; did you mean --clients?\n" +
        'natscope: --rate is "0": expected a number above 0, such as 1000 or 20k, up to 10M\n',
    );
  });
});

const CONFIG = `
accounts {
  A {
    jetstream: enabled
    users: [{
      user: a, password: hunter2,
      permissions: { publish: { deny: ["denied.>"] }, subscribe: { deny: ["unheard.>"] } }
    }]
  }
  B { users: [{ user: b, password: hunter2 }] }
}
jetstream { max_file_store: 100MB }
max_payload: 64KB
`;

describeEachServer("a server that rejects the run", ({ version: one }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version: one, config: CONFIG });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const as = (user: string, ...argv: readonly string[]) =>
    bench(...argv, "-s", new URL(server.clientUrl).host, "--user", user, "--password", "hunter2");

  it.each([
    ["an unknown user", "c", ["pub"], /cannot connect to .*: Authorization Violation/],
    [
      "a user without permission to publish",
      "a",
      ["pub", "denied.x", "--msgs", "20"],
      /no operation succeeded: .*Permissions Violation for Publish to "denied.x"/,
    ],
    [
      "a user without permission to subscribe",
      "a",
      ["pubsub", "unheard.x", "--msgs", "20"],
      /Permissions Violation for Subscription to "unheard.x"/,
    ],
    [
      "an account without JetStream",
      "b",
      ["js", "pub", "sync", "--msgs", "5"],
      /JetStream not enabled for account|no JetStream answers/,
    ],
    [
      "a missing stream",
      "a",
      ["js", "consume", "--stream", "S"],
      /stream S does not exist: set another name with --stream, or create it with --create/,
    ],
    ["a missing bucket", "a", ["kv", "get", "--bucket", "B"], /bucket B does not exist/],
    [
      "messages above max_payload",
      "a",
      ["pub", "--size", "100KB"],
      /messages have up to 102400 bytes including headers, more than the server's max_payload of 65536/,
    ],
    [
      "a stream above the storage limit",
      "a",
      ["js", "pub", "sync"],
      /create stream benchstream: insufficient storage resources/,
    ],
    [
      "a request without responders",
      "a",
      ["request", "--external", "--msgs", "5"],
      /request: no operation succeeded: request to natscope.bench: no responders/,
    ],
  ] as const)("is reported in one sentence: %s", async (_, user, argv, sentence) => {
    const { code, stderr } = await as(user, ...argv);
    expect(stderr).toMatch(new RegExp(`^natscope: .*${sentence.source}`, "m"));
    expect(code).toBe(1);
    expect(stderr).not.toContain("hunter2");
  });

  it("fills a stream up to its limit, and counts the rejected messages", async () => {
    const path = join(directory, "full.json");
    const argv = ["js", "pub", "sync", "--size", "4KB", "--max-bytes", "1MB", "--msgs", "500", "--out", path];
    const { code, stdout } = await as("a", ...argv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/SUSPECT(.|\n)*of operations did not succeed/);
    const { account } = (await resultIn(path)).scenarios[0] ?? {};
    expect(account?.failed).toEqual({ jetstream_10077: expect.any(Number) });
    expect(account && classesOf(account)).toBe(500);
    expect(await readFile(path, "utf8")).not.toContain("hunter2");
  });
});

describe("a server that stops", () => {
  it("leaves a report in which each message has one outcome, if it restarts", async () => {
    await using server = await runNatsServer({ version });
    const path = join(directory, "killed.json");
    const natscope = startNatscope(
      ["bench", "js", "e2e", "--rate", "500", "--duration", "6s", "--warmup", "0s", "--drain", "3s"].concat([
        "--timeout",
        "500ms",
        "--out",
        path,
        "-s",
        new URL(server.clientUrl).host,
      ]),
      environment,
    );
    await messagesAt(server, 1500);
    await server.stop("SIGKILL");
    await sleep(300);
    await server.restart();
    // On a busy machine the verdict may be INVALID.
    expect([0, 5]).toContain(await natscope.exit());
    expect(natscope.stdout).toMatch(/(SUSPECT|INVALID)(.|\n)*lost during the measurement/);
    const { scenarios, interrupted } = await resultIn(path);
    expect(interrupted).toBeUndefined();
    const account = scenarios[0]?.account;
    expect(account?.sent).toBe(3000);
    expect(account && classesOf(account)).toBe(3000);
    expect(account?.crossCheck.slice(0, 1)).toEqual([
      expect.objectContaining({ what: "messages added to the stream" }),
    ]);
    const [check] = account?.crossCheck ?? [];
    expect(check?.found).toBe(check?.expected);
    expect(scenarios[0]?.events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["lost", "regained"]),
    );
  });

  it("for good does not block the run", async () => {
    await using server = await runNatsServer({ version });
    const natscope = startNatscope(
      ["bench", "pubsub", "--rate", "200", "--duration", "4s", "--warmup", "0s", "--drain", "1s"].concat([
        "-s",
        new URL(server.clientUrl).host,
      ]),
      environment,
    );
    await messagesAt(server, 200);
    await server.stop("SIGKILL");
    expect(await natscope.exit()).toBe(5);
    expect(natscope.stdout).toMatch(/discarded by the client while its connection was down/);
  });

  it("disconnects a slow subscriber, which the report states", async () => {
    const config = "max_pending: 128KB\nmax_payload: 64KB";
    await using server = await runNatsServer({ version, config });
    const path = join(directory, "slow.json");
    const argv = ["pubsub", "--msgs", "2000", "--in-flight", "2000", "--size", "60000", "--drain", "1s"];
    const { stdout } = await bench(
      ...argv,
      ...["-s", new URL(server.clientUrl).host, "--monitor", server.monitorUrl, "--out", path],
    );
    expect(server.logTail()).toContain("Slow Consumer");
    expect(stdout).toMatch(/disconnected 1 slow consumer/);
    const account = (await resultIn(path)).scenarios[0]?.account;
    expect(account?.lost).toBeGreaterThan(0);
    expect(account && classesOf(account)).toBe(2000);
  });
});

describe("^C", () => {
  it("ends a run with a report marked as interrupted", async () => {
    await using server = await runNatsServer({ version });
    const path = join(directory, "interrupted.json");
    const natscope = startNatscope(
      ["bench", "request", "--rate", "100", "--duration", "60s", "--warmup", "0s", "--out", path].concat([
        "-s",
        new URL(server.clientUrl).host,
      ]),
      environment,
    );
    await messagesAt(server, 100);
    natscope.kill("SIGINT");
    expect(await natscope.exit()).toBe(5);
    expect(natscope.stdout).toMatch(/^INTERRUPTED: it was stopped by SIGINT/);
    expect((await resultIn(path)).interrupted).toBe("it was stopped by SIGINT");
  });

  it("ends responders with exit code 0 and a report", async () => {
    await using server = await runNatsServer({ version });
    const host = new URL(server.clientUrl).host;
    const responders = startNatscope(["bench", "serve", "svc", "--clients", "2", "-s", host], environment);
    const requester = await bench(
      "request",
      "svc",
      "--external",
      "--msgs",
      "100",
      "-s",
      host,
      "--timeout",
      "5s",
    );
    expect(requester.stderr).toMatch(/^(natscope: request: no operation succeeded.*\n)?$/);
    // The responders may not have been ready the first time.
    const again = await bench("request", "svc", "--external", "--msgs", "100", "-s", host);
    expect(again.code).toBe(0);
    responders.kill("SIGINT");
    expect(await responders.exit()).toBe(0);
    expect(responders.stdout).toMatch(/^serve, 2 clients/);
  });
});

describe("a threshold", () => {
  it.each([
    ["lost==0", 0],
    ["response.p50<1ns", 3],
  ])("decides the exit code: %s", async (threshold, code) => {
    await using server = await runNatsServer({ version });
    const argv = ["js", "pub", "sync", "--msgs", "500", "--threshold", threshold];
    const ended = await bench(...argv, "-s", new URL(server.clientUrl).host);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toContain(code === 0 ? "All thresholds are met." : "NOT MET: 1 of 1 thresholds.");
  });
});
