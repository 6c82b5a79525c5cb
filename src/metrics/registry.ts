/**
 * Families of a registry in the shape of prom-client's: the process's own metrics, or a client's. Nothing
 * of prom-client is imported; whatever answers `getMetricsAsJSON()` as it does will do.
 */
import { type Family, labelText, type MetricType, Samples } from "./family.ts";

/** The part of prom-client's `Registry` that is read. */
export interface MetricRegistry {
  getMetricsAsJSON(): Promise<readonly RegistryMetric[]>;
}

export interface RegistryMetric {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge`, `histogram` or `summary`; what else there may be is `unknown`. */
  readonly type: unknown;
  readonly values?: readonly RegistryValue[];
}

export interface RegistryValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  /** Full name of a sample of a histogram or summary: `x_bucket`, `x_sum`, `x_count`. */
  readonly metricName?: string;
}

/** Rejects as the registry does: a `collect` function of its own may fail. */
export async function familiesOf(registry: MetricRegistry): Promise<Family[]> {
  return (await registry.getMetricsAsJSON()).map(familyOf);
}

function familyOf({ name, help, type, values = [] }: RegistryMetric): Family {
  return { metric: { name, help, type: typeOf(type) }, columns: columnsOf(name, values) };
}

const TYPES: readonly MetricType[] = ["counter", "gauge", "histogram", "summary"];

function typeOf(type: unknown): MetricType {
  return TYPES.find((known) => known === type) ?? "unknown";
}

/** In this order for each series of a histogram or summary; both formats want a series' samples together. */
const SUFFIXES = ["_bucket", "", "_sum", "_count"] as const;
type Suffix = (typeof SUFFIXES)[number];

function columnsOf(name: string, values: readonly RegistryValue[]): Samples[] {
  const plain = new Samples();
  const series = new Map<string, Record<Suffix, Samples>>();
  for (const { value, labels, metricName } of values) {
    const suffix = SUFFIXES.find((one) => one !== "" && metricName === name + one) ?? "";
    const { le, quantile, ...own } = labels;
    // Samples that are a series each need no order among them.
    if (suffix === "" && quantile === undefined) {
      plain.add(textOf(labels), value);
      continue;
    }
    const key = textOf(own);
    let known = series.get(key);
    if (!known) {
      const [bucket, quantiles, sum, count] = SUFFIXES.map((one) => new Samples(one)) as [
        Samples,
        Samples,
        Samples,
        Samples,
      ];
      known = { _bucket: bucket, "": quantiles, _sum: sum, _count: count };
      series.set(key, known);
    }
    known[suffix].add(textOf(labels), value);
  }
  return [
    plain,
    ...[...series.values()].flatMap((columns) => SUFFIXES.map((suffix) => columns[suffix])),
  ].filter(({ length }) => length > 0);
}

function textOf(labels: RegistryValue["labels"]): string {
  const present = Object.entries(labels).filter(([, value]) => value !== undefined);
  return labelText(
    present.map(([name]) => name),
    // `le` and `quantile` are numbers to prom-client, and infinity has its own spelling.
    present.map(([, value]) => (value === Number.POSITIVE_INFINITY ? "+Inf" : String(value))),
  );
}
