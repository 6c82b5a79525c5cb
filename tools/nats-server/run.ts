/**
 * Runs a real nats-server: ready when the promise resolves, gone when the process or its scope ends.
 *
 *     await using server = await runNatsServer({ version: "2.10" });
 *     const connection = await connect({ servers: server.clientUrl });
 *
 * Listens on loopback only, with monitoring, with its store in a temporary directory. A server of a cluster is
 * ready when it listens, not when the cluster has a leader: wait for that yourself.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { obtainNatsServer, versionOf } from "./obtain.ts";
import { freePort } from "./ports.ts";

export interface NatsServerOptions {
  /** As `obtainNatsServer` takes it: a full version, a line such as `2.10`, or any supported one where absent. */
  readonly version?: string | undefined;
  /** A binary to run instead of obtaining one. */
  readonly binary?: string;
  /**
   * Text of the configuration file. Ports, host and store directory are given as arguments, which win.
   * Without one the server has JetStream; with one it has what the text says.
   */
  readonly config?: string;
  /** Further arguments, after our own. */
  readonly args?: readonly string[];
  /** Server name. Default: the server makes one up, and another after a restart. */
  readonly name?: string;
  /** Ports to listen on. Default: free ones, which stay the same across restarts. */
  readonly ports?: { readonly client?: number; readonly monitor?: number };
}

export interface RunningNatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:34567` */
  readonly clientUrl: string;
  /** `http://127.0.0.1:34568`, without `http_base_path`; https where the configuration says so. */
  readonly monitorUrl: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Full version: `2.10.27`. */
  readonly version: string;
  readonly storeDirectory: string;
  /** Ends the process and waits until it has ended. The store stays, for `restart`. Does nothing if it is not running. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops if running, and starts on the same ports and store; with another version: an upgrade or a downgrade. */
  restart(change?: { readonly version: string }): Promise<void>;
  /** Resolves when the process has ended, for whatever reason. */
  ended(): Promise<void>;
  /** Last lines of the log. */
  logTail(): string;
}

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 20;
/** A JetStream server that does not end on SIGTERM for this long gets SIGKILL. */
const STOP_TIMEOUT_MS = 10_000;
const LOG_TAIL_CHARACTERS = 16_000;
/** Somebody may take a port between our finding it free and the server's binding it. */
const START_ATTEMPTS = 5;

