/**
 * A dashboard as Grafana's classic JSON, which every Grafana since 10 accepts from a file (schema v2 it does not).
 *
 * Every panel needs a unique id and every query a name: Grafana 13 drops panels and queries without them when it
 * converts a dashboard.
 */
import { type Dashboard, type Panel, queriesOf, uidOf, type Variable } from "./dashboard.ts";
import { place } from "./layout.ts";
import { optionsOf, refId } from "./panel-options.ts";
import type * as schema from "./schema.ts";

const SCHEMA_VERSION = 42;
const DATA_SOURCE = { type: "prometheus", uid: "$datasource" } as const;
const TAGS = ["nats", "natscope"];

/**
 * Grafana's JSON of a dashboard.
 *
 * @param all every dashboard of the set; each links to all others
 */
export function grafanaJson(dashboard: Dashboard, all: readonly Dashboard[]): schema.Dashboard {
  const { name, title, description, variables, rows } = dashboard;
  return {
    uid: uidOf(dashboard),
    title: `NATS / ${title}`,
    description: `${description} Source: natscope, dashboards/sources/boards/${name}.ts.`,
    tags: TAGS,
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: false,
    graphTooltip: 1,
    timezone: "browser",
    time: { from: "now-1h", to: "now" },
    refresh: "30s",
    links: all.filter((other) => other !== dashboard).map((other) => linkTo(other, dashboard)),
    annotations: { list: [FIRING] },
    templating: { list: [dataSource, ...variables.map(variableJson)] },
    panels: place(rows, panelJson),
  };
}

/** Marks in every panel the times at which alerts fire. */
const FIRING: schema.Annotation = {
  name: "Alerts",
  enable: true,
  iconColor: "red",
  datasource: DATA_SOURCE,
  expr: 'ALERTS{alertname=~"Nats.+", alertstate="firing", severity!="info"}',
  titleFormat: "{{alertname}}",
  textFormat: "{{server}} {{stream}} {{consumer}}",
  step: "60s",
};

const dataSource: schema.Variable = {
  type: "datasource",
  name: "datasource",
  label: "Data source",
  description: "The Prometheus that scrapes natscope.",
  query: "prometheus",
  hide: 0,
  refresh: 1,
};

function variableJson({ name, description, series, allValue }: Variable): schema.Variable {
  const query = `label_values(${series}, ${name})`;
  return {
    type: "query",
    name,
    label: name,
    description,
    datasource: DATA_SOURCE,
    query: { query, refId: name },
    definition: query,
    multi: true,
    includeAll: true,
    ...(allValue !== undefined && { allValue }),
    current: { text: ["All"], value: ["$__all"] },
    refresh: 2,
    sort: 1,
    hide: 0,
  };
}

/** A link that keeps the selection of each variable that both dashboards have. */
function linkTo(other: Dashboard, from: Dashboard): schema.Link {
  const shared = from.variables.filter(({ name, series }) =>
    other.variables.some((variable) => variable.name === name && variable.series === series),
  );
  const carried = ["datasource", ...shared.map(({ name }) => name)].map((name) => `\${${name}:queryparam}`);
  return {
    title: other.title,
    type: "link",
    icon: "dashboard",
    tooltip: other.description,
    url: `/d/${uidOf(other)}?${carried.join("&")}`,
    tags: [],
    asDropdown: false,
    targetBlank: false,
    includeVars: false,
    keepTime: true,
  };
}

function panelJson(panel: Panel, id: number, gridPos: schema.GridPosition): schema.Panel {
  const { title, description, kind } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    datasource: DATA_SOURCE,
    gridPos,
    ...optionsOf(panel),
    targets: queriesOf(panel).map(({ expr, legend }, i) => ({
      refId: refId(i),
      datasource: DATA_SOURCE,
      expr,
      legendFormat: legend,
      ...(kind === "table"
        ? { instant: true, range: false, format: "table" }
        : { instant: false, range: true }),
      ...(kind === "heatmap" && { format: "heatmap" }),
      ...((kind === "heatmap" || (kind === "timeseries" && panel.exemplars)) && { exemplar: true }),
    })),
  };
}
