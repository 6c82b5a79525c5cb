/**
 * A connection that has nothing to do with the load, in a thread of its own: every 100 ms it asks the server for
 * an answer. If operations are slow and it is not, it was not the server, nor the network.
 *
 * It asks whether or not earlier answers have come, so a server that stands still for a second is seen by the ten
 * that it kept waiting.
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";
import type { Nanos } from "../../time/clock.ts";
import type { Reach, ServerFacts } from "../driver/driver.ts";
import { HISTOGRAM_BYTES, Histogram } from "../measure/histogram.ts";

/** Given to the thread. */
export interface ProbeTask {
  readonly reach: Reach;
  /** `HISTOGRAM_BYTES`; nanoseconds. */
  readonly memory: SharedArrayBuffer;
}

/** What it says once it is connected. */
export interface ProbeReady {
  readonly server: ServerFacts;
  /** Median of a few, before the load. */
  readonly roundTrip: Nanos;
}

/** The longest wait for it: a run does not depend on it. */
const READY_MS = 5000;

/** See the file's comment. */
export class Probe {
  readonly #histogram: Histogram;
  readonly #worker: Worker;
  readonly #ready: Promise<ProbeReady | undefined>;

  /** Connects. That it cannot is no error: the load's own connections will say so. */
  constructor(reach: Reach) {
    const memory = new SharedArrayBuffer(HISTOGRAM_BYTES);
    this.#histogram = new Histogram(memory);
    this.#worker = startWorker("probe", { reach, memory } satisfies ProbeTask);
    this.#ready = new Promise((resolve) => {
      const impatience = setTimeout(resolve, READY_MS, undefined);
      const settle = (ready?: ProbeReady) => {
        clearTimeout(impatience);
        resolve(ready);
      };
      this.#worker.once("message", settle);
      this.#worker.once("error", () => settle());
      this.#worker.once("exit", () => settle());
    });
  }

  /** Resolves when it is connected; with undefined if it cannot, or nobody waits any more. */
  async ready(signal: AbortSignal): Promise<ProbeReady | undefined> {
    if (signal.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const stop = () => resolve(undefined);
    signal.addEventListener("abort", stop);
    try {
      return await Promise.race([this.#ready, promise]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Round trips until now. */
  snapshot(): Histogram {
    return this.#histogram.copy();
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
