/**
 * The machine's own jitter: a thread sleeps for a millisecond at a time and records how much later it wakes. No program
 * on this machine could have avoided that delay. (After Tene's jHiccup.)
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";
import { HISTOGRAM_BYTES, Histogram } from "../measure/histogram.ts";

/** Data for the thread. */
export interface HiccupTask {
  /** Memory of a histogram (`HISTOGRAM_BYTES`), in nanoseconds. */
  readonly memory: SharedArrayBuffer;
  /** One 32-bit integer on which the thread sleeps; a 1 and a wake end it. */
  readonly end: SharedArrayBuffer;
}

/** Starts recording when it is created. */
export class Hiccups {
  readonly #histogram: Histogram;
  readonly #end = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  readonly #ended: Promise<void>;

  constructor() {
    const memory = new SharedArrayBuffer(HISTOGRAM_BYTES);
    this.#histogram = new Histogram(memory);
    const task: HiccupTask = { memory, end: this.#end.buffer as SharedArrayBuffer };
    this.#worker = startWorker("hiccup", task);
    // The run is valid without it, with one measurement less.
    this.#worker.on("error", () => {});
    this.#worker.unref();
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
  }

  /** Records until now. */
  snapshot(): Histogram {
    return this.#histogram.copy();
  }

  async stop(): Promise<void> {
    // `stop` waits for the thread, so it need not keep the process alive.
    this.#worker.ref();
    Atomics.store(this.#end, 0, 1);
    Atomics.notify(this.#end, 0);
    await this.#ended;
  }
}
