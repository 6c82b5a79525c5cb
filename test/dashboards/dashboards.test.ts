/**
 * Static checks of the dashboards: the rules of Grafana's dashboard linter, and some more about PromQL. `live.test.ts`
 * checks that no panel is empty.
 */
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { ALERT_GROUPS } from "../../dashboards/sources/alerts/alerts.ts";
import { DASHBOARDS } from "../../dashboards/sources/boards/dashboards.ts";
import { type Panel, queriesOf, uidOf } from "../../dashboards/sources/grafana/dashboard.ts";
import { grafanaJson } from "../../dashboards/sources/grafana/grafana.ts";
import { RECORDINGS } from "../../dashboards/sources/prometheus/recordings.ts";
import { GENERATED_DIRECTORIES, generatedFiles } from "../../dashboards/sources/write.ts";
import { knownMetrics, type MetricType } from "./known-metrics.ts";
import { selectorsOf, withValues } from "./promql.ts";

const ROOT = new URL("../../", import.meta.url);
const MAX_BYTES = 200_000;
const ALERTS = ALERT_GROUPS.flatMap(({ alerts }) => alerts);

describe("committed files", () => {
  it.each([...generatedFiles()])("%s equals what npm run dashboards generates", (path, text) => {
    expect(readFileSync(new URL(path, ROOT), "utf8") === text, path).toBe(true);
  });

  it("contain no generated file that has lost its source", () => {
    const generated = [...generatedFiles().keys()];
    for (const directory of GENERATED_DIRECTORIES) {
      const existing = readdirSync(new URL(directory, ROOT)).map((name) => `${directory}/${name}`);
      expect(existing.filter((path) => !generated.includes(path))).toEqual([]);
    }
    const boards = readdirSync(new URL("dashboards", ROOT)).filter((name) => name.endsWith(".json"));
    expect(boards.map((name) => `dashboards/${name}`).filter((path) => !generated.includes(path))).toEqual(
      [],
    );
  });

  it("fit into the annotation that kubectl apply adds", () => {
    for (const [path, text] of generatedFiles())
      expect(Buffer.byteLength(text), path).toBeLessThan(MAX_BYTES);
  });
});

describe.each(DASHBOARDS.map((dashboard) => [dashboard.title, dashboard] as const))("%s", (_, dashboard) => {
  const json = grafanaJson(dashboard, DASHBOARDS);
  const panels = json.panels.filter((panel) => "targets" in panel);
  const sources = dashboard.rows.flatMap((row) => row.panels);

  it("can be provisioned without changes", () => {
    expect(JSON.stringify(json)).not.toContain("__inputs");
    expect(json).toMatchObject({ editable: false, uid: uidOf(dashboard), schemaVersion: 42 });
    expect(json.uid?.length).toBeLessThanOrEqual(40);
    const [first] = json.templating.list ?? [];
    expect(first).toMatchObject({ type: "datasource", name: "datasource", label: "Data source" });
  });

  it("has variables that reload when the time range changes, and that its queries use", () => {
    const [, ...variables] = json.templating.list ?? [];
    expect(variables.map(({ name }) => name)[0]).toBe("job");
    const queries = sources.flatMap(queriesOf).map(({ expr }) => expr);
    for (const variable of variables) {
      expect(variable).toMatchObject({ refresh: 2, multi: true, includeAll: true, label: variable.name });
      if (["job", "instance"].includes(variable.name)) expect(variable.allValue).toBe(".+");
      const used = [...queries, ...dashboard.variables.map(({ series }) => series)];
      expect(
        used.some((text) => text.includes(`$${variable.name}`)),
        variable.name,
      ).toBe(true);
    }
  });

  it("has panels with unique ids that do not overlap", () => {
    const ids = json.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBeGreaterThan(0);
    const taken = new Set<string>();
    for (const { title, gridPos } of json.panels) {
      const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          expect(taken.has(`${column} ${line}`), `${title} at ${column}, ${line}`).toBe(false);
          taken.add(`${column} ${line}`);
        }
      }
    }
  });

  it("has panels with unique titles, a description, a unit and legends", () => {
    const titles = panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const panel of panels) {
      expect(panel.description?.length ?? 0, panel.title).toBeGreaterThan(15);
      expect(panel.description, panel.title).toMatch(/[.?]$/);
      expect(panel.description, panel.title).not.toBe(panel.title);
      expect(panel.fieldConfig?.defaults.unit, panel.title).toBeTruthy();
      expect(panel.datasource).toEqual({ type: "prometheus", uid: "$datasource" });
      expect(panel.targets.length, panel.title).toBeGreaterThan(0);
      if (panel.type === "timeseries") {
        expect(panel.options, panel.title).toMatchObject({ legend: { showLegend: true } });
      }
      const names = panel.targets.map(({ refId }) => refId);
      expect(new Set(names).size, panel.title).toBe(names.length);
      const legends = panel.targets.map(({ legendFormat }) => legendFormat);
      expect(new Set(legends).size, panel.title).toBe(legends.length);
      expect(legends.every(Boolean), panel.title).toBe(true);
    }
  });

  it("links to dashboards that exist", () => {
    const uids = new Set(DASHBOARDS.map(uidOf));
    const links = [...JSON.stringify(json).matchAll(/"\/d\/([\w-]+)/g)].map(([, uid]) => uid as string);
    expect(links.length).toBeGreaterThanOrEqual(DASHBOARDS.length - 1);
    expect(links.filter((uid) => !uids.has(uid))).toEqual([]);
  });

  it("queries only what its variables select", () => {
    // Alerts are shown for all jobs; the servers shown next to a benchmark belong to jobs that its variables do not have.
    const isUnselected = (panel: Panel, metric: string) =>
      metric.startsWith("ALERTS") ||
      (dashboard.name === "bench" && metric.startsWith("nats_server_")) ||
      (dashboard.name === "self" && metric === "natscope_build_info" && panel.kind !== "table");
    for (const panel of sources) {
      for (const { expr } of queriesOf(panel)) {
        for (const { metric, labels } of selectorsOf(withValues(expr))) {
          if (!isUnselected(panel, metric)) expect(labels, `${panel.title}: ${metric}`).toContain("job");
        }
      }
    }
  });
});

