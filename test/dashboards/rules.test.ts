/** Each alert fires on its cases with the expected annotations, and stays silent on conditions that only look alike. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ALERT_GROUPS } from "../../dashboards/sources/alerts/alerts.ts";
import type { Alert } from "../../dashboards/sources/prometheus/rule.ts";
import {
  dashboardPath,
  descriptionOf,
  RUNBOOK_URL,
  ruleFile,
  ruleFileYaml,
} from "../../dashboards/sources/prometheus/rule-file.ts";
import { thresholdsOf } from "../../src/exporter/endpoints/jsz/threshold.ts";
import { describeWithProgram } from "../outside-programs.ts";
import type { Cases, Firing, Series } from "./cases/case.ts";
import { JETSTREAM_CASES } from "./cases/jetstream.ts";
import { PROCESS_CASES } from "./cases/processes.ts";
import { SERVER_CASES } from "./cases/servers.ts";

const run = promisify(execFile);
const ALERTS = ALERT_GROUPS.flatMap(({ alerts }) => alerts);
const CASES: Cases = { ...SERVER_CASES, ...JETSTREAM_CASES, ...PROCESS_CASES };

describe("alerts", () => {
  it("have at least one firing and one silent case each, and no case belongs to an unknown alert", () => {
    expect(Object.keys(CASES).sort()).toEqual(ALERTS.map(({ name }) => name).sort());
    for (const [name, { fires, silent }] of Object.entries(CASES)) {
      expect([fires.length > 0, silent.length > 0], name).toEqual([true, true]);
    }
  });

  it("compare only with metadata thresholds that natscope exports", () => {
    const compared = ALERTS.flatMap(({ expr }) => [
      ...expr.matchAll(/nats_(stream|consumer)_threshold\{threshold="([^"]+)"/g),
    ]);
    expect(compared.length).toBeGreaterThan(20);
    for (const [, item, threshold] of compared) {
      const metadata = { [`io.nats.monitor.${threshold}`]: "1" };
      const asset = { names: [], json: { config: { metadata } } };
      expect([...thresholdsOf(item as "stream" | "consumer", asset)], threshold).toHaveLength(1);
    }
  });

  it("have unique names", () => {
    expect(new Set(ALERTS.map(({ name }) => name)).size).toBe(ALERTS.length);
  });
});

describeWithProgram("promtool", "the rules", (promtool) => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "natscope-rules-"));
    await writeFile(join(directory, "rules.yaml"), ruleFileYaml(ruleFile(ALERT_GROUPS)));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("pass promtool's strictest lint", async () => {
    const { stdout } = await run(promtool, [
      "check",
      "rules",
      "--lint=all",
      "--lint-fatal",
      join(directory, "rules.yaml"),
    ]);
    const count = ruleFile(ALERT_GROUPS).groups.reduce((sum, { rules }) => sum + rules.length, 0);
    expect(stdout).toContain(`SUCCESS: ${count} rules found`);
  });

  it.each(ALERT_GROUPS.flatMap(({ alerts }) => alerts.map((alert) => [alert.name, alert] as const)))(
    "%s fires on its firing cases and stays silent on the others",
    async (name, alert) => {
      const { fires = [], silent = [] } = CASES[name] ?? {};
      const tests = [
        ...fires.map((firing) => test(alert, firing)),
        ...silent.map(({ series, at }) => test(alert, { series, at, alerts: [] })),
      ];
      // Only this alert: promtool evaluates every rule of the file a thousand times.
      const rules = ruleFile([{ name: "tested", title: "", source: "tested.ts", alerts: [alert] }]);
      await writeFile(join(directory, `${name}.rules.yaml`), ruleFileYaml(rules));
      const file = join(directory, `${name}.yaml`);
      await writeFile(
        file,
        stringify({ rule_files: [`${name}.rules.yaml`], evaluation_interval: "1m", tests }),
      );
      const { stdout, stderr } = await run(promtool, ["test", "rules", file]).catch((error) => error);
      expect(stdout + stderr).toContain("SUCCESS");
    },
  );
});

/** One test in promtool's format. */
function test(alert: Alert, { series, at, alerts }: Firing): object {
  return {
    interval: "1m",
    input_series: Object.entries({ ...clusterOf(series), ...series }).map(([name, values]) => ({
      series: name.replace("{", '{job="nats",'),
      values,
    })),
    alert_rule_test: [
      {
        eval_time: at,
        alertname: alert.name,
        exp_alerts: alerts.map(([labels, summary]) => expected(alert, labels, summary)),
      },
    ],
  };
}

/** Servers n1 to n3 form the cluster C1, unless the case has its own nats_server_info. */
function clusterOf(series: Series): Series {
  if (Object.keys(series).some((name) => name.startsWith("nats_server_info{"))) return {};
  return Object.fromEntries(
    ["n1", "n2", "n3"].map((name) => [
      `nats_server_info{server="${name}",cluster="C1",version="2.15.2"}`,
      "1x900",
    ]),
  );
}

function expected(alert: Alert, labels: Readonly<Record<string, string>>, summary: string): object {
  const all: Record<string, string> = { job: "nats", severity: alert.severity, ...labels };
  const filled = dashboardPath(alert).replace(/\{\{ \$labels\.(\w+) \| urlquery \}\}/g, (_, label: string) =>
    encodeURIComponent(all[label] ?? ""),
  );
  return {
    exp_labels: all,
    exp_annotations: {
      summary,
      description: descriptionOf(alert),
      dashboard: filled,
      runbook_url: `${RUNBOOK_URL}${alert.name}.md`,
    },
  };
}
