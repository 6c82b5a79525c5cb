/** A child process that answers scrapes, and what each scrape costs: read from Linux's /proc, from outside. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"]).toString());
const START_TIMEOUT_MS = 30_000;

/** What one scrape took. */
export interface ScrapeCost {
  readonly wallMs: number;
  readonly bytes: number;
  readonly series: number;
}

export class MeasuredProcess {
  readonly #child: ChildProcess;
  readonly #url: URL;

  private constructor(child: ChildProcess, url: URL) {
    this.#child = child;
    this.#url = url;
  }

  /** Starts `command` and resolves when it answers on `port`. Throws where it ends before, or never answers. */
  static async start(command: string, args: readonly string[], port: number): Promise<MeasuredProcess> {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors = (errors + chunk).slice(-4000);
    });
    const measured = new MeasuredProcess(child, new URL(`http://127.0.0.1:${port}/metrics`));
    const until = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${errors}`);
      try {
        await measured.scrape();
        return measured;
      } catch (error) {
        if (Date.now() > until) throw new Error(`${command} does not answer: ${errors}`, { cause: error });
        await sleep(100);
      }
    }
  }

  async scrape(): Promise<ScrapeCost> {
    const started = performance.now();
    const chunks = await get(this.#url);
    const wallMs = performance.now() - started;
    const body = Buffer.concat(chunks);
    let series = 0;
    for (const line of body.toString("latin1").split("\n"))
      if (line !== "" && !line.startsWith("#")) series++;
    return { wallMs, bytes: body.length, series };
  }

  /** Milliseconds of processor time, user and system, since the process started. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
  }

  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Longest time that the event loop was held since the last call; needs the event loop probe in the process. */
  async longestHoldMs(): Promise<number> {
    this.#child.send({});
    const [{ longestHoldMs }] = (await once(this.#child, "message")) as [{ longestHoldMs: number }];
    return longestHoldMs;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

/** As Prometheus asks, but for compression: bytes are compared as they are. */
function get(url: URL): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const headers = { accept: "text/plain; version=0.0.4", "accept-encoding": "identity" };
    const request = http.get(url, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(chunks);
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    request.on("error", reject);
  });
}
