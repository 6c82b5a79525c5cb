/** `natscope serve` as a separate process, run from the sources. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A running `natscope serve`. */
export interface ExporterProcess extends AsyncDisposable {
  /** `http://127.0.0.1:7777` */
  readonly url: string;
  /** The command as a user would type it. */
  readonly command: string;
  /** Resolves when the process has ended for any reason. */
  ended(): Promise<void>;
  logTail(): string;
}

const ENTRY = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const READY_TIMEOUT_MS = 20_000;
const READY_POLL_MS = 25;
const STOP_TIMEOUT_MS = 5000;
const LOG_TAIL_CHARACTERS = 8000;

/** Starts the process and resolves when it answers. Disposing sends SIGTERM and waits. */
export async function startExporterProcess(monitorUrl: string, port: number): Promise<ExporterProcess> {
  const args = ["serve", "--listen", `127.0.0.1:${port}`, "--monitor", `demo=${monitorUrl}`];
  const child = spawn(process.execPath, [ENTRY, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    // Its own process group keeps ^C of the terminal away from it: the demo stops its parts in order.
    detached: process.platform !== "win32",
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "exit").then(() => process.removeListener("exit", kill));
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-LOG_TAIL_CHARACTERS);
  });
  const exporter: ExporterProcess = {
    url: `http://127.0.0.1:${port}`,
    command: ["natscope", ...args].join(" "),
    ended: async () => void (await ended),
    logTail: () => log,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const forced = setTimeout(kill, STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(forced);
    },
  };
  try {
    await untilAlive(exporter, () => child.exitCode !== null || child.signalCode !== null);
    return exporter;
  } catch (error) {
    await exporter[Symbol.asyncDispose]();
    throw error;
  }
}

async function untilAlive(exporter: ExporterProcess, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline && !hasEnded()) {
    const alive = await fetch(`${exporter.url}/livez`, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (alive) return;
    await sleep(READY_POLL_MS);
  }
  throw new Error(
    `natscope serve ${hasEnded() ? "ended" : "does not answer"}. Its log ends:\n${exporter.logTail().trim()}`,
  );
}
