/**
 * Decides which messages of a subscription are timed. Reading the clock twice costs a tenth of what a client
 * needs to deliver a message, so in a fast stream one message in eight is timed and stands for the seven
 * before it. The number of messages is always exact.
 */
import type { Histogram } from "../metrics/cells.ts";

/** Returned instead of a time: this message is not timed. */
export const UNTIMED = -1;

/** Maximum time between two messages of a fast stream. */
const FAST_SECONDS = 0.0001;
const UNTIMED_IN_A_ROW = 7;

/** Times the messages of one subscription. */
export class ProcessingClock {
  #toSkip = 0;
  #skipped = 0;
  #lastEnd = 0;
  #lastDuration = 0;
  #always = false;

  /** Returns seconds of a monotonic clock, or `UNTIMED`. */
  start(): number {
    if (this.#toSkip > 0) {
      this.#toSkip--;
      this.#skipped++;
      return UNTIMED;
    }
    return performance.now() / 1000;
  }

  /** Observes a timed message, and those skipped before it. */
  stop(started: number, histogram: Histogram): void {
    const end = performance.now() / 1000;
    this.#lastDuration = end - started;
    histogram.observe(this.#lastDuration, this.#skipped + 1);
    const between = (end - this.#lastEnd) / (this.#skipped + 1);
    this.#lastEnd = end;
    this.#skipped = 0;
    this.#toSkip = between < FAST_SECONDS && !this.#always ? UNTIMED_IN_A_ROW : 0;
  }

  /** Times every message from now on: needed for handlers that return promises, because they overlap. */
  timeAll(): void {
    this.#always = true;
    this.#toSkip = 0;
  }

  /**
   * Observes the messages skipped since the last timed one. Called before a scrape and when the subscription
   * closes.
   */
  flush(histogram: Histogram): void {
    if (this.#skipped > 0) histogram.observe(this.#lastDuration, this.#skipped);
    this.#skipped = 0;
  }
}
