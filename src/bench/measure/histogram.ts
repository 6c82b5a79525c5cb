/**
 * A histogram for the hot path: counts in a fixed array, with the log-linear buckets of HdrHistogram for three
 * significant digits. Recording takes a quarter of the time of hdr-histogram-js and allocates nothing. The array may
 * be shared memory: one thread records, any other may read a copy.
 */

/** Bits of a value that select its bucket, as in HdrHistogram. Values with fewer bits are counted exactly. */
const BITS = 11;
const EXACT = 2 ** BITS;
const HALF = EXACT / 2;
/** From here on, a value is no 32-bit integer. */
const WIDE = 2 ** 31;
const WIDE_SHIFT = 21;

/** Maximum value: one hour in nanoseconds. A longer duration is counted as an hour, and as `beyond`. */
export const MAX_VALUE = 3_600_000_000_000;
/** Number of buckets for values from 0 to the maximum. */
export const BUCKETS = bucketOf(MAX_VALUE) + 1;
/** After the buckets: the number of values above the maximum, and of values below zero. */
const BEYOND = BUCKETS;
const NEGATIVE = BUCKETS + 1;

/** Size of a histogram in bytes. */
export const HISTOGRAM_BYTES = (BUCKETS + 2) * Float64Array.BYTES_PER_ELEMENT;

/** Counts of durations from 0 to an hour, in nanoseconds. */
export class Histogram {
  /** One count for each bucket, ascending, and then `beyond` and `negative`. */
  readonly counts: Float64Array<ArrayBufferLike>;

  /** @param memory with at least `HISTOGRAM_BYTES` from the offset on: empty, or the counts of another histogram */
  constructor(memory: ArrayBufferLike = new ArrayBuffer(HISTOGRAM_BYTES), offset = 0) {
    this.counts = new Float64Array(memory, offset, BUCKETS + 2);
  }

  /**
   * Counts a value. Never throws and allocates nothing. Fractions are cut off. Negative values, which clocks that
   * disagree can cause, and NaN are counted as `negative` only.
   */
  record(value: number): void {
    const { counts } = this;
    if (value >= 0 && value <= MAX_VALUE) {
      const bucket = bucketOf(value);
      counts[bucket] = (counts[bucket] as number) + 1;
    } else if (value > MAX_VALUE) {
      counts[BEYOND] = (counts[BEYOND] as number) + 1;
      counts[BUCKETS - 1] = (counts[BUCKETS - 1] as number) + 1;
    } else counts[NEGATIVE] = (counts[NEGATIVE] as number) + 1;
  }

  /** Adds the counts of another histogram. */
  add({ counts: others }: Histogram): void {
    const { counts } = this;
    for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] as number) + (others[i] as number);
  }

  /** The values recorded since an earlier copy. */
  since({ counts: before }: Histogram): Histogram {
    const difference = this.copy();
    const { counts } = difference;
    for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] as number) - (before[i] as number);
    return difference;
  }

  copy(): Histogram {
    return new Histogram(this.counts.slice().buffer);
  }

  /** Number of values, without negative ones. */
  get count(): number {
    let sum = 0;
    for (let i = 0; i < BUCKETS; i++) sum += this.counts[i] as number;
    return sum;
  }

  /** Number of values above an hour, which are also counted as an hour. */
  get beyond(): number {
    return this.counts[BEYOND] as number;
  }

  /** Number of values below zero, which are counted nowhere else. */
  get negative(): number {
    return this.counts[NEGATIVE] as number;
  }

  /** Buckets with a count, ascending, each with its lowest value. */
  *buckets(): Generator<{ readonly value: number; readonly count: number }> {
    for (let i = 0; i < BUCKETS; i++) {
      const count = this.counts[i] as number;
      if (count > 0) yield { value: lowestOf(i), count };
    }
  }
}

/** The bucket of a value from 0 to the maximum. Counts bits, because logarithms are rounded. */
function bucketOf(value: number): number {
  if (value >= WIDE) {
    const high = Math.floor(value / 2 ** WIDE_SHIFT);
    const shift = 32 - BITS - Math.clz32(high);
    return (shift + WIDE_SHIFT) * HALF + (high >>> shift);
  }
  const whole = value | 0;
  if (whole < EXACT) return whole;
  const shift = 32 - BITS - Math.clz32(whole);
  return shift * HALF + (whole >>> shift);
}

/** The lowest value of a bucket. */
export function lowestOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const shift = Math.floor(bucket / HALF) - 1;
  return (bucket - shift * HALF) * 2 ** shift;
}

/** The highest whole value of a bucket, which is what HdrHistogram returns for a percentile in it. */
export function highestOf(bucket: number): number {
  return lowestOf(bucket + 1) - 1;
}
