/**
 * When to look at the clock. Reading it twice costs a tenth of what a client needs to deliver a message, so in
 * a fast stream of messages one in eight is timed and stands for those before it. How many there were is
 * always exact.
 */
import type { Histogram } from "../metrics/cells.ts";

/** Instead of a time: this message is not timed. */
export const UNTIMED = -1;

/** Messages that come faster than this after each other are a fast stream. */
const FAST_SECONDS = 0.0001;
const UNTIMED_IN_A_ROW = 7;

/** Times the messages of one subscription. */
export class ProcessingClock {
  #toSkip = 0;
  #skipped = 0;
  #lastEnd = 0;
  #lastDuration = 0;
  #always = false;

  /** Seconds of a monotonic clock, or `UNTIMED`. */
  start(): number {
    if (this.#toSkip > 0) {
      this.#toSkip--;
      this.#skipped++;
      return UNTIMED;
    }
    return performance.now() / 1000;
  }

  /** Observes a message whose start was a time, and those that were skipped before it. */
  stop(started: number, histogram: Histogram): void {
    const end = performance.now() / 1000;
    this.#lastDuration = end - started;
    histogram.observe(this.#lastDuration, this.#skipped + 1);
    const between = (end - this.#lastEnd) / (this.#skipped + 1);
    this.#lastEnd = end;
    this.#skipped = 0;
    this.#toSkip = between < FAST_SECONDS && !this.#always ? UNTIMED_IN_A_ROW : 0;
  }

  /** Every message from now on: handlers that return promises run beside each other. */
  timeAll(): void {
    this.#always = true;
    this.#toSkip = 0;
  }

  /** Observes what was skipped since: before somebody looks. */
  flush(histogram: Histogram): void {
    if (this.#skipped > 0) histogram.observe(this.#lastDuration, this.#skipped);
    this.#skipped = 0;
  }
}
