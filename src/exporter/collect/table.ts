/**
 * Metrics as rows of data. A table describes one type of item (a server, a stream, a consumer): the labels that
 * identify an item, and one row per metric. The exposition, the metric reference, the golden files and the
 * dashboards are derived from these rows or checked against them.
 */
import { type Family, LabelTemplate, type LabelText, type Metric, Samples } from "../../metrics/family.ts";
import { at } from "../sources/json.ts";
import { type Conversion, number } from "./conversions.ts";

/** One metric of an item. */
export interface Row<Item> extends Metric {
  /** Field or fields in the server's reply, as in its documentation: `state.messages`. Part of the served help. */
  readonly field: string;
  /** Value for an item; undefined if the server does not report it, which gives no sample. Never throws. */
  readonly read: (item: Item) => number | undefined;
  /** First server release with the field, if the oldest supported release lacks it. */
  readonly since?: string;
}

/** Metrics and labels of one type of item in an endpoint's reply. */
export interface Table<Item> {
  /** Name of the item type, in the singular: `consumer`. */
  readonly item: string;
  /** Endpoint with the fields: `/jsz`. */
  readonly endpoint: string;
  /** Label names besides `server`, which every series has. */
  readonly labels: readonly string[];
  /** Values for `labels`, by position. */
  readonly identify: (item: Item) => readonly string[];
  readonly rows: readonly Row<Item>[];
}

/**
 * `...from("state.messages")` in a row: names the field and reads it from a JSON item, as a number unless `as` is
 * given.
 */
export function from(
  field: string,
  as: Conversion = number,
): { field: string; read: (item: unknown) => number | undefined } {
  const path = field.split(".");
  return { field, read: (item) => as(at(item, path)) };
}

/** Served help: the row's help, then the field in the server's reply. */
export function helpOf<Item>(table: Table<Item>, row: Row<Item>): string {
  return `${row.help} Server field: ${table.endpoint} ${row.field}.`;
}

/** Value of a row for an item. A negative counter gives no sample, because OpenMetrics forbids it. */
function sampleOf<Item>(row: Row<Item>, item: Item): number | undefined {
  const value = row.read(item);
  return value !== undefined && value < 0 && row.type === "counter" ? undefined : value;
}

/** Reason for dropping a series. */
export type DropReason = "limit" | "duplicate";

/** Samples of one table. */
interface TableSamples {
  readonly labels: LabelTemplate;
  /** By position of the rows. */
  readonly columns: readonly Samples[];
  readonly seen: Set<LabelText>;
}

/**
 * Receives the samples of one collection, by row. Enforces the series limit and drops repeated items. Each
 * collection has a new sink, so nothing outlives a scrape.
 */
export class SampleSink {
  readonly dropped: Record<DropReason, number> = { limit: 0, duplicate: 0 };
  readonly #common: LabelText;
  readonly #budget: number;
  readonly #tables = new Map<Table<never>, TableSamples>();
  #series = 0;

  /**
   * @param common labels that precede the labels of every sample, such as `server="n1"`; may be empty
   * @param budget maximum number of series, at least 0
   */
  constructor(common: LabelText, budget: number) {
    this.#common = common;
    this.#budget = budget;
  }

  /**
   * Adds the values of all rows for an item. Drops and counts the item if it exceeds the series limit or its labels
   * repeat.
   */
  add<Item>(table: Table<Item>, item: Item): void {
    const known = this.#tables.get(table) ?? this.#begin(table);
    const labels = known.labels.text(table.identify(item));
    const values = table.rows.map((row) => sampleOf(row, item));
    const series = values.reduce<number>((count, value) => (value === undefined ? count : count + 1), 0);
    if (known.seen.has(labels)) {
      this.dropped.duplicate += series;
    } else if (this.#series + series > this.#budget) {
      this.dropped.limit += series;
    } else {
      this.#series += series;
      for (let i = 0; i < values.length; i++) {
        if (values[i] !== undefined) (known.columns[i] as Samples).add(labels, values[i] as number);
      }
    }
    known.seen.add(labels);
  }

  #begin<Item>(table: Table<Item>): TableSamples {
    const tableSamples: TableSamples = {
      labels: new LabelTemplate(this.#common, table.labels),
      columns: table.rows.map(() => new Samples()),
      seen: new Set(),
    };
    this.#tables.set(table, tableSamples);
    return tableSamples;
  }

  /** The added samples, in the order of the tables and their rows. */
  families(): Family[] {
    const families: Family[] = [];
    for (const [table, { columns }] of this.#tables) {
      columns.forEach((samples, i) => {
        const row = table.rows[i] as Row<never>;
        if (samples.length > 0)
          families.push({ metric: { ...row, help: helpOf(table, row) }, columns: [samples] });
      });
    }
    return families;
  }
}
