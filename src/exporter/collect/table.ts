/**
 * Metrics as rows of data. A table is what an endpoint says about one kind of item (a server, a stream, a
 * consumer): which labels name the item, and a row for each metric of it. The exposition, the metric
 * reference, the golden files and the dashboards come from these rows or are checked against them.
 */
import { type Family, LabelTemplate, type LabelText, type Metric, Samples } from "../../metrics/family.ts";
import { at } from "../sources/json.ts";
import { type Conversion, number } from "./conversions.ts";

/** One metric of an item. */
export interface Row<Item> extends Metric {
  /** The server's own field or fields, as its documentation writes them: `state.messages`. Part of the help. */
  readonly field: string;
  /** The value for an item, or undefined where the server does not say: then there is no sample. Never throws. */
  readonly read: (item: Item) => number | undefined;
  /** First server release that has the field, where the oldest supported one has not. */
  readonly since?: string;
}

/** What an endpoint says about one kind of item. */
export interface Table<Item> {
  /** What an item is, in the singular: `consumer`. */
  readonly item: string;
  /** The endpoint the fields are from: `/jsz`. */
  readonly endpoint: string;
  /** Label names besides `server`, which every series has. */
  readonly labels: readonly string[];
  /** Values for `labels`, by position. */
  readonly identify: (item: Item) => readonly string[];
  readonly rows: readonly Row<Item>[];
}

/** `...from("state.messages")` in a row: names the field and reads it from a JSON item, by default as a number. */
export function from(
  field: string,
  as: Conversion = number,
): { field: string; read: (item: unknown) => number | undefined } {
  const path = field.split(".");
  return { field, read: (item) => as(at(item, path)) };
}

/** Help as it is served: the meaning, then the server's own field. */
export function helpOf<Item>(table: Table<Item>, row: Row<Item>): string {
  return `${row.help} Server field: ${table.endpoint} ${row.field}.`;
}

/** The row's value for the item; no sample where a counter is below 0, which OpenMetrics forbids. */
function sampleOf<Item>(row: Row<Item>, item: Item): number | undefined {
  const value = row.read(item);
  return value !== undefined && value < 0 && row.type === "counter" ? undefined : value;
}

/** Why a series was left out. */
export type DropReason = "limit" | "duplicate";

/** What was added of one table. */
interface Filling {
  readonly labels: LabelTemplate;
  /** By position of the rows. */
  readonly columns: readonly Samples[];
  readonly seen: Set<LabelText>;
}

/**
 * Where a collector puts what it reads: samples by row, under a budget of series, each item once.
 * A fresh one for every collection, so nothing outlives a scrape.
 */
export class SampleSink {
  readonly dropped: Record<DropReason, number> = { limit: 0, duplicate: 0 };
  readonly #common: LabelText;
  readonly #budget: number;
  readonly #tables = new Map<Table<never>, Filling>();
  #series = 0;

  /**
   * @param common labels that every sample gets before its own, such as `server="n1"`; may be empty
   * @param budget most series that may be added, at least 0
   */
  constructor(common: LabelText, budget: number) {
    this.#common = common;
    this.#budget = budget;
  }

  /** Adds every row's value for the item. One that exceeds the budget, or whose labels were seen, is counted as dropped. */
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

  #begin<Item>(table: Table<Item>): Filling {
    const filling: Filling = {
      labels: new LabelTemplate(this.#common, table.labels),
      columns: table.rows.map(() => new Samples()),
      seen: new Set(),
    };
    this.#tables.set(table, filling);
    return filling;
  }

  /** What was added, in the order of the tables and their rows. */
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