describe("expressions", () => {
  /** Every expression, with the place it is used in. */
  const expressions: (readonly [where: string, expr: string])[] = [
    ...DASHBOARDS.flatMap(({ title, rows, variables }) => [
      ...rows.flatMap(({ panels }) =>
        panels.flatMap((panel) =>
          queriesOf(panel).map(({ expr }) => [`${title}: ${panel.title}`, expr] as const),
        ),
      ),
      ...variables.map(({ name, series }) => [`${title}: $${name}`, series] as const),
    ]),
    ...RECORDINGS.map(({ record, expr }) => [record, expr] as const),
    ...ALERTS.map(({ name, expr }) => [name, expr] as const),
  ];
  const all = expressions.flatMap(([where, expr]) =>
    selectorsOf(withValues(expr)).map((selector) => ({ where, ...selector })),
  );
  let known: ReadonlyMap<string, MetricType>;
  beforeAll(async () => {
    known = await knownMetrics();
  });

  it("use only metrics that exist", () => {
    expect(all.length).toBeGreaterThan(300);
    expect(all.filter(({ metric }) => !known.has(metric))).toEqual([]);
  });

  const OF_COUNTERS = ["rate", "increase", "irate", "resets"];
  const OF_GAUGES = ["deriv", "delta", "predict_linear"];

  it("apply rate functions to counters and histograms only", () => {
    const wrong = all.filter(({ metric, function: name = "" }) => {
      const rises = ["counter", "histogram"].includes(known.get(metric) as MetricType);
      return (OF_COUNTERS.includes(name) && !rises) || (OF_GAUGES.includes(name) && rises);
    });
    expect(wrong).toEqual([]);
  });

  it("show no raw counter, except for the listed ones", () => {
    // Ratios of totals, counters that appear with their first event, and the deliveries recorded across leader changes.
    const meant = /^Bench: |^NatsClient|^consumer:nats_consumer_deliveries:max$/;
    const raw = all.filter(
      ({ where, metric, range }) => known.get(metric) === "counter" && !range && !meant.test(where),
    );
    expect(raw).toEqual([]);
  });

  it("take rates in dashboards over $__rate_interval or $__range", () => {
    const rates = expressions.filter(
      ([where, expr]) => where.includes(": ") && /\b(rate|increase)\(/.test(expr),
    );
    expect(rates.length).toBeGreaterThan(30);
    for (const [where, expr] of rates) {
      const windows = [...expr.matchAll(/\b(?:rate|increase)\([^[]*\[([^\]]+)\]/g)].map(
        ([, window]) => window,
      );
      expect(
        windows.every((window) => window === "$__rate_interval" || window === "$__range"),
        where,
      ).toBe(true);
    }
  });

  it("use only metrics that exist in runbooks too", () => {
    const texts = ALERTS.flatMap(({ runbook }) => [
      runbook.meaning,
      runbook.impact,
      ...runbook.diagnosis,
      ...runbook.mitigation,
    ]);
    const named = texts.join("\n").match(/\b(?:nats|natscope|nodejs|process)_[a-z0-9_]+[a-z0-9]\b/g) ?? [];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it("belong to alerts whose runbooks name only existing dashboards and panels", () => {
    for (const { name, dashboard, runbook } of ALERTS) {
      const board = DASHBOARDS.find((one) => one.name === dashboard[0]);
      const variables = board?.variables.map((variable) => variable.name);
      expect(variables, name).toEqual(expect.arrayContaining(dashboard.slice(1)));
      for (const line of [...runbook.diagnosis, ...runbook.mitigation]) {
        for (const [, title, after = ""] of line.matchAll(
          /NATS \/ ((?:[A-Z]\w+|natscope)(?: and consumers)?)(?:, ([^.:?)]+))?/g,
        )) {
          const rows = DASHBOARDS.find((one) => one.title === title)?.rows;
          expect(rows, `${name}: ${line}`).toBeDefined();
          const headings =
            rows?.flatMap((row) => [row.title, ...row.panels.map((panel) => panel.title)]) ?? [];
          if (/^[A-Z]/.test(after)) {
            expect(
              headings.some((heading) => after.startsWith(heading)),
              `${name}: ${after}`,
            ).toBe(true);
          }
        }
      }
    }
  });
});
