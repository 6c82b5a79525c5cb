/** A real Prometheus with a few targets, in a temporary directory, with its log and its API. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../tools/nats-server/ports.ts";
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

export interface PrometheusOptions {
  /** Text of a rule file; the rules are evaluated once per scrape interval. */
  readonly rules?: string;
  /** Seconds between scrapes. Default: 1. */
  readonly interval?: number;
  /** Further arguments. */
  readonly args?: readonly string[];
}

/** Result of a range query: a line for each series. */
export interface Drawn {
  readonly lines: readonly QueriedLine[];
  /** Warnings and notes of Prometheus about the query; Prometheus 2 has fewer than 3. */
  readonly complaints: readonly string[];
}

export interface QueriedLine {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since 1970 and the value. */
  readonly points: readonly (readonly [number, number])[];
}

export interface RuleState {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
  readonly alerts?: readonly AlertState[];
}

export interface AlertState {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
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

  /** @param jobs address (`host:port`) to scrape, by job name */
  static async start(
    binary: string,
    jobs: Readonly<Record<string, string>>,
    { rules, interval = 1, args = [] }: PrometheusOptions = {},
  ): Promise<Prometheus> {
    const directory = await mkdtemp(join(tmpdir(), "natscope-prometheus-"));
    const port = await freePort();
    const configFile = join(directory, "prometheus.yml");
    await writeFile(configFile, configuration(jobs, interval, rules !== undefined));
    if (rules !== undefined) await writeFile(join(directory, RULES), rules);
    const argv = [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.format=json",
      "--log.level=debug",
      ...args,
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

  /** Returns the log lines about scrapes, and all warnings. */
  complaints(): string[] {
    return this.#log.split("\n").filter((line) => {
      if (line === "") return false;
      const { level, component } = JSON.parse(line) as { level: string; component?: string };
      return level === "warn" || level === "error" || component === "scrape manager";
    });
  }

  /** Runs an instant query; its result has no stale series. */
  async query(expression: string): Promise<QueriedSample[]> {
    const { result } = (await this.#ask(`query?query=${encodeURIComponent(expression)}`)) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  /** Runs a range query: a line for each series, with a point every `step` seconds. */
  async draw(
    expression: string,
    { from, to, step }: { from: number; to: number; step: number },
  ): Promise<Drawn> {
    const query = new URLSearchParams({ query: expression, start: `${from}`, end: `${to}`, step: `${step}` });
    const { data, warnings = [], infos = [] } = await this.#answer(`query_range?${query}`);
    const { result } = data as { result: { metric: Record<string, string>; values?: [number, string][] }[] };
    const lines = result.map(({ metric, values = [] }) => ({
      metric,
      points: values.map(([when, value]) => [when, Number(value)] as const),
    }));
    return { lines, complaints: [...warnings, ...infos] };
  }

  /** Returns every rule with its alerts. */
  async rules(): Promise<RuleState[]> {
    const { groups } = (await this.#ask("rules")) as { groups: { rules: RuleState[] }[] };
    return groups.flatMap(({ rules }) => rules);
  }

  /** Returns the exemplars of a metric's series. */
  async exemplars(expression: string, { from, to }: { from: number; to: number }): Promise<unknown[]> {
    const query = new URLSearchParams({ query: expression, start: `${from}`, end: `${to}` });
    return ((await this.#ask(`query_exemplars?${query}`)) as { exemplars: unknown[] }[]).flatMap(
      ({ exemplars }) => exemplars,
    );
  }

  /** Returns the only value of an expression; undefined if it has no value. */
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

  /** Returns the types that the targets of a job declared, by metric name. */
  async types(job: string): Promise<ReadonlyMap<string, string>> {
    const data = (await this.#ask(
      `targets/metadata?match_target=${encodeURIComponent(`{job="${job}"}`)}`,
    )) as { metric: string; type: string }[];
    return new Map(data.map(({ metric, type }) => [metric, type]));
  }

  async #ask(path: string): Promise<unknown> {
    return (await this.#answer(path)).data;
  }

  async #answer(path: string): Promise<Answer> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`);
    const response = (await answer.json()) as Answer & { status: string; error?: string };
    if (response.status !== "success") throw new Error(`Prometheus refused ${path}: ${response.error}`);
    return response;
  }
}

interface Answer {
  readonly data: unknown;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

const RULES = "rules.yml";

function configuration(jobs: Readonly<Record<string, string>>, interval: number, rules: boolean): string {
  const scrapes = Object.entries(jobs).map(
    ([job, address]) => `  - job_name: ${job}\n    static_configs: [{ targets: ["${address}"] }]`,
  );
  const times = ["scrape_interval", "scrape_timeout", "evaluation_interval"].map(
    (key) => `${key}: ${interval}s`,
  );
  return [
    `global: { ${times.join(", ")} }`,
    ...(rules ? [`rule_files: [${RULES}]`] : []),
    "scrape_configs:",
    ...scrapes,
    "",
  ].join("\n");
}

export interface TextOnly {
  /** `host:port` of the proxy. */
  readonly address: string;
  close(): Promise<void>;
}

/** Requests the older text format, which a current Prometheus cannot be configured to do. */
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
