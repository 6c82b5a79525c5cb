/**
 * Cells: the values of the client's metrics between scrapes, as plain numbers that are looked up once and
 * then added to. A child of prom-client hashes its labels at every `inc()`, which costs a third of a publish;
 * a cell costs an addition. This file knows neither the metrics nor their readers.
 */

/** A total since the start, which only grows. Hot paths write `value` directly. */
export class Counter {
  value = 0;

  reset(): void {
    this.value = 0;
  }
}

/** A current value. Gauges of live objects are set just before they are read. */
export class Gauge {
  value = 0;

  reset(): void {
    this.value = 0;
  }
}

/** The trace of one observation, for OpenMetrics. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  /** In the histogram's unit. */
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

/** Counts of values by bucket. */
export class Histogram {
  /** Inclusive upper bounds in ascending order, in the metric's unit. The last bucket has no bound. */
  readonly boundaries: readonly number[];
  /** One count per bucket, not cumulative; one element longer than the boundaries. */
  readonly counts: Float64Array;
  sum = 0;
  /** The newest exemplar of each bucket; undefined before the first. */
  exemplars: (Exemplar | undefined)[] | undefined;

  constructor(boundaries: readonly number[]) {
    this.boundaries = boundaries;
    this.counts = new Float64Array(boundaries.length + 1);
  }

  /** @param times number of observations of this value */
  observe(value: number, times = 1): void {
    const bucket = this.#bucketOf(value);
    this.counts[bucket] = (this.counts[bucket] as number) + times;
    this.sum += value * times;
  }

  /** The same as `observe`, and keeps the trace as an exemplar. The trace has to be sampled. */
  observeTraced(value: number, traceId: string, spanId: string): void {
    this.observe(value);
    this.exemplars ??= new Array(this.counts.length);
    this.exemplars[this.#bucketOf(value)] = { traceId, spanId, value, timestamp: Date.now() / 1000 };
  }

  /** Number of observations. */
  get count(): number {
    return this.counts.reduce((sum, one) => sum + one, 0);
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
    this.exemplars = undefined;
  }

  /** Linear search: most values fall into the first buckets. */
  #bucketOf(value: number): number {
    const { boundaries } = this;
    let bucket = 0;
    while (bucket < boundaries.length && value > (boundaries[bucket] as number)) bucket++;
    return bucket;
  }
}

export type Cell = Counter | Gauge | Histogram;

/** Every label value of a series above the limit. */
export const OTHER = "_other";

/**
 * The cells of one metric, one for each set of label values. At the limit, each new set is counted in one
 * cell whose label values are all `_other`.
 */
export class Vector<C extends Cell> {
  readonly labels: readonly string[];
  /** Number of lookups above the limit. */
  overflow = 0;
  readonly #make: () => C;
  readonly #limit: number;
  readonly #cells = new Map<string, { readonly values: readonly string[]; readonly cell: C }>();

  constructor(labels: readonly string[], limit: number, make: () => C) {
    this.labels = labels;
    this.#limit = limit;
    this.#make = make;
  }

  /** The cell of these label values, by position. Keep it: the lookup costs more than the addition. */
  of(...values: readonly string[]): C {
    const key = values.length === 1 ? (values[0] as string) : values.join("\u0000");
    const known = this.#cells.get(key);
    if (known) return known.cell;
    if (this.#cells.size >= this.#limit && values.some((value) => value !== OTHER)) {
      this.overflow++;
      return this.of(...values.map(() => OTHER));
    }
    const cell = this.#make();
    this.#cells.set(key, { values, cell });
    return cell;
  }

  /** All cells with their label values. */
  entries(): Iterable<{ readonly values: readonly string[]; readonly cell: C }> {
    return this.#cells.values();
  }

  /** Removes all cells: for gauges, which are filled at each collection. */
  clear(): void {
    this.#cells.clear();
  }

  /** Sets all cells to zero and keeps them, because hot paths hold references. */
  reset(): void {
    this.overflow = 0;
    for (const { cell } of this.#cells.values()) cell.reset();
  }
}
