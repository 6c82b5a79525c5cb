/** How each kind of panel looks in Grafana: the parts of its JSON that are not its queries. */
import type { Figure, Heat, Lines, Panel, Table, Threshold } from "./dashboard.ts";
import type * as schema from "./schema.ts";

type Look = Pick<schema.Panel, "fieldConfig" | "options" | "transformations">;

/** Field settings, options and transformations of a panel. */
export function optionsOf(panel: Panel): Look {
  switch (panel.kind) {
    case "lines":
      return linesLook(panel);
    case "figure":
      return figureLook(panel);
    case "heat":
      return heatLook(panel);
    default:
      return tableLook(panel);
  }
}

function linesLook({ unit, stacked = false, max, logarithmic = false }: Lines): Look {
  const custom: schema.LinesField = {
    drawStyle: "line",
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 5,
    showPoints: "never",
    ...(stacked && { stacking: { mode: "normal", group: "A" } }),
    ...(logarithmic && { scaleDistribution: { type: "log", log: 10 } }),
  };
  const options: schema.LinesOptions = {
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

function figureLook({ unit, thresholds, none }: Figure): Look {
  const options: schema.FigureOptions = {
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
        ...(none !== undefined && { noValue: none }),
      },
      overrides: [],
    },
    options,
  };
}

function heatLook({ unit }: Heat): Look {
  const options: schema.HeatOptions = {
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

/** The queries' tables side by side: labels on the left, a column for each query. */
function tableLook({ unit, keys, columns, sortBy, leadsTo, none }: Table): Look {
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
      defaults: { unit, custom, ...(none !== undefined && { noValue: none }) },
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
        ...(leadsTo === undefined ? [] : [drillDown(keys, leadsTo)]),
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

/** A link on the last of the keys, the narrowest name of an item, that chooses all of them there. */
function drillDown(keys: readonly string[], uid: string): schema.Override {
  const chosen = keys.map((key) => `var-${key}=\${__data.fields.${key}}`);
  const kept = ["datasource", "job", "cluster"].map((name) => `\${${name}:queryparam}`);
  return {
    matcher: { id: "byName", options: keys.at(-1) as string },
    properties: [
      {
        id: "links",
        value: [
          { title: "Look closer", url: `/d/${uid}?${[...kept, ...chosen].join("&")}&\${__url_time_range}` },
        ],
      },
    ],
  };
}

/** A, B, C…: what Grafana calls the queries of a panel. */
export function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

/** Steps of colour, from green on. */
function colourSteps(thresholds: readonly Threshold[]): schema.Thresholds {
  const steps = thresholds.map(([value, color]) => ({ value, color }));
  return { mode: "absolute", steps: [{ value: null, color: "green" }, ...steps] };
}
