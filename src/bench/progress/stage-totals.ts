/** A classic Prometheus histogram, filled from a run's own histograms, one second at a time. */

import { type Nanos, SECOND } from "../../time/clock.ts";
import { totalOf } from "../measure/hdr.ts";
import type { Histogram } from "../measure/histogram.ts";

/** Boundaries from 50 us to 10 s, in steps of 1, 2 and 5. */
export const BOUNDARIES: readonly Nanos[] = [
  50e3,
  ...[1e5, 1e6, 1e7, 1e8, 1e9].flatMap((decade) => [decade, 2 * decade, 5 * decade]),
  1e10,
];

/** All values of one stage since the run began. Its counts only grow. */
export class StageTotals {
  /** Number of values up to each boundary, with the precision of the histograms (0.1 %). */
  readonly counts = BOUNDARIES.map(() => 0);
  count = 0;
  /** Seconds. */
  sum = 0;

  add(histogram: Histogram): void {
    for (const { value, count } of histogram.buckets()) {
      this.count += count;
      // A bucket that contains a boundary counts as below it, as in HdrHistogram.
      for (let i = BOUNDARIES.length - 1; i >= 0 && value <= (BOUNDARIES[i] as number); i--) {
        this.counts[i] = (this.counts[i] as number) + count;
      }
    }
    this.sum += totalOf(histogram) / SECOND;
  }
}
