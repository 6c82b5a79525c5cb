/**
 * A peer that implements just enough of the NATS protocol to be loaded, in its own thread: it answers pings, delivers
 * messages to subscribers, and acknowledges messages without subscribers as a stream would. It stores and checks
 * nothing, and listens on this host only.
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";

/** A running peer. */
export class NullPeer {
  readonly #worker: Worker;
  /** `127.0.0.1:34567` */
  readonly address: string;

  private constructor(worker: Worker, address: string) {
    this.#worker = worker;
    this.address = address;
  }

  /** Resolves when it listens. */
  static async begin(): Promise<NullPeer> {
    const worker = startWorker("null-peer");
    const port = await new Promise<number>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    return new NullPeer(worker, `127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
