/** Everything in a panel's JSON except its queries: field settings, options, transformations. */
import type { Heatmap, Panel, Stat, Table, Threshold, TimeSeries } from "./dashboard.ts";
import type * as schema from "./schema.ts";

type PanelOptions = Pick<schema.Panel, "fieldConfig" | "options" | "transformations">;

/** Field settings, options and transformations of a panel. */
export function optionsOf(panel: Panel): PanelOptions {
  switch (panel.kind) {
    case "timeseries":
      return timeSeriesOptions(panel);
    case "stat":
      return statOptions(panel);
    case "heatmap":
      return heatmapOptions(panel);
    default:
      return tableOptions(panel);
  }
}

function timeSeriesOptions({ unit, stacked = false, max, logarithmic = false }: TimeSeries): PanelOptions {
  const custom: schema.TimeSeriesField = {
    drawStyle: "line",
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 5,
    showPoints: "never",
    ...(stacked && { stacking: { mode: "normal", group: "A" } }),
    ...(logarithmic && { scaleDistribution: { type: "log", log: 10 } }),
  };
  const options: schema.TimeSeriesOptions = {
    legend: { showLegend: true, displayMode: "table", placement: "bottom", calcs: ["lastNotNull", "max"] },
    tooltip: { mode: "multi", sort: "desc" },
  };
  return {
    fieldConfig: {
      defaults: { unit, ...(logarithmic ? {} : { min: 0 }), ...(max !== undefined && { max }), custom },
      overrides: [],
    },
    options,
  };
}

function statOptions({ unit, thresholds, noValue }: Stat): PanelOptions {
  const options: schema.StatOptions = {
    graphMode: "area",
    colorMode: "value",
    justifyMode: "auto",
    textMode: "auto",
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: "standard",
    orientation: "auto",
    reduceOptions: { calcs: ["lastNotNull"], values: false, fields: "" },
  };
  return {
    fieldConfig: {
      defaults: {
        unit,
        thresholds: colourSteps(thresholds),
        color: { mode: "thresholds" },
        ...(noValue !== undefined && { noValue }),
      },
      overrides: [],
    },
    options,
  };
}

function heatmapOptions({ unit }: Heatmap): PanelOptions {
  const options: schema.HeatmapOptions = {
    calculate: false,
    color: {
      mode: "scheme",
      scheme: "Spectral",
      fill: "dark-orange",
      scale: "exponential",
      exponent: 0.5,
      steps: 64,
      reverse: true,
    },
    cellGap: 1,
    showValue: "never",
    yAxis: { unit, axisPlacement: "left" },
    legend: { show: true },
    tooltip: { mode: "single", yHistogram: true },
    exemplars: { color: "rgba(255,0,255,0.7)" },
    rowsFrame: { layout: "auto" },
    filterValues: { le: 1e-9 },
  };
  return { fieldConfig: { defaults: { unit }, overrides: [] }, options };
}

/** Merges the results of all queries into one table: labels on the left, one column per query. */
function tableOptions({ unit, keys, columns, sortBy, drillDown, noValue }: Table): PanelOptions {
  const custom: schema.TableField = { align: "auto", inspect: false, filterable: true };
  const options: schema.TableOptions = {
    frameIndex: 0,
    showHeader: true,
    cellHeight: "sm",
    sortBy: [{ displayName: sortBy, desc: true }],
  };
  const titles = columns.map(({ title }, i) => [columns.length > 1 ? `Value #${refId(i)}` : "Value", title]);
  return {
    fieldConfig: {
      defaults: { unit, custom, ...(noValue !== undefined && { noValue }) },
      overrides: [
        ...columns.map(
          ({ title, unit: ofColumn, thresholds }): schema.Override => ({
            matcher: { id: "byName", options: title },
            properties: [
              { id: "unit", value: ofColumn },
              ...(thresholds
                ? [
                    { id: "thresholds", value: colourSteps(thresholds) },
                    { id: "custom.cellOptions", value: { type: "color-text" } },
                  ]
                : []),
            ],
          }),
        ),
        ...(drillDown === undefined ? [] : [linkOverride(keys, drillDown)]),
      ],
    },
    options,
    transformations: [
      { id: "merge", options: {} },
      {
        id: "organize",
        options: {
          excludeByName: { Time: true },
          renameByName: Object.fromEntries(titles),
          indexByName: Object.fromEntries(
            [...keys, ...titles.map(([name]) => name)].map((name, i) => [name, i]),
          ),
        },
      },
    ],
  };
}

/** A link on the last key column, the most specific name of an item; it passes all keys as variables. */
function linkOverride(keys: readonly string[], uid: string): schema.Override {
  const chosen = keys.map((key) => `var-${key}=\${__data.fields.${key}}`);
  const kept = ["datasource", "job", "cluster"].map((name) => `\${${name}:queryparam}`);
  return {
    matcher: { id: "byName", options: keys.at(-1) as string },
    properties: [
      {
        id: "links",
        value: [
          { title: "Open details", url: `/d/${uid}?${[...kept, ...chosen].join("&")}&\${__url_time_range}` },
        ],
      },
    ],
  };
}

/** Grafana's name of a panel's query: A, B, C… */
export function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

/** Colour steps; values below the first threshold are green. */
function colourSteps(thresholds: readonly Threshold[]): schema.Thresholds {
  const steps = thresholds.map(([value, color]) => ({ value, color }));
  return { mode: "absolute", steps: [{ value: null, color: "green" }, ...steps] };
}
