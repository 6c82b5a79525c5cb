/**
 * A family: a metric and its samples. All parts of natscope produce families, and `/metrics` renders a list of
 * them.
 *
 * Samples are two columns (rendered labels, values) instead of one object each: a scrape of a large server has a
 * hundred thousand, and all samples of a stream or consumer share one label text.
 */

/**
 * Type of a metric. `info` is a gauge that is always 1, with facts as labels; `unknown` makes no statement about
 * the value.
 */
export type MetricType = "counter" | "gauge" | "histogram" | "summary" | "info" | "unknown";

/** A metric without values. */
export interface Metric {
  /** Full name in the text format: base unit at the end, then `_total` for counters, or `_info` for info metrics. */
  readonly name: string;
  readonly type: MetricType;
  /** One line of any characters; the exposition escapes them. */
  readonly help: string;
}

/** Rendered label pairs without braces, with escaped values: `account="APP",stream="ORDERS"`. May be empty. */
export type LabelText = string;

/** Samples of one family as columns: `labels[i]` belongs to `values[i]`. */
export class Samples {
  readonly labels: LabelText[] = [];
  readonly values: number[] = [];
  /** Suffix to the metric's name: `_bucket`, `_sum` or `_count` for histograms, otherwise empty. */
  readonly suffix: string;

  constructor(suffix = "") {
    this.suffix = suffix;
  }

  /** Appends a sample. The caller ensures that `labels` is well-formed and not repeated. */
  add(labels: LabelText, value: number): void {
    this.labels.push(labels);
    this.values.push(value);
  }

  get length(): number {
    return this.values.length;
  }
}

/** A metric and its samples, in one column per source (per server, or per histogram series). */
export interface Family {
  readonly metric: Metric;
  readonly columns: readonly Samples[];
}

/** A family with a single column. */
export function family(metric: Metric, fill: (samples: Samples) => void): Family {
  const samples = new Samples();
  fill(samples);
  return { metric, columns: [samples] };
}

const NEEDS_ESCAPE = /[\\"\n]/;

/**
 * Escapes backslash, double quote and line feed in a label value, as both formats require. A lone surrogate, which
 * UTF-8 cannot encode, becomes U+FFFD here, so that equal series compare equal.
 */
export function escapeLabelValue(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value.isWellFormed() ? value : value.toWellFormed();
  return value.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Label pairs from names and values by position: `labelText(["a", "b"], ["1", "2"])` is `a="1",b="2"`. */
export function labelText(names: readonly string[], values: readonly string[]): LabelText {
  return new LabelTemplate("", names).text(values);
}

/**
 * Renders label pairs that differ only in their values, such as the labels of a table's items, after common pairs.
 * It joins arrays instead of concatenating strings: V8 keeps a concatenated string as a tree until it is read, and
 * ten thousand such trees survive several garbage collections.
 */
export class LabelTemplate {
  /** The constant text before each value, and after the last. */
  readonly #between: readonly string[];
  /** Values of the previous item and their escaped forms: most items repeat most values. */
  readonly #before: string[] = [];
  readonly #escapedBefore: string[] = [];

  /** @param common rendered pairs that come first; may be empty */
  constructor(common: LabelText, names: readonly string[]) {
    const first = common === "" || names.length === 0 ? common : `${common},`;
    const opening = names.map((name, i) => (i === 0 ? `${first}${name}="` : `",${name}="`));
    this.#between = names.length === 0 ? [first] : [...opening, '"'];
  }

  /** The pairs with these values, by position. */
  text(values: readonly string[]): LabelText {
    const between = this.#between;
    const parts = new Array<string>(2 * between.length - 1);
    for (let i = 0; i < between.length - 1; i++) {
      parts[2 * i] = between[i] as string;
      parts[2 * i + 1] = this.#escaped(i, values[i] ?? "");
    }
    parts[parts.length - 1] = between[between.length - 1] as string;
    return parts.join("");
  }

  #escaped(position: number, value: string): string {
    if (this.#before[position] !== value) {
      this.#before[position] = value;
      this.#escapedBefore[position] = escapeLabelValue(value);
    }
    return this.#escapedBefore[position] as string;
  }
}

/** Merges families of the same metric, so that each metric appears once. The first help text wins. */
export function merge(families: Iterable<Family>): Family[] {
  const byName = new Map<string, { metric: Metric; columns: Samples[] }>();
  for (const { metric, columns } of families) {
    const known = byName.get(metric.name);
    if (known) known.columns.push(...columns);
    else byName.set(metric.name, { metric, columns: [...columns] });
  }
  return [...byName.values()];
}
