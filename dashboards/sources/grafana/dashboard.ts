/**
 * A dashboard as data: variables, rows of panels, queries. `grafana.ts` turns it into Grafana's JSON; the tests run
 * every query on a real Prometheus, and the previews are drawn from the same rows. Symptoms stand above causes.
 */

/** One dashboard: `dashboards/<name>.json`, at `/d/natscope-<name>` in Grafana. */
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

/** A drop-down at the top of a dashboard: values of one label, of which any number can be selected. */
export interface Variable {
  readonly name: string;
  readonly description: string;
  /** Selector of the series whose label `name` fills the drop-down: `nats_server_info{job=~"$job"}`. */
  readonly series: string;
  /** Regular expression that "All" stands for. Default: all values in the drop-down. */
  readonly allValue?: string;
}

export interface Query {
  /** PromQL; may use variables (`$server`), `$__rate_interval` and `$__range`. */
  readonly expr: string;
  /** Legend template of a series, from its labels: `{{server}} sent`. */
  readonly legend: string;
}

/** Colour of values at or above `from`. */
export type Threshold = readonly [from: number, colour: "green" | "orange" | "red"];

interface PanelBase {
  readonly title: string;
  /** One or two sentences: what the panel shows and how to judge it. */
  readonly description: string;
  /** One of Grafana's unit ids, such as `percentunit`. */
  readonly unit: string;
  /** Width in columns, of 24. */
  readonly width?: number;
}

/** Lines over time. */
export interface TimeSeries extends PanelBase {
  readonly kind: "timeseries";
  readonly queries: readonly Query[];
  /** Stacks the series, for values that add up. */
  readonly stacked?: boolean;
  /** Upper end of the axis: 1 for a ratio. */
  readonly max?: number;
  /** Shows exemplars: points that link to traces. The queries must be of histograms. */
  readonly exemplars?: boolean;
  /** Logarithmic axis, for values that span several orders of magnitude. */
  readonly logarithmic?: boolean;
}

/** One large number with a sparkline. */
export interface Stat extends PanelBase {
  readonly kind: "stat";
  readonly query: Query;
  readonly thresholds: readonly Threshold[];
  /** Text shown when the query returns nothing. */
  readonly noValue?: string;
}

/** A histogram over time. */
export interface Heatmap extends PanelBase {
  readonly kind: "heatmap";
  /** Returns series by `le`, or native histograms. */
  readonly query: Query;
}

/** Current values, one line per item. */
export interface Table extends PanelBase {
  readonly kind: "table";
  /** Labels that name an item: the columns on the left. */
  readonly keys: readonly string[];
  readonly columns: readonly Column[];
  /** Title of the column to sort by, largest first. */
  readonly sortBy: string;
  /** Uid of the dashboard that a click on an item opens, with the item's keys as its variables. */
  readonly drillDown?: string;
  /** Text shown when the queries return nothing. */
  readonly noValue?: string;
}

/** A value of each item of a table. */
export interface Column {
  readonly title: string;
  /** PromQL aggregated by the table's keys; the result must have no other labels. */
  readonly expr: string;
  readonly unit: string;
  readonly thresholds?: readonly Threshold[];
}

export type Panel = TimeSeries | Stat | Heatmap | Table;

export const timeSeries = (panel: Omit<TimeSeries, "kind">): TimeSeries => ({ kind: "timeseries", ...panel });
export const stat = (panel: Omit<Stat, "kind">): Stat => ({ kind: "stat", ...panel });
export const heatmap = (panel: Omit<Heatmap, "kind">): Heatmap => ({ kind: "heatmap", ...panel });
export const table = (panel: Omit<Table, "kind">): Table => ({ kind: "table", ...panel });

/** Colours of a number that should be 0. */
export const RED_ABOVE_ZERO: readonly Threshold[] = [[1, "red"]];

/** All queries of a panel, in the order in which Grafana names them A, B, C… */
export function queriesOf(panel: Panel): readonly Query[] {
  switch (panel.kind) {
    case "timeseries":
      return panel.queries;
    case "table":
      return panel.columns.map(({ title, expr }) => ({ expr, legend: title }));
    default:
      return [panel.query];
  }
}

/** Uid of a dashboard in Grafana, the last part of its URL. */
export const uidOf = ({ name }: Pick<Dashboard, "name">): string => `natscope-${name}`;
