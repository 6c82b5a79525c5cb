/**
 * Families from a registry with prom-client's interface: metrics of the process, or of an instrumented client. This
 * file does not import prom-client; any object with a compatible `getMetricsAsJSON()` works.
 */
import { type Family, labelText, type MetricType, Samples } from "./family.ts";

/** The part of prom-client's `Registry` used here. */
export interface MetricRegistry {
  getMetricsAsJSON(): Promise<readonly RegistryMetric[]>;
}

interface RegistryMetric {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge`, `histogram` or `summary`. Anything else becomes `unknown`. */
  readonly type: unknown;
  readonly values?: readonly RegistryValue[];
}

interface RegistryValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  /** Full sample name for a histogram or summary: `x_bucket`, `x_sum`, `x_count`. */
  readonly metricName?: string;
}

/** The families of a registry. Rejects if the registry does, for example because a `collect` function fails. */
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

/** Order within each series of a histogram or summary. Both formats require a series' samples to be adjacent. */
const SUFFIXES = ["_bucket", "", "_sum", "_count"] as const;
type Suffix = (typeof SUFFIXES)[number];

function columnsOf(name: string, values: readonly RegistryValue[]): Samples[] {
  const plain = new Samples();
  const series = new Map<string, Record<Suffix, Samples>>();
  for (const { value, labels, metricName } of values) {
    const suffix = SUFFIXES.find((one) => one !== "" && metricName === name + one) ?? "";
    const { le, quantile, ...own } = labels;
    // Samples without a suffix are a series each and need no order.
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
    // prom-client stores `le` and `quantile` as numbers, and infinity has its own spelling.
    present.map(([, value]) => (value === Number.POSITIVE_INFINITY ? "+Inf" : String(value))),
  );
}
