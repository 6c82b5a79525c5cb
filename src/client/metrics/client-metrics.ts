/**
 * The metrics of all connections that share a registry: a vector of cells for each row of the table, and the
 * sources that fill the gauges at a scrape.
 */
import { type Cell, Counter, Gauge, Histogram, Vector } from "./cells.ts";
import { type Boundaries, CLIENT_METRICS, type ClientMetric, type ClientMetricKey } from "./table.ts";

type CellOf<Type extends ClientMetric["type"]> = Type extends "counter"
  ? Counter
  : Type extends "gauge"
    ? Gauge
    : Histogram;

type Vectors = {
  readonly [Key in ClientMetricKey]: Vector<CellOf<(typeof CLIENT_METRICS)[Key]["type"]>>;
};

/** Fills gauges from live objects. Errors and rejections are ignored: the source reports them itself. */
type GaugeSource = (vectors: Vectors) => void | Promise<void>;

/** The cells of all metrics. */
export class ClientMetrics {
  readonly vectors: Vectors;
  readonly #gaugeSources = new Set<GaugeSource>();
  #collection: Promise<void> | undefined;

  /** @param seriesLimit maximum number of series per metric; further ones are `_other` */
  constructor(boundaries: Boundaries, seriesLimit: number) {
    const vectors = Object.entries<ClientMetric>(CLIENT_METRICS).map(([key, metric]) => [
      key,
      new Vector<Cell>(metric.labels, seriesLimit, cellMaker(metric, boundaries)),
    ]);
    this.vectors = Object.fromEntries(vectors) as Vectors;
    // A metric without labels is exposed from the start, as zero.
    for (const vector of Object.values<Vector<Cell>>(this.vectors)) {
      if (vector.labels.length === 0) vector.of();
    }
  }

  /** Adds a source of gauges, which is called at every collection. Returns the function that removes it. */
  addGaugeSource(contributor: GaugeSource): () => void {
    this.#gaugeSources.add(contributor);
    return () => this.#gaugeSources.delete(contributor);
  }

  /** Fills the gauges. Concurrent calls share one collection, as those of all metrics in a scrape do. */
  collect(): Promise<void> {
    this.#collection ??= this.#collectNow().finally(() => {
      this.#collection = undefined;
    });
    return this.#collection;
  }

  async #collectNow(): Promise<void> {
    const { vectors } = this;
    for (const [key, vector] of Object.entries<Vector<Cell>>(vectors)) {
      if (CLIENT_METRICS[key as ClientMetricKey].type === "gauge") vector.clear();
      const known = vectors.subjectOverflow;
      if (vector.overflow > 0) known.of(CLIENT_METRICS[key as ClientMetricKey].name).value = vector.overflow;
    }
    for (const key of ["subscriptions", "requestsInFlight", "connected"] as const) vectors[key].of();
    // Set to 0 by each open connection that is not connected.
    vectors.connected.of().value = this.#gaugeSources.size > 0 ? 1 : 0;
    // A scrape must not fail: each source reports its own errors.
    await Promise.allSettled([...this.#gaugeSources].map(async (contributor) => contributor(vectors)));
  }
}

function cellMaker({ type, boundaries: which }: ClientMetric, boundaries: Boundaries): () => Cell {
  if (type === "counter") return () => new Counter();
  if (type === "gauge") return () => new Gauge();
  return () => new Histogram(boundaries[which ?? "seconds"]);
}
