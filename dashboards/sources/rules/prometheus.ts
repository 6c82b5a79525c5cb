/** Rules as Prometheus reads them from a file, and as the Prometheus operator reads them from Kubernetes. */
import { stringify } from "yaml";
import { uidOf } from "../boards/dashboard.ts";
import { RECORDINGS } from "./recordings.ts";
import type { Alert, AlertGroup } from "./rule.ts";
import { ALERT_GROUPS } from "./rules.ts";

/** Where runbooks can be read; the npm package holds them. */
export const RUNBOOKS = "https://unpkg.com/natscope/docs/runbooks/";

/** A rule file's content. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly PrometheusRule[] }[];
}

export type PrometheusRule =
  | { readonly record: string; readonly expr: string }
  | {
      readonly alert: string;
      readonly expr: string;
      readonly for: string;
      readonly keep_firing_for: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    };

/** All rules, recordings first: a group is evaluated in order, and groups beside each other. */
export function ruleFile(groups: readonly AlertGroup[] = ALERT_GROUPS): RuleFile {
  return {
    groups: [
      { name: "natscope.recordings", rules: RECORDINGS.map(({ record, expr }) => ({ record, expr })) },
      ...groups.map(({ name, alerts }) => ({ name, rules: alerts.map(alertRule) })),
    ],
  };
}

function alertRule(alert: Alert): PrometheusRule {
  const { name, expr, severity, summary, runbook } = alert;
  return {
    alert: name,
    expr,
    for: alert.for,
    keep_firing_for: alert.keepFiringFor,
    labels: { severity },
    annotations: {
      summary,
      description: runbook.meaning,
      dashboard: dashboardPath(alert),
      runbook_url: `${RUNBOOKS}${name}.md`,
    },
  };
}

/** Path in Grafana, with what the alert is about chosen. */
export function dashboardPath({ dashboard: [name, ...labels] }: Pick<Alert, "dashboard">): string {
  const chosen = labels.map((label) => `var-${label}={{ $labels.${label} | urlquery }}`);
  return `/d/${uidOf({ name })}${chosen.length > 0 ? `?${chosen.join("&")}` : ""}`;
}

const MADE = "# Made by npm run dashboards: change src/pack/rules/, not this file.\n";

/** The rule file as YAML. */
export function ruleFileYaml(file: RuleFile = ruleFile()): string {
  return MADE + stringify(file, { lineWidth: 0 });
}

/** A PrometheusRule. Its labels, by which a Prometheus selects it, are kustomize's to add. */
export function prometheusRuleYaml(): string {
  const resource = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "natscope" },
    spec: ruleFile(),
  };
  return MADE + stringify(resource, { lineWidth: 0 });
}
