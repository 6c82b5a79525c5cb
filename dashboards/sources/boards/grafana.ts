/**
 * A dashboard as Grafana's classic JSON, which every Grafana since 10 takes from a file (schema v2 is refused there).
 *
 * Every panel has an id of its own and every query a name, without which Grafana 13 drops them as it converts.
 */
import { type Dashboard, type Panel, queriesOf, uidOf, type Variable } from "./dashboard.ts";
import { place } from "./layout.ts";
import { optionsOf, refId } from "./panel-options.ts";
import type * as schema from "./schema.ts";

const SCHEMA_VERSION = 42;
const DATA_SOURCE = { type: "prometheus", uid: "$datasource" } as const;
const TAGS = ["nats", "natscope"];

/** @param all every dashboard of the set, which each of them links to */
export function grafanaJson(dashboard: Dashboard, all: readonly Dashboard[]): schema.Dashboard {
  const { title, description, variables, rows } = dashboard;
  return {
    uid: uidOf(dashboard),
    title: `NATS / ${title}`,
    description,
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

/** Where alerts fire, over the lines of every panel. */
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

function variableJson({ name, description, of, all }: Variable): schema.Variable {
  const query = `label_values(${of}, ${name})`;
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
    ...(all !== undefined && { allValue: all }),
    current: { text: ["All"], value: ["$__all"] },
    refresh: 2,
    sort: 1,
    hide: 0,
  };
}

/** Carries along what is chosen, of the variables that mean the same in both. */
function linkTo(other: Dashboard, from: Dashboard): schema.Link {
  const shared = from.variables.filter(({ name, of }) =>
    other.variables.some((variable) => variable.name === name && variable.of === of),
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

const KINDS = { lines: "timeseries", figure: "stat", heat: "heatmap", table: "table" } as const;

function panelJson(panel: Panel, id: number, gridPos: schema.GridPosition): schema.Panel {
  const { title, description, kind } = panel;
  return {
    id,
    type: KINDS[kind],
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
      ...(kind === "heat" && { format: "heatmap" }),
      ...((kind === "heat" || (kind === "lines" && panel.exemplars)) && { exemplar: true }),
    })),
  };
}
