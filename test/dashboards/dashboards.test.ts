/**
 * Dashboards as somebody would check them who knows Grafana and PromQL: the rules of Grafana's dashboard linter, and
 * what they miss. Whether panels show anything is tried in `live.test.ts`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type Panel, queriesOf, uidOf } from "../../dashboards/sources/boards/dashboard.ts";
import { DASHBOARDS } from "../../dashboards/sources/boards/dashboards.ts";
import { grafanaJson } from "../../dashboards/sources/boards/grafana.ts";
import { RECORDINGS } from "../../dashboards/sources/rules/recordings.ts";
import { ALERT_GROUPS } from "../../dashboards/sources/rules/rules.ts";
import { packFiles, WHOLLY_MADE } from "../../dashboards/sources/write.ts";
import { knownMetrics, type MetricType } from "./known-metrics.ts";
import { selectorsOf, withValues } from "./promql.ts";

const ROOT = new URL("../../", import.meta.url);
const MOST_BYTES = 200_000;
const ALERTS = ALERT_GROUPS.flatMap(({ alerts }) => alerts);

describe("what is committed", () => {
  it.each([...packFiles()])("%s is what the source makes: npm run dashboards", (path, text) => {
    expect(readFileSync(new URL(path, ROOT), "utf8") === text, path).toBe(true);
  });

  it("has nothing that the source does not make any more", () => {
    const made = [...packFiles().keys()];
    for (const directory of WHOLLY_MADE) {
      const there = readdirSync(new URL(directory, ROOT)).map((name) => `${directory}/${name}`);
      expect(there.filter((path) => !made.includes(path))).toEqual([]);
    }
    const boards = readdirSync(new URL("dashboards", ROOT)).filter((name) => name.endsWith(".json"));
    expect(boards.map((name) => `dashboards/${name}`).filter((path) => !made.includes(path))).toEqual([]);
  });

  it("is small enough for an annotation of kubectl apply", () => {
    for (const [path, text] of packFiles()) expect(Buffer.byteLength(text), path).toBeLessThan(MOST_BYTES);
  });
});

describe.each(DASHBOARDS.map((dashboard) => [dashboard.title, dashboard] as const))("%s", (_, dashboard) => {
  const json = grafanaJson(dashboard, DASHBOARDS);
  const panels = json.panels.filter((panel) => "targets" in panel);
  const ours = dashboard.rows.flatMap((row) => row.panels);

  it("can be provisioned as it is", () => {
    expect(JSON.stringify(json)).not.toContain("__inputs");
    expect(json).toMatchObject({ editable: false, uid: uidOf(dashboard), schemaVersion: 42 });
    expect(json.uid?.length).toBeLessThanOrEqual(40);
    const [first] = json.templating.list ?? [];
    expect(first).toMatchObject({ type: "datasource", name: "datasource", label: "Data source" });
  });

  it("has variables that are chosen anew with the time, and that queries use", () => {
    const [, ...variables] = json.templating.list ?? [];
    expect(variables.map(({ name }) => name)[0]).toBe("job");
    const queries = ours.flatMap(queriesOf).map(({ expr }) => expr);
    for (const variable of variables) {
      expect(variable).toMatchObject({ refresh: 2, multi: true, includeAll: true, label: variable.name });
      if (["job", "instance"].includes(variable.name)) expect(variable.allValue).toBe(".+");
      const used = [...queries, ...dashboard.variables.map(({ of }) => of)];
      expect(
        used.some((text) => text.includes(`$${variable.name}`)),
        variable.name,
      ).toBe(true);
    }
  });

  it("has panels that stand beside each other, with ids of their own", () => {
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

  it("has panels that say what they show, in which unit, of what", () => {
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

  it("asks only for what its variables choose", () => {
    // Alerts are of interest whatever job is chosen; servers beside a benchmark are of jobs that it does not know.
    const unchosen = (panel: Panel, metric: string) =>
      metric.startsWith("ALERTS") ||
      (dashboard.name === "bench" && metric.startsWith("nats_server_")) ||
      (dashboard.name === "self" && metric === "natscope_build_info" && panel.kind !== "table");
    for (const panel of ours) {
      for (const { expr } of queriesOf(panel)) {
        for (const { metric, labels } of selectorsOf(withValues(expr))) {
          if (!unchosen(panel, metric)) expect(labels, `${panel.title}: ${metric}`).toContain("job");
        }
      }
    }
  });
});

describe("expressions", () => {
  /** Where each is, and what it is. */
  const expressions: (readonly [where: string, expr: string])[] = [
    ...DASHBOARDS.flatMap(({ title, rows, variables }) => [
      ...rows.flatMap(({ panels }) =>
        panels.flatMap((panel) =>
          queriesOf(panel).map(({ expr }) => [`${title}: ${panel.title}`, expr] as const),
        ),
      ),
      ...variables.map(({ name, of }) => [`${title}: $${name}`, of] as const),
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

  it("name metrics that exist", () => {
    expect(all.length).toBeGreaterThan(300);
    expect(all.filter(({ metric }) => !known.has(metric))).toEqual([]);
  });

  const OF_COUNTERS = ["rate", "increase", "irate", "resets"];
  const OF_GAUGES = ["deriv", "delta", "predict_linear"];

  it("take rates of counters and of nothing else", () => {
    const wrong = all.filter(({ metric, function: name = "" }) => {
      const rises = ["counter", "histogram"].includes(known.get(metric) as MetricType);
      return (OF_COUNTERS.includes(name) && !rises) || (OF_GAUGES.includes(name) && rises);
    });
    expect(wrong).toEqual([]);
  });

  it("show no counter as it is, where not its value is meant", () => {
    // A share of totals, events that were never there before, and the stitched value of a consumer's deliveries.
    const meant = /^Bench: |^NatsClient|^consumer:nats_consumer_deliveries:max$/;
    const raw = all.filter(
      ({ where, metric, range }) => known.get(metric) === "counter" && !range && !meant.test(where),
    );
    expect(raw).toEqual([]);
  });

  it("take rates of dashboards over an interval that fits the scrapes", () => {
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

  it("of runbooks name metrics that exist", () => {
    const texts = ALERTS.flatMap(({ runbook }) => [runbook.meaning, ...runbook.look, ...runbook.act]);
    const named = texts.join("\n").match(/\b(?:nats|natscope|nodejs|process)_[a-z0-9_]+[a-z0-9]\b/g) ?? [];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it("of runbooks and alerts name dashboards and panels that exist", () => {
    const titles = DASHBOARDS.map(({ title }) => title);
    for (const { name, dashboard, runbook } of ALERTS) {
      const board = DASHBOARDS.find((one) => one.name === dashboard[0]);
      expect(board, name).toBeDefined();
      const variables = board?.variables.map((variable) => variable.name);
      for (const label of dashboard.slice(1)) expect(variables, `${name}: ${label}`).toContain(label);
      for (const line of [...runbook.look, ...runbook.act]) {
        for (const [, said] of line.matchAll(/NATS \/ ([A-Z]\w+(?: and consumers)?|natscope)/g)) {
          expect(titles, `${name}: ${line}`).toContain(said);
        }
      }
    }
  });
});
