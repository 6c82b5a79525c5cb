/**
 * Where the client's metrics live between scrapes: plain numbers, found once and then only added to. A
 * prom-client child hashes its labels at every `inc()`, which costs as much as a third of a publish; these cost
 * an addition. Nothing here knows what is counted, nor who reads it.
 */

/** A total since the start: only ever grows. Hot paths write `value` themselves. */
export class Counter {
  value = 0;

  reset(): void {
    this.value = 0;
  }
}

/** A value of now. Those that are read from live objects are set by a collection, just before they are read. */
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

/** How often a value fell between two boundaries. */
export class Histogram {
  /** Upper bounds in ascending order, inclusive, in the metric's unit; the last bucket has none. */
  readonly boundaries: readonly number[];
  /** One count for each bucket, not cumulative; one longer than the boundaries. */
  readonly counts: Float64Array;
  sum = 0;
  /** The newest for each bucket; made with the first. */
  exemplars: (Exemplar | undefined)[] | undefined;

  constructor(boundaries: readonly number[]) {
    this.boundaries = boundaries;
    this.counts = new Float64Array(boundaries.length + 1);
  }

  /** @param times how many observations of this value there were */
  observe(value: number, times = 1): void {
    const bucket = this.#bucketOf(value);
    this.counts[bucket] = (this.counts[bucket] as number) + times;
    this.sum += value * times;
  }

  /** As `observe`, and keeps the trace that it belongs to. The trace has to be a sampled one. */
  observeTraced(value: number, traceId: string, spanId: string): void {
    this.observe(value);
    this.exemplars ??= new Array(this.counts.length);
    this.exemplars[this.#bucketOf(value)] = { traceId, spanId, value, timestamp: Date.now() / 1000 };
  }

  /** All observations. */
  get count(): number {
    return this.counts.reduce((sum, one) => sum + one, 0);
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
    this.exemplars = undefined;
  }

  /** Linear: most values fall into one of the first buckets. */
  #bucketOf(value: number): number {
    const { boundaries } = this;
    let bucket = 0;
    while (bucket < boundaries.length && value > (boundaries[bucket] as number)) bucket++;
    return bucket;
  }
}

export type Cell = Counter | Gauge | Histogram;

/** Stands for each label value of a series that came after the limit was reached. */
export const OTHER = "_other";

/**
 * The cells of one metric, one for each set of label values. There are never more than the limit and one: what
 * would be the next goes into a cell whose label values are all `_other`.
 */
export class Vector<C extends Cell> {
  readonly labels: readonly string[];
  /** How often a new set of label values found no room. */
  overflow = 0;
  readonly #make: () => C;
  readonly #limit: number;
  readonly #cells = new Map<string, { readonly values: readonly string[]; readonly cell: C }>();

  constructor(labels: readonly string[], limit: number, make: () => C) {
    this.labels = labels;
    this.#limit = limit;
    this.#make = make;
  }

  /** The cell of these label values, by position. Keep it: finding it costs more than adding to it. */
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

  /** Every cell with its label values. */
  entries(): Iterable<{ readonly values: readonly string[]; readonly cell: C }> {
    return this.#cells.values();
  }

  /** Forgets all cells: for gauges that are filled anew at each collection. */
  clear(): void {
    this.#cells.clear();
  }

  /** Sets all to zero, and keeps them: hot paths hold on to them. */
  reset(): void {
    this.overflow = 0;
    for (const { cell } of this.#cells.values()) cell.reset();
  }
}
