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
  return new LabelTemplate("", names).text(values);
}

/**
 * Label pairs that differ in their values only: the labels of the items of a table, after those that all of
 * them share. Texts are joined, not added up: a string made of many additions is a tree until it is read, and
 * ten thousand such trees outlive a collection of garbage or two.
 */
export class LabelTemplate {
  /** What stands before each value, and after the last. */
  readonly #between: readonly string[];
  /** The values of the item before, and their escaped forms: most labels say the same of most items. */
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
