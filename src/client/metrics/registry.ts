/**
 * Registers the client's metrics with a registry of prom-client or `@prometheus-io/client`, as objects with
 * the members of its metrics that read the cells. No registry is imported.
 */
import type { Cell, Exemplar, Gauge, Histogram, Vector } from "./cells.ts";
import type { ClientMetrics } from "./client-metrics.ts";
import { CLIENT_METRICS, type ClientMetric } from "./table.ts";

/** The member of a registry that `instrument` calls: prom-client's `Registry` has it. */
export interface ClientRegistry {
  // biome-ignore lint/suspicious/noExplicitAny: each registry has a type of its own for its metrics
  registerMetric(metric: any): void;
}

/**
 * Aggregation over a cluster's processes, if a sum is meaningless: whether they are connected, and the round
 * trip.
 */
const AGGREGATORS: Readonly<Record<string, string>> = {
  [CLIENT_METRICS.connected.name]: "min",
  [CLIENT_METRICS.roundTrip.name]: "max",
};

/** A sample in the form of prom-client. */
interface RegistrySample {
  readonly value: number;
  readonly labels: Record<string, string | number>;
  readonly metricName?: string;
  readonly exemplar?: {
    readonly labelSet: Record<string, string>;
    readonly value: number;
    readonly timestamp: number;
  };
}

/**
 * Registers every metric and returns the errors of those that the registry refused, for example because the
 * application has a metric of the same name. Can be called again; registered metrics stay.
 */
export function register(metrics: readonly RegisteredMetric[], registry: ClientRegistry): readonly unknown[] {
  const refusals: unknown[] = [];
  for (const metric of metrics) {
    try {
      registry.registerMetric(metric);
    } catch (error) {
      refusals.push(error);
    }
  }
  return refusals;
}

/** All metrics, ready to register. */
export function registeredMetrics(metrics: ClientMetrics): RegisteredMetric[] {
  return Object.entries<ClientMetric>(CLIENT_METRICS).map(
    ([key, metric]) =>
      new RegisteredMetric(metric, metrics.vectors[key as keyof typeof CLIENT_METRICS], metrics),
  );
}

/** A metric with the members that a registry expects. */
export class RegisteredMetric {
  readonly help: string;
  readonly type: ClientMetric["type"];
  readonly labelNames: readonly string[];
  /** How prom-client's cluster support aggregates it. */
  readonly aggregator: string;
  readonly #name: string;
  /** The name for the next exposition, which the registry has set. */
  #nameOnce: string | undefined;
  readonly #vector: Vector<Cell>;
  readonly #metrics: ClientMetrics;

  constructor(metric: ClientMetric, vector: Vector<Cell>, metrics: ClientMetrics) {
    this.#name = metric.name;
    this.help = metric.help;
    this.type = metric.type;
    this.labelNames = metric.labels;
    this.aggregator = AGGREGATORS[metric.name] ?? "sum";
    this.#vector = vector;
    this.#metrics = metrics;
  }

  get name(): string {
    return this.#name;
  }

  /**
   * In OpenMetrics a counter's family has no `_total`, and registries remove it from the metric permanently.
   * Here the change holds for one exposition.
   */
  set name(name: string) {
    this.#nameOnce = name;
  }

  /** Samples in the form of prom-client's `Metric.get()`. */
  get() {
    return this.#get(this.#name);
  }

  /**
   * The same as `get()`. prom-client also has a shorter form for the shared labels of buckets, which is
   * optional.
   */
  getForPromString() {
    const name = this.#nameOnce ?? this.#name;
    this.#nameOnce = undefined;
    return this.#get(name);
  }

  async #get(name: string) {
    await this.#metrics.collect();
    const { help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.#samples() };
  }

  reset(): void {
    this.#vector.reset();
  }

  #samples(): RegistrySample[] {
    const samples: RegistrySample[] = [];
    for (const { values, cell } of this.#vector.entries()) {
      const labels = Object.fromEntries(this.labelNames.map((label, i) => [label, values[i] as string]));
      if ("counts" in cell) addHistogram(samples, this.name, labels, cell);
      else samples.push({ value: (cell as Gauge).value, labels });
    }
    return samples;
  }
}

function addHistogram(
  samples: RegistrySample[],
  name: string,
  labels: Record<string, string>,
  { boundaries, counts, sum, exemplars }: Histogram,
): void {
  let cumulative = 0;
  for (let i = 0; i < counts.length; i++) {
    cumulative += counts[i] as number;
    samples.push({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: boundaries[i] ?? "+Inf" },
      value: cumulative,
      ...exemplarOf(exemplars?.[i]),
    });
  }
  samples.push({ metricName: `${name}_sum`, labels, value: sum });
  samples.push({ metricName: `${name}_count`, labels, value: cumulative });
}

function exemplarOf(exemplar: Exemplar | undefined): Pick<RegistrySample, "exemplar"> | undefined {
  if (!exemplar) return undefined;
  const { traceId, spanId, value, timestamp } = exemplar;
  return { exemplar: { labelSet: { trace_id: traceId, span_id: spanId }, value, timestamp } };
}
