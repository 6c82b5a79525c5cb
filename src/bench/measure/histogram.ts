/**
 * A histogram that costs nothing to record into: counts in a fixed array, log-linear as HdrHistogram has it,
 * with three significant digits. The array is shared memory: the thread that records is the only one that
 * writes, any other may read a copy. What HdrHistogram does well (percentiles, encoding) is left to it.
 */

/** Of a value as many bits count as three digits need; HdrHistogram's choice. Values of fewer are counted exactly. */
const BITS = 11;
const EXACT = 2 ** BITS;
const HALF = EXACT / 2;
/** Above, a value is no 32-bit integer any more; below it has more bits than count. */
const WIDE = 2 ** 31;
const WIDE_SHIFT = 21;

/** An hour, in nanoseconds: what takes longer is counted as an hour, and as beyond. */
export const MOST = 3_600_000_000_000;
/** How many buckets a histogram has: of values from 0 to `MOST`. */
export const BUCKETS = bucketOf(MOST) + 1;
/** Behind the buckets: how many values were beyond the most, and how many below zero. */
const BEYOND = BUCKETS;
const NEGATIVE = BUCKETS + 1;

/** Bytes of one histogram. */
export const HISTOGRAM_BYTES = (BUCKETS + 2) * Float64Array.BYTES_PER_ELEMENT;

/** Counts of values from 0 to an hour, in nanoseconds. */
export class Histogram {
  /** One for each bucket in ascending order, and two more: see above. */
  readonly counts: Float64Array<ArrayBufferLike>;

  /** @param memory to record into, or a copy of another's; at least `HISTOGRAM_BYTES` from the offset */
  constructor(memory: ArrayBufferLike = new ArrayBuffer(HISTOGRAM_BYTES), offset = 0) {
    this.counts = new Float64Array(memory, offset, BUCKETS + 2);
  }

  /**
   * Never throws, allocates nothing. Of a value with a fraction the whole part counts. A negative value (clocks
   * that disagree) is counted apart, and so is what is no number.
   */
  record(value: number): void {
    const { counts } = this;
    if (value >= 0 && value <= MOST) {
      const bucket = bucketOf(value);
      counts[bucket] = (counts[bucket] as number) + 1;
    } else if (value > MOST) {
      counts[BEYOND] = (counts[BEYOND] as number) + 1;
      counts[BUCKETS - 1] = (counts[BUCKETS - 1] as number) + 1;
    } else counts[NEGATIVE] = (counts[NEGATIVE] as number) + 1;
  }

  /** Adds another's counts: exact, in any order. */
  add({ counts: others }: Histogram): void {
    const { counts } = this;
    for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] as number) + (others[i] as number);
  }

  /** What was recorded since an earlier copy. */
  since({ counts: before }: Histogram): Histogram {
    const difference = this.copy();
    const { counts } = difference;
    for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] as number) - (before[i] as number);
    return difference;
  }

  copy(): Histogram {
    return new Histogram(this.counts.slice().buffer);
  }

  /** Values recorded, without the negative ones. */
  get count(): number {
    let sum = 0;
    for (let i = 0; i < BUCKETS; i++) sum += this.counts[i] as number;
    return sum;
  }

  /** Values beyond an hour, which are counted as an hour as well. */
  get beyond(): number {
    return this.counts[BEYOND] as number;
  }

  /** Values below zero, which are counted nowhere else. */
  get negative(): number {
    return this.counts[NEGATIVE] as number;
  }

  /** The buckets that have a count, in ascending order, with the least value of each. */
  *buckets(): Generator<{ readonly value: number; readonly count: number }> {
    for (let i = 0; i < BUCKETS; i++) {
      const count = this.counts[i] as number;
      if (count > 0) yield { value: leastOf(i), count };
    }
  }
}

/** The bucket of a value from 0 to `MOST`. Bits are counted, not logarithms taken: those are rounded. */
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

/** The least value that a bucket counts. */
export function leastOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const shift = Math.floor(bucket / HALF) - 1;
  return (bucket - shift * HALF) * 2 ** shift;
}

/** The greatest whole value that a bucket counts: what HdrHistogram says for a percentile that falls in it. */
export function greatestOf(bucket: number): number {
  return leastOf(bucket + 1) - 1;
}
