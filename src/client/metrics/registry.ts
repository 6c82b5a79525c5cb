/**
 * Puts the client's metrics into a registry in the shape of prom-client's (or of `@prometheus-io/client`): as
 * metrics of its own shape that read the cells when they are asked. Nothing of prom-client is imported.
 */
import type { Cell, Exemplar, Gauge, Histogram, Vector } from "./cells.ts";
import type { ClientMetrics } from "./client-metrics.ts";
import { CLIENT_METRICS, type ClientMetric } from "./table.ts";

/** The part of a registry that is used: `registerMetric` as prom-client has it. */
export interface ClientRegistry {
  // biome-ignore lint/suspicious/noExplicitAny: each registry has a type of its own for its metrics
  registerMetric(metric: any): void;
}

/** Where a sum says nothing: of processes that are connected or not, and how far away a server is. */
const AGGREGATORS: Readonly<Record<string, string>> = {
  [CLIENT_METRICS.connected.name]: "min",
  [CLIENT_METRICS.roundTrip.name]: "max",
};

/** A sample as registries want it. */
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
 * Registers every metric, and says which names the registry refused (one of the application's own has the
 * name, say) and with what. May be called again: what is registered stays.
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

/** All metrics, to be registered. */
export function registeredMetrics(metrics: ClientMetrics): RegisteredMetric[] {
  return Object.entries<ClientMetric>(CLIENT_METRICS).map(
    ([key, metric]) =>
      new RegisteredMetric(metric, metrics.vectors[key as keyof typeof CLIENT_METRICS], metrics),
  );
}

/** A metric as a registry sees it. */
export class RegisteredMetric {
  readonly help: string;
  readonly type: ClientMetric["type"];
  readonly labelNames: readonly string[];
  /** How a cluster of processes adds it up. */
  readonly aggregator: string;
  readonly #name: string;
  /** What the registry calls it in the exposition that it is about to write. */
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
   * OpenMetrics calls a counter's family by the name without `_total`, and so registries cut it off, for good.
   * Here that holds for one exposition: in a registry it stays the metric that it was.
   */
  set name(name: string) {
    this.#nameOnce = name;
  }

  /** Its samples, in the shape of prom-client's `Metric.get()`. */
  get() {
    return this.#get(this.#name);
  }

  /** As `get()`: prom-client has a shorter form for labels that buckets share, and does without. */
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
