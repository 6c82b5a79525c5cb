/**
 * A peer that speaks just enough of NATS to load it: in a thread of its own it answers to pings, delivers what is
 * published to who subscribes, and acknowledges what nobody subscribes to as a stream would. It stores nothing,
 * checks nothing, and listens on this host alone.
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";

/** See the file's comment. */
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
