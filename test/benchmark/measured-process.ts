/** A child process that answers scrapes, and the cost of each scrape, read from Linux's /proc. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"]).toString());
const START_TIMEOUT_MS = 30_000;

/** Size of a scrape. */
export interface ScrapeSize {
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

  /** Starts `command` and resolves when it answers on `port`. Rejects if it ends first or never answers. */
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

  /** Scrapes once and returns the milliseconds from the request to the last byte. */
  async scrape(): Promise<number> {
    const started = performance.now();
    await readToEnd(this.#url);
    return performance.now() - started;
  }

  /** Scrapes once and returns the size. */
  async size(): Promise<ScrapeSize> {
    const body = await get(this.#url);
    let series = 0;
    for (const line of body.toString("latin1").split("\n"))
      if (line !== "" && !line.startsWith("#")) series++;
    return { bytes: body.length, series };
  }

  /** Milliseconds of processor time, user and system, since the start of the process. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
  }

  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /**
   * Longest blocking of the event loop since the last call, in milliseconds; needs the event loop probe in
   * the process.
   */
  async longestBlockMs(): Promise<number> {
    this.#child.send({});
    const [{ longestBlockMs }] = (await once(this.#child, "message")) as [{ longestBlockMs: number }];
    return longestBlockMs;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

const HEADERS = { accept: "text/plain; version=0.0.4", "accept-encoding": "identity" };

/**
 * Sends a request and reads until the server closes, into one buffer: on a machine with two cores, a client that
 * creates strings and garbage of fifteen megabytes would be measured instead of the server.
 */
function readToEnd({ hostname, port, pathname }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = "";
    const onread = {
      buffer: Buffer.allocUnsafe(1024 * 1024),
      callback(length: number, buffer: Uint8Array): boolean {
        if (status === "")
          status = Buffer.from(buffer.buffer, buffer.byteOffset, Math.min(length, 12)).toString();
        return true;
      },
    };
    const socket = net.connect({ host: hostname, port: Number(port), onread });
    const head = Object.entries({ host: hostname, connection: "close", ...HEADERS });
    socket.write(`GET ${pathname} HTTP/1.1\r\n${head.map(([k, v]) => `${k}: ${v}\r\n`).join("")}\r\n`);
    socket.on("error", reject);
    socket.on("close", () => {
      if (status === "HTTP/1.1 200") resolve();
      else reject(new Error(`port ${port} answered ${status || "nothing"}`));
    });
  });
}

/** Returns the whole body. */
function get(url: URL): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers: HEADERS, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve(Buffer.concat(chunks)));
    });
    request.on("error", reject);
  });
}
