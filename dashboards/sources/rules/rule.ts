/**
 * What rules are, as data: an alert stands beside its runbook, so that neither is without the other. Prometheus's
 * YAML and `docs/runbooks/` are made of these rows.
 */

export type Severity = "critical" | "warning" | "info";

/** Of thresholds that say themselves what they are. */
export const AS_THE_THRESHOLD_SAYS =
  '{{ if match ".*-warn" $labels.threshold }}warning{{ else }}critical{{ end }}';

/** Somebody should look: now (critical), today (warning), some day (info). */
export interface Alert {
  /** `NatsServerDown`; `Natscope…` where it is about natscope itself. */
  readonly name: `Nats${string}`;
  readonly severity: Severity | typeof AS_THE_THRESHOLD_SAYS;
  /** PromQL; a series is an alert. */
  readonly expr: string;
  /** How long it must be so. `0s` for what is an event and not a state. */
  readonly for: string;
  /** How long it goes on after that, so that one that comes and goes is one alert. */
  readonly keepFiringFor: string;
  /** What the operator reads first: which one, and how bad. A template of Prometheus. */
  readonly summary: string;
  /** Where to look: a dashboard's name, and the labels that choose there. */
  readonly dashboard: readonly [name: string, ...labels: string[]];
  readonly runbook: Runbook;
}

/** What to think and do at three in the morning. */
export interface Runbook {
  /** What is so, and what it does to users. */
  readonly meaning: string;
  /** What to look at, most telling first. */
  readonly look: readonly string[];
  /** What to do, in this order. */
  readonly act: readonly string[];
  /** When it fires although all is well. */
  readonly harmless?: string;
}

/** A series that rules are written with: worked out once, and whole where a leader changes. */
export interface Recording {
  /** `level:metric:operation` */
  readonly record: string;
  readonly expr: string;
  /** Why it is needed. */
  readonly why: string;
}

/** Rules of one subject, evaluated one after the other. */
export interface AlertGroup {
  readonly name: string;
  readonly title: string;
  readonly alerts: readonly Alert[];
}
