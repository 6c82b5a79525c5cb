/**
 * Alerts and recording rules as data. An alert and its runbook are one row, so neither exists without the other;
 * Prometheus's YAML and `docs/runbooks/` are generated from these rows.
 */

export type Severity = "critical" | "warning" | "info";

/** Severity of an alert on thresholds that teams set in metadata: the threshold's key decides. */
export const SEVERITY_OF_THRESHOLD =
  '{{ if match ".*-warn" $labels.threshold }}warning{{ else }}critical{{ end }}';

/** An alert. Severity is when to act: now (critical), today (warning), at some point (info). */
export interface Alert {
  /** `NatsServerDown`; starts with `Natscope` if it is about natscope itself. */
  readonly name: `Nats${string}`;
  readonly severity: Severity | typeof SEVERITY_OF_THRESHOLD;
  /** PromQL; each series it returns is one alert. */
  readonly expr: string;
  /** How long the condition must hold before the alert fires. `0s` for events. */
  readonly for: string;
  /** How long the alert keeps firing after the condition ends, so that a flapping condition is one alert. */
  readonly keepFiringFor: string;
  /** The finding with its number, as a Prometheus template: the affected item and the extent. */
  readonly summary: string;
  /** Name of the dashboard to open, and the labels to select there. */
  readonly dashboard: readonly [name: string, ...labels: string[]];
  readonly runbook: Runbook;
}

/** Instructions for an engineer on call. The alert's description is meaning, impact and the first mitigation. */
export interface Runbook {
  /** The condition, in one or two sentences. */
  readonly meaning: string;
  /** The consequence, present or next. */
  readonly impact: string;
  /** Checks with commands and panels, most likely cause first. */
  readonly diagnosis: readonly string[];
  /** Steps in this order. */
  readonly mitigation: readonly string[];
  /** When the alert fires although nothing is wrong. */
  readonly falsePositive?: string;
}

/** A recording rule: a series that alerts use, computed once. */
export interface Recording {
  /** `level:metric:operation` */
  readonly record: string;
  readonly expr: string;
  /** Why the series is needed. */
  readonly why: string;
}

/** Rules about one subject, which Prometheus evaluates in order. */
export interface AlertGroup {
  readonly name: string;
  readonly title: string;
  /** File under `dashboards/sources/alerts/` that the generated runbooks name as their source. */
  readonly source: `${string}.ts`;
  readonly alerts: readonly Alert[];
}
