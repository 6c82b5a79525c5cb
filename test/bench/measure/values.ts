/** Values to record: of every size there is, not only of the largest. */
import fc from "fast-check";
import { Histogram, MAX_VALUE } from "../../../src/bench/measure/histogram.ts";

/** Whole nanoseconds, each number of bits as likely as any other. */
export const nanos: fc.Arbitrary<number> = fc
  .integer({ min: 0, max: 41 })
  .chain((bits) => fc.integer({ min: Math.floor(2 ** (bits - 1)), max: Math.min(MAX_VALUE, 2 ** bits - 1) }));

/** A histogram of these values. */
export function histogramOf(values: Iterable<number>): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}
