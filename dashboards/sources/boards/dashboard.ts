/**
 * What a dashboard is, as data: variables, rows of panels, queries. Symptoms stand above causes. `grafana.ts` makes
 * Grafana's JSON of it, the tests run every query of it, and the previews are drawn from it.
 */

/** One dashboard: `dashboards/<name>.json`, in Grafana `/d/natscope-<name>`. */
export interface Dashboard {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** Panels under a heading, from left to right, wrapping at 24 columns. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice at the top of a dashboard: values of a label, of which any number may be chosen. */
export interface Variable {
  readonly name: string;
  readonly description: string;
  /** Series whose label of the variable's name is offered: `nats_server_info{job=~"$job"}`. */
  readonly of: string;
  /** What "All" is in a matcher. Where absent, it is all the values that are offered. */
  readonly all?: string;
}

/** What is asked of Prometheus. */
export interface Query {
  /** PromQL; may name variables (`$server`), `$__rate_interval` and `$__range`. */
  readonly expr: string;
  /** Name of a series, from its labels: `{{server}} sent`. */
  readonly legend: string;
}

/** A value from which on a colour is meant. */
export type Threshold = readonly [from: number, colour: "green" | "orange" | "red"];

interface Shown {
  readonly title: string;
  /** What the panel says and what to think of it: a sentence or two. */
  readonly description: string;
  /** Of Grafana's units. */
  readonly unit: string;
  /** Columns of 24. */
  readonly width?: number;
}

/** Lines over time. */
export interface Lines extends Shown {
  readonly kind: "lines";
  readonly queries: readonly Query[];
  /** Drawn upon each other, for what adds up. */
  readonly stacked?: boolean;
  /** Upper end of the axis: 1 for a share. */
  readonly max?: number;
  /** Points of the queries' histograms that lead to traces. */
  readonly exemplars?: boolean;
  /** Seconds and bytes over several orders of magnitude. */
  readonly logarithmic?: boolean;
}

/** One number, large, with its course behind it. */
export interface Figure extends Shown {
  readonly kind: "figure";
  readonly query: Query;
  readonly thresholds: readonly Threshold[];
  /** Said instead of a number that there is none of. */
  readonly none?: string;
}

/** A histogram over time: how many observations, of which size. */
export interface Heat extends Shown {
  readonly kind: "heat";
  /** Gives series by `le`, or native histograms. */
  readonly query: Query;
}

/** What is now, a line for each item. */
export interface Table extends Shown {
  readonly kind: "table";
  /** Labels that name an item: the columns on the left. */
  readonly keys: readonly string[];
  readonly columns: readonly Column[];
  /** Sorted by this column, the largest first. */
  readonly sortBy: string;
  /** Dashboard that a click on an item leads to, with the item's keys as its variables. */
  readonly leadsTo?: string;
  readonly none?: string;
}

/** A value of the items of a table. */
export interface Column {
  readonly title: string;
  /** Aggregated by the table's keys, which are all the labels that it may have. */
  readonly expr: string;
  readonly unit: string;
  readonly thresholds?: readonly Threshold[];
}

export type Panel = Lines | Figure | Heat | Table;

/** `lines({ title, … })`: lines over time. */
export const lines = (panel: Omit<Lines, "kind">): Lines => ({ kind: "lines", ...panel });
/** One number. */
export const figure = (panel: Omit<Figure, "kind">): Figure => ({ kind: "figure", ...panel });
/** A histogram over time. */
export const heat = (panel: Omit<Heat, "kind">): Heat => ({ kind: "heat", ...panel });
/** A line for each item. */
export const table = (panel: Omit<Table, "kind">): Table => ({ kind: "table", ...panel });

/** Colours of a number that should be 0. */
export const NONE_IS_GOOD: readonly Threshold[] = [[1, "red"]];

/** All queries of a panel, in the order in which Grafana calls them A, B, C… */
export function queriesOf(panel: Panel): readonly Query[] {
  switch (panel.kind) {
    case "lines":
      return panel.queries;
    case "table":
      return panel.columns.map(({ title, expr }) => ({ expr, legend: title }));
    default:
      return [panel.query];
  }
}

/** Where Grafana has a dashboard. */
export const uidOf = ({ name }: Pick<Dashboard, "name">): string => `natscope-${name}`;
