/**
 * A connection without load, in its own thread, that pings the server every 100 ms. If operations are slow and these
 * pings are not, neither the server nor the network is the cause.
 *
 * It pings whether or not earlier replies have come, so a server that stops for a second delays ten pings.
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";
import type { Nanos } from "../../time/clock.ts";
import type { Reach, ServerFacts } from "../driver/driver.ts";
import { HISTOGRAM_BYTES, Histogram } from "../measure/histogram.ts";

/** Data for the thread. */
export interface ProbeTask {
  readonly reach: Reach;
  /** Memory of a histogram (`HISTOGRAM_BYTES`), in nanoseconds. */
  readonly memory: SharedArrayBuffer;
}

/** Message of the thread after connecting. */
export interface ProbeReady {
  readonly server: ServerFacts;
  /** Median of a few round trips before the load. */
  readonly roundTrip: Nanos;
}

/** Maximum wait for the connection; a run does not depend on it. */
const READY_MS = 5000;

/** The idle connection. */
export class Probe {
  readonly #histogram: Histogram;
  readonly #worker: Worker;
  readonly #ready: Promise<ProbeReady | undefined>;

  /** Connects. A failure is no error here: the connections of the load will report it. */
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

  /** Resolves when it is connected; with undefined if it cannot connect or is stopped first. */
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
