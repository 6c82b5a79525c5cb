/**
 * One server of a rig: a real nats-server that can be stopped, killed, frozen and started again, also as another
 * release, on the same ports and with the same store.
 */
import { type RunningNatsServer, runNatsServer } from "../../tools/nats-server/run.ts";
import { NO_ANSWER_MS, untilSilent } from "./frozen.ts";

export interface ServerOptions {
  readonly name: string;
  /** Release: `2.15.2`. */
  readonly version: string;
  readonly config: string;
  readonly clientPort: number;
  readonly monitorPort: number;
}

export class RigServer {
  readonly name: string;
  readonly clientUrl: string;
  readonly monitorUrl: URL;
  readonly #process: RunningNatsServer;

  private constructor(name: string, process: RunningNatsServer) {
    this.name = name;
    this.#process = process;
    this.clientUrl = process.clientUrl;
    this.monitorUrl = new URL(process.monitorUrl);
  }

  /** Resolves when the ports listen; clusters and JetStream may need longer (see `rig.ts`). */
  static async start(options: ServerOptions): Promise<RigServer> {
    const { name, version, config, clientPort, monitorPort } = options;
    const ports = { client: clientPort, monitor: monitorPort };
    return new RigServer(name, await runNatsServer({ version, config, ports }));
  }

  /** The release that runs now. */
  get version(): string {
    return this.#process.version;
  }

  get log(): string {
    return this.#process.logTail();
  }

  /** Returns the JSON of a page of the monitoring port, for any HTTP status. */
  async monitor(path: string): Promise<unknown> {
    const answer = await fetch(new URL(path, this.monitorUrl), { signal: AbortSignal.timeout(10_000) });
    return answer.json();
  }

  /** Stops the server with SIGTERM. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** Kills the server with SIGKILL, as a power failure would. */
  async kill(): Promise<void> {
    await this.#process.stop("SIGKILL");
  }

  async restart(version?: string): Promise<void> {
    await this.#process.restart(version === undefined ? undefined : { version });
  }

  /** Freezes the server: the system still accepts connections, and the server never answers. */
  async freeze(): Promise<void> {
    process.kill(this.#process.pid, "SIGSTOP");
    await untilSilent(() => this.#isSilent());
  }

  async #isSilent(): Promise<boolean> {
    const answered = await fetch(`${this.monitorUrl}/varz`, {
      signal: AbortSignal.timeout(NO_ANSWER_MS),
    }).catch(() => undefined);
    return answered === undefined;
  }

  thaw(): void {
    process.kill(this.#process.pid, "SIGCONT");
  }

  /** Starts lame duck mode: the server disconnects its clients one after the other, and then ends. */
  becomeLameDuck(): void {
    process.kill(this.#process.pid, "SIGUSR2");
  }

  /** Stops the server, frozen or not, and removes its store. */
  async dispose(): Promise<void> {
    await this.kill();
    await this.#process[Symbol.asyncDispose]();
  }
}
