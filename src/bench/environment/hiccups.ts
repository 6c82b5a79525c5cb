/**
 * The machine's own jitter: a thread that does nothing but sleep for a millisecond, and notes how much later
 * than that it woke. What it sees no program on this machine could have avoided. (After Tene's jHiccup.)
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";
import { HISTOGRAM_BYTES, Histogram } from "../measure/histogram.ts";

/** Given to the thread. */
export interface HiccupTask {
  /** `HISTOGRAM_BYTES`; nanoseconds. */
  readonly memory: SharedArrayBuffer;
  /** One 32-bit integer, on which it sleeps: 1 and a wake end it. */
  readonly end: SharedArrayBuffer;
}

/** See the file's comment. Begins when it is made. */
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
    // Without it the run is as good: there is one thing less that is known of it.
    this.#worker.on("error", () => {});
    this.#worker.unref();
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
  }

  /** What it has noted until now. */
  snapshot(): Histogram {
    return this.#histogram.copy();
  }

  async stop(): Promise<void> {
    // Somebody waits for it now: nothing else may keep the process.
    this.#worker.ref();
    Atomics.store(this.#end, 0, 1);
    Atomics.notify(this.#end, 0);
    await this.#ended;
  }
}
