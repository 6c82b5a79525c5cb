/**
 * The value that flows: a family is a metric and its samples.
 *
 * Every wing turns what it sees into families, and `/metrics` is the rendering of a list of them. Samples
 * are kept as two columns (rendered labels, values) instead of one object each: a scrape of a large server
 * has a hundred thousand, and the samples of one stream or consumer share one label text.
 */

/** `info` is a gauge that is always 1 and carries its facts as labels; `unknown` says nothing about the value. */
export type MetricType = "counter" | "gauge" | "histogram" | "summary" | "info" | "unknown";

/** What a metric is, before it has any value. */
export interface Metric {
  /** Full name in the text format: base unit at the end, `_total` after it for counters, `_info` for info. */
  readonly name: string;
  readonly type: MetricType;
  /** One line; may hold any character, the exposition escapes it. */
  readonly help: string;
}

/** Rendered label pairs without braces, values escaped: `account="APP",stream="ORDERS"`. May be empty. */
export type LabelText = string;

/** Samples of one family, column by column; `labels[i]` belongs to `values[i]`. */
export class Samples {
  readonly labels: LabelText[] = [];
  readonly values: number[] = [];
  /** Appended to the metric's name: `_bucket`, `_sum`, `_count` of histograms; empty for everything else. */
  readonly suffix: string;

  constructor(suffix = "") {
    this.suffix = suffix;
  }

  add(labels: LabelText, value: number): void {
    this.labels.push(labels);
    this.values.push(value);
  }

  get length(): number {
    return this.values.length;
  }
}

/** A metric and its samples, in as many columns as it has sources (one per server, or per histogram series). */
export interface Family {
  readonly metric: Metric;
  readonly columns: readonly Samples[];
}

/** A family of a single column. */
export function family(metric: Metric, fill: (samples: Samples) => void): Family {
  const samples = new Samples();
  fill(samples);
  return { metric, columns: [samples] };
}

const NEEDS_ESCAPE = /[\\"\n]/;

/**
 * Escapes a label value as both exposition formats ask: backslash, double quote, line feed. Half a surrogate
 * pair, which UTF-8 cannot say, becomes U+FFFD here already, so that equal series are seen to be equal.
 */
export function escapeLabelValue(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value.isWellFormed() ? value : value.toWellFormed();
  return value.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** `labelText(["a", "b"], ["1", "2"])` is `a="1",b="2"`. Names and values pair by position. */
export function labelText(names: readonly string[], values: readonly string[]): LabelText {
  let text = "";
  for (let i = 0; i < names.length; i++) {
    if (i > 0) text += ",";
    text += `${names[i]}="${escapeLabelValue(values[i] ?? "")}"`;
  }
  return text;
}

/** Merges families of the same metric, so that no family appears twice; the first metric's help wins. */
export function merge(families: Iterable<Family>): Family[] {
  const byName = new Map<string, { metric: Metric; columns: Samples[] }>();
  for (const { metric, columns } of families) {
    const known = byName.get(metric.name);
    if (known) known.columns.push(...columns);
    else byName.set(metric.name, { metric, columns: [...columns] });
  }
  return [...byName.values()];
}
