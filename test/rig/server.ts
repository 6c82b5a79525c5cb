/**
 * One server of a rig: a real nats-server that can be ended, killed, frozen and started again, perhaps as
 * another release, on the same ports and the same store.
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

  /** JSON of the monitoring port, whatever the status. */
  async monitor(path: string): Promise<unknown> {
    const answer = await fetch(new URL(path, this.monitorUrl), { signal: AbortSignal.timeout(10_000) });
    return answer.json();
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** Ends it as a power cut would: `kill -9`. */
  async kill(): Promise<void> {
    await this.#process.stop("SIGKILL");
  }

  async restart(version?: string): Promise<void> {
    await this.#process.restart(version === undefined ? undefined : { version });
  }

  /** Resolves when it accepts connections (the system does) and never answers. */
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

  /** Lame duck mode: it asks its clients to leave, one after the other, and then ends. */
  becomeLameDuck(): void {
    process.kill(this.#process.pid, "SIGUSR2");
  }

  /** Ends it, frozen or not, and removes its store. */
  async dispose(): Promise<void> {
    await this.kill();
    await this.#process[Symbol.asyncDispose]();
  }
}
