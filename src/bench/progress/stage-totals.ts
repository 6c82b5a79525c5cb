/** A classic histogram of Prometheus, filled from a run's own histograms, a second at a time. */

import { type Nanos, SECOND } from "../../time/clock.ts";
import { totalOf } from "../measure/hdr.ts";
import type { Histogram } from "../measure/histogram.ts";

/** 50 us to 10 s, in steps of 1, 2 and 5. */
export const BOUNDARIES: readonly Nanos[] = [
  50e3,
  ...[1e5, 1e6, 1e7, 1e8, 1e9].flatMap((decade) => [decade, 2 * decade, 5 * decade]),
  1e10,
];

/** All values of one stage since the run began. Everything in it only grows. */
export class StageTotals {
  /** Of each boundary, how many values were at most as great: to the precision of the histograms, a thousandth. */
  readonly counts = BOUNDARIES.map(() => 0);
  count = 0;
  /** Seconds. */
  sum = 0;

  add(histogram: Histogram): void {
    for (const { value, count } of histogram.buckets()) {
      this.count += count;
      // A bucket that a boundary is in counts as below it, as HdrHistogram has it.
      for (let i = BOUNDARIES.length - 1; i >= 0 && value <= (BOUNDARIES[i] as number); i--) {
        this.counts[i] = (this.counts[i] as number) + count;
      }
    }
    this.sum += totalOf(histogram) / SECOND;
  }
}
