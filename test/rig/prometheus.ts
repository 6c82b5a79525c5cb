/** A real Prometheus over a few targets, in a directory of its own, with what it says in its log and its API. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../src/nats-server/ports.ts";
import { until } from "./until.ts";

/** One series of an instant query. */
export interface QueriedSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface TargetState {
  readonly job: string;
  readonly health: string;
  readonly lastError: string;
}

export class Prometheus {
  readonly #url: string;
  readonly #directory: string;
  readonly #process: ChildProcess;
  #log = "";

  private constructor(url: string, directory: string, process: ChildProcess) {
    this.#url = url;
    this.#directory = directory;
    this.#process = process;
    process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
    });
  }

  /** @param jobs address (`host:port`) to scrape every second, by job name */
  static async start(binary: string, jobs: Readonly<Record<string, string>>): Promise<Prometheus> {
    const directory = await mkdtemp(join(tmpdir(), "natscope-prometheus-"));
    const port = await freePort();
    const configFile = join(directory, "prometheus.yml");
    await writeFile(configFile, configuration(jobs));
    const argv = [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.format=json",
      "--log.level=debug",
    ];
    const child = spawn(binary, argv, { stdio: ["ignore", "ignore", "pipe"] });
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, directory, child);
    try {
      await once(child, "spawn");
      await until("Prometheus to be ready", async () => {
        if (child.exitCode !== null) throw new Error(`it ended, saying ${prometheus.#log.slice(-2000)}`);
        return (await fetch(`${prometheus.#url}/-/ready`)).ok || undefined;
      });
      return prometheus;
    } catch (error) {
      await prometheus.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.pid !== undefined) {
      const exited = once(this.#process, "exit");
      this.#process.kill("SIGKILL");
      await exited;
    }
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  /** What it has logged about scraping, and everything that it found worth a warning. */
  complaints(): string[] {
    return this.#log.split("\n").filter((line) => {
      if (line === "") return false;
      const { level, component } = JSON.parse(line) as { level: string; component?: string };
      return level === "warn" || level === "error" || component === "scrape manager";
    });
  }

  /** An instant query; stale series are not in the answer. */
  async query(expression: string): Promise<QueriedSample[]> {
    const { result } = (await this.#ask(`query?query=${encodeURIComponent(expression)}`)) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  /** The one value of an expression; undefined where there is none. */
  async value(expression: string): Promise<number | undefined> {
    const samples = await this.query(expression);
    if (samples.length > 1) throw new Error(`${expression} has ${samples.length} values`);
    return samples[0]?.value;
  }

  async targets(): Promise<TargetState[]> {
    const { activeTargets } = (await this.#ask("targets")) as {
      activeTargets: { labels: { job: string }; health: string; lastError: string }[];
    };
    return activeTargets.map(({ labels, health, lastError }) => ({ job: labels.job, health, lastError }));
  }

  /** Types by metric name, as the targets of a job told them. */
  async types(job: string): Promise<ReadonlyMap<string, string>> {
    const data = (await this.#ask(
      `targets/metadata?match_target=${encodeURIComponent(`{job="${job}"}`)}`,
    )) as { metric: string; type: string }[];
    return new Map(data.map(({ metric, type }) => [metric, type]));
  }

  async #ask(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`);
    const { status, data, error } = (await answer.json()) as {
      status: string;
      data: unknown;
      error?: string;
    };
    if (status !== "success") throw new Error(`Prometheus refused ${path}: ${error}`);
    return data;
  }
}

function configuration(jobs: Readonly<Record<string, string>>): string {
  const scrapes = Object.entries(jobs).map(
    ([job, address]) => `  - job_name: ${job}\n    static_configs: [{ targets: ["${address}"] }]`,
  );
  return `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${scrapes.join("\n")}\n`;
}

export interface TextOnly {
  /** `host:port` of the proxy. */
  readonly address: string;
  close(): Promise<void>;
}

/** Asks for the older text format whatever the client accepts: a Prometheus of today cannot be told to. */
export async function textOnlyProxy(target: string): Promise<TextOnly> {
  const proxy = http.createServer((request, response) => {
    const headers = { ...request.headers, accept: "text/plain;version=0.0.4" };
    const forwarded = http.request(new URL(request.url ?? "/", target), { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    forwarded.end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        proxy.closeAllConnections();
        proxy.close(() => resolve());
      }),
  };
}
