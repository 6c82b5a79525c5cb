/** prometheus-nats-exporter itself, if available: `$PNE`, or `prometheus-nats-exporter` on the PATH. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { until } from "../../rig/until.ts";

/** Path of the program; undefined if not found. */
export function findExporter(): string | undefined {
  const program = process.env.PNE || "prometheus-nats-exporter";
  const { stdout } = spawnSync(program, ["-version"], { encoding: "utf8" });
  return stdout?.startsWith("prometheus-nats-exporter version") ? program : undefined;
}

export class ExporterProcess {
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  /** Starts the program on a free port and resolves when it serves. */
  static async start(program: string, args: readonly string[]): Promise<ExporterProcess> {
    const port = await freePort();
    const child = spawn(program, ["-a", "127.0.0.1", "-p", String(port), ...args], { stdio: "ignore" });
    const exporter = new ExporterProcess(child, `http://127.0.0.1:${port}/metrics`);
    try {
      await until("prometheus-nats-exporter to serve", async () => (await exporter.scrape()) || undefined);
    } catch (error) {
      await exporter.stop();
      throw error;
    }
    return exporter;
  }

  /** One scrape, without the metrics of the program's own process. */
  async scrape(): Promise<string> {
    const text = await (await fetch(this.#url)).text();
    return text
      .split("\n")
      .filter((line) => !/^(?:# \w+ )?(?:go|process|promhttp)_/.test(line))
      .join("\n");
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

/** The program does not report which port it chose for 0, so it gets one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