/** Starts a server and resolves when it accepts clients. Rejects, with the end of the log, where it does not start. */
export async function runNatsServer(options: NatsServerOptions = {}): Promise<RunningNatsServer> {
  const binary = options.binary ?? (await obtainNatsServer(options.version));
  const directory = await mkdtemp(join(tmpdir(), "natscope-nats-server-"));
  directories.add(directory);
  const server = new NatsServerProcess(binary, directory, options);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

class NatsServerProcess implements RunningNatsServer {
  clientUrl = "";
  monitorUrl = "";
  version = "";
  readonly storeDirectory: string;
  readonly #directory: string;
  readonly #options: NatsServerOptions;
  #binary: string;
  #child: ChildProcess | undefined;
  #log = "";

  constructor(binary: string, directory: string, options: NatsServerOptions) {
    this.#binary = binary;
    this.#directory = directory;
    this.#options = options;
    this.storeDirectory = join(directory, "store");
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  async start(): Promise<void> {
    this.version = await versionOf(this.#binary);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#startOnce();
      } catch (error) {
        if (!this.#log.includes("address already in use") || attempt === START_ATTEMPTS) throw error;
        await sleep(READY_POLL_MS);
      }
    }
  }

  async #startOnce(): Promise<void> {
    this.#log = "";
    const child = spawn(this.#binary, await this.#arguments(), {
      stdio: ["ignore", "ignore", "pipe"],
      // Out of the terminal's process group: ^C is for us, and we end the server when its clients are gone.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    this.#child = child;
    watchOver(child);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_TAIL_CHARACTERS);
    });
    await once(child, "spawn");
    await this.#ready(child);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (!child || hasEnded(child)) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(impatience);
  }

  async restart(change?: { readonly version: string }): Promise<void> {
    await this.stop();
    if (change) this.#binary = await obtainNatsServer(change.version);
    await this.start();
  }

  async ended(): Promise<void> {
    if (this.#child && !hasEnded(this.#child)) await once(this.#child, "exit");
  }

  logTail(): string {
    return this.#log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
    directories.delete(this.#directory);
  }

  async #arguments(): Promise<string[]> {
    const { config, name, ports = {}, args = [] } = this.#options;
    const client = portOf(this.clientUrl) ?? ports.client ?? (await freePort());
    const monitor = portOf(this.monitorUrl) ?? ports.monitor ?? (await freePort());
    const secure = config !== undefined && /^\s*https(_port)?\s*[:=\s]/m.test(config);
    const all = ["--addr", "127.0.0.1", "--port", String(client)];
    all.push(secure ? "--https_port" : "--http_port", String(monitor));
    all.push("--store_dir", this.storeDirectory, "--ports_file_dir", this.#directory);
    if (name !== undefined) all.push("--server_name", name);
    if (config === undefined) {
      all.push("--jetstream");
    } else {
      const file = join(this.#directory, "nats-server.conf");
      await writeFile(file, config, { mode: 0o600 });
      all.push("--config", file);
    }
    return [...all, ...args];
  }

  /** The server writes down its ports when all of them listen; then monitoring has to answer something. */
  async #ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (hasEnded(child)) throw new Error(this.#failure("ended instead of starting"));
      const ports = await this.#writtenPorts(child.pid);
      if (ports && (await answers(ports.monitorUrl))) {
        this.clientUrl = ports.clientUrl;
        this.monitorUrl = ports.monitorUrl;
        return;
      }
      await sleep(READY_POLL_MS);
    }
    throw new Error(this.#failure(`was not ready after ${READY_TIMEOUT_MS / 1000} s`));
  }

  async #writtenPorts(
    pid: number | undefined,
  ): Promise<{ clientUrl: string; monitorUrl: string } | undefined> {
    // Named after the executable, whatever that is called.
    const file = (await readdir(this.#directory)).find((name) => name.endsWith(`_${pid}.ports`));
    if (file === undefined) return undefined;
    try {
      const written = JSON.parse(await readFile(join(this.#directory, file), "utf8"));
      return { clientUrl: written.nats[0], monitorUrl: written.monitoring[0] };
    } catch {
      return undefined; // Half written.
    }
  }

  #failure(what: string): string {
    return `nats-server ${this.version} (${this.#binary}) ${what}. Its log ends:\n${this.#log.trim()}`;
  }
}

function portOf(url: string): number | undefined {
  return url === "" ? undefined : Number(new URL(url).port);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Any HTTP answer will do. Of https we only know that it listens: whose certificate it has is not our concern. */
async function answers(monitorUrl: string): Promise<boolean> {
  if (monitorUrl.startsWith("https:")) return true;
  try {
    const response = await fetch(`${monitorUrl}/varz`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

const children = new Set<ChildProcess>();
const directories = new Set<string>();

/** Ends the server with this process, by whatever road it leaves (SIGKILL excepted, which nobody can see coming). */
function watchOver(child: ChildProcess): void {
  if (!exitIsWatched) watchExit();
  children.add(child);
  child.once("exit", () => children.delete(child));
}

let exitIsWatched = false;

function watchExit(): void {
  exitIsWatched = true;
  process.on("exit", killAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const onSignal = (): void => {
      // Somebody else listens too and will end things in order.
      if (process.listenerCount(signal) > 1) return;
      killAll();
      process.removeListener(signal, onSignal);
      process.kill(process.pid, signal);
    };
    process.on(signal, onSignal);
  }
}

function killAll(): void {
  for (const child of children) child.kill("SIGKILL");
  for (const directory of directories) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}
