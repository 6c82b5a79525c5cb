/**
 * Types of Grafana's dashboard JSON, derived from Grafana's own generated types: an unknown field or an invalid value
 * does not compile.
 */
import type * as common from "@grafana/grafana-foundation-sdk/common";
import type * as grafana from "@grafana/grafana-foundation-sdk/dashboard";
import type * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as table from "@grafana/grafana-foundation-sdk/table";
import type * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

/** The JSON form of a type: an enumeration becomes the union of its string or number values. */
type Json<Type> = 0 extends 1 & Type
  ? unknown
  : Type extends string
    ? `${Type}`
    : Type extends (infer Item)[]
      ? Json<Item>[]
      : Type extends object
        ? { [Key in keyof Type]: Json<Type[Key]> }
        : Type;

export type Target = Json<Omit<prometheus.Dataquery, "_implementsDataqueryVariant">>;
export type Variable = Json<grafana.VariableModel>;
export type Link = Json<grafana.DashboardLink>;
export type Transformation = Json<grafana.DataTransformerConfig>;
export type Override = Json<grafana.FieldConfigSource["overrides"][number]>;
export type GridPosition = Json<grafana.GridPos>;
export type Thresholds = Json<grafana.ThresholdsConfig>;
export type TimeSeriesOptions = Json<timeseries.Options>;
export type TimeSeriesField = Json<timeseries.FieldConfig>;
export type StatOptions = Json<stat.Options>;
export type HeatmapOptions = Json<heatmap.Options>;
export type TableOptions = Json<table.Options>;
export type TableField = Json<common.TableFieldOptions>;
export type Annotation = Json<Omit<grafana.AnnotationQuery, "target">> & { readonly target?: Target };

/** A panel whose targets are Prometheus queries. */
export interface Panel extends Omit<Json<grafana.Panel>, "targets" | "id" | "gridPos"> {
  readonly id: number;
  readonly gridPos: GridPosition;
  readonly targets: readonly Target[];
}

export type RowPanel = Json<grafana.RowPanel>;

/** A whole dashboard file. */
export interface Dashboard extends Omit<Json<grafana.Dashboard>, "panels" | "annotations"> {
  readonly panels: readonly (Panel | RowPanel)[];
  readonly annotations: { readonly list: readonly Annotation[] };
}
