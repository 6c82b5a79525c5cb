/** `natscope bench` at a real terminal: progress during the run, and the screen afterwards. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeWithProgram, SERVER_VERSIONS } from "../../outside-programs.ts";
import { MAIN } from "../natscope.ts";
import { Terminal } from "./terminal.ts";

const version = SERVER_VERSIONS[0]?.version as string;

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer({ version });
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** Done, or not to be trusted: how well it went is the machine's affair. */
const ENDED = [0, 5];

/** Without the natscli contexts of the user who runs the tests. */
const environment = { XDG_CONFIG_HOME: "/nowhere" };

describeWithProgram("script", "natscope bench at a terminal", (script) => {
  const [columns, rows] = [70, 12];

  /** Output of natscope to a terminal of that size, and its exit code. */
  async function atTerminal(argv: readonly string[], different: Readonly<Record<string, string>> = {}) {
    const words = [process.execPath, MAIN, ...argv].map((word) => `'${word}'`).join(" ");
    const command = `stty cols ${columns} rows ${rows} && exec ${words}`;
    const bsd = process.platform === "darwin";
    const child = spawn(
      script,
      bsd ? ["-q", "/dev/null", "sh", "-c", command] : ["-qec", command, "/dev/null"],
      {
        env: { ...process.env, ...environment, CI: "", TERM: "xterm", ...different },
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    const [code] = (await once(child, "close")) as [number];
    return { code, text };
  }

  const asked = () => [
    ...["bench", "request", "--rate", "2000", "--duration", "3s", "--warmup", "1s", "-s", server.clientUrl],
  ];

  it("shows progress in one line, and afterwards the report only", async () => {
    const { code, text } = await atTerminal(asked());
    expect(ENDED).toContain(code);
    const drawn = text.split("\r").filter((part) => part.includes("\u001b[J") && part.includes("request  "));
    expect(drawn.join("\n")).toMatch(
      /request {2}measuring {4}0:0\d, 0:0\d left {2}[\d,]+\/s {2}response p\d\d /,
    );
    expect(drawn.length).toBeGreaterThanOrEqual(2);
    const terminal = new Terminal(columns, rows);
    terminal.write(text);
    expect(terminal.text).toMatch(/^request, 1 client, 1 receiver, .*?\n\nVerdict\n/s);
    expect(terminal.text).not.toContain("measuring");
    for (const part of drawn) {
      const line = part.split("\u001b[J")[1] as string;
      expect(line.trimEnd().length).toBeLessThan(columns);
    }
  });

  it.each([
    ["--no-progress", ["--no-progress"], {}],
    ["CI", [], { CI: "true" }],
    ["a dumb terminal", [], { TERM: "dumb" }],
  ])("shows no progress: %s", async (_, flags, different) => {
    const { code, text } = await atTerminal([...asked(), ...flags], different);
    expect(ENDED).toContain(code);
    expect(text).not.toContain("\u001b");
    expect(text).toMatch(/^request, 1 client/);
  });

  it("erases the progress line before it prints an error", async () => {
    const { code, text } = await atTerminal([
      "bench",
      "js consume",
      "--stream",
      "missing",
      "-s",
      server.clientUrl,
    ]);
    expect(code).toBe(1);
    const terminal = new Terminal(columns, rows);
    terminal.write(text);
    expect(terminal.text).toMatch(/^natscope: .*missing.*\n$/s);
    expect(terminal.text).not.toContain("preparing");
  });
});
