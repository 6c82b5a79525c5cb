/** Alerts about natscope itself: without its metrics no other alert can fire. */
import type { AlertGroup } from "../prometheus/rule.ts";

const PROCESS = "job, namespace, instance";

export const selfAlerts: AlertGroup = {
  name: "natscope.self",
  title: "natscope itself",
  source: "self.ts",
  alerts: [
    {
      name: "NatscopeDown",
      severity: "critical",
      expr: `up == 0 and on (${PROCESS}) max_over_time(natscope_build_info[1d])`,
      for: "5m",
      keepFiringFor: "5m",
      summary: "natscope at {{ $labels.instance }} cannot be scraped: its NATS servers are not monitored",
      dashboard: ["self"],
      runbook: {
        meaning: "Prometheus cannot scrape natscope.",
        impact: "No other alert about its servers can fire.",
        diagnosis: [
          "Open the target's last error in Prometheus (Status, Targets).",
          "Check natscope's process and log: is it running, was it killed for its memory?",
        ],
        mitigation: [
          "Start natscope again.",
          "If the scrape times out, see NatscopeSlow.",
          "If the error is 401 or TLS, the credentials of Prometheus do not match natscope's `--web-config`.",
        ],
      },
    },
    {
      name: "NatscopeAbsent",
      severity: "warning",
      expr: `group by (job, namespace) (max_over_time(natscope_build_info[1d]))
unless on (job, namespace) natscope_build_info
unless on (job, namespace) up == 0`,
      for: "10m",
      keepFiringFor: "5m",
      summary: "Prometheus has no natscope target in job {{ $labels.job }} any more",
      dashboard: ["self"],
      runbook: {
        meaning: "Prometheus scraped a natscope within the last day, and now has no such target.",
        impact: "No alert about its servers can fire.",
        diagnosis: [
          "Was the deployment scaled to zero or deleted? Was a label or port renamed that service discovery selects by?",
        ],
        mitigation: ["Restore the target. If it was removed on purpose, silence this alert for a day."],
      },
    },
    {
      name: "NatscopeCollectorFailing",
      severity: "warning",
      expr: "natscope_collector_success == 0 unless on (job, instance, server) nats_up == 0",
      for: "5m",
      keepFiringFor: "5m",
      summary: "natscope cannot collect {{ $labels.collector }} from NATS server {{ $labels.server }}",
      dashboard: ["self"],
      runbook: {
        meaning:
          "The server answers, but this endpoint does not, or its reply is too late, too large or not understood.",
        impact: "The metrics of this collector are missing, and alerts on them cannot fire.",
        diagnosis: [
          "Open NATS / natscope, Collector failures by reason; natscope's log has the details.",
          "If the reason is `timeout`, compare NATS / natscope, Collector duration with Prometheus's scrape timeout.",
        ],
        mitigation: [
          "If the reason is `timeout`, raise the scrape timeout, or select fewer streams and accounts.",
          "If it is `too_large`, raise natscope's limit, or select fewer streams and accounts.",
          "If it is `identity`, another server answers at this address, for example behind a load balancer. Configure the address of each server itself.",
        ],
      },
    },
    {
      name: "NatscopeSeriesDropped",
      severity: "info",
      expr: "increase(natscope_series_dropped_total[15m]) > 0",
      for: "5m",
      keepFiringFor: "15m",
      summary:
        'natscope dropped {{ $value | printf "%.0f" }} series of {{ $labels.collector }} from NATS server {{ $labels.server }} in 15 minutes ({{ $labels.reason }})',
      dashboard: ["self"],
      runbook: {
        meaning: "A collector has more series than its limit allows, or a server reports an item twice.",
        impact: "The dropped series are not monitored.",
        diagnosis: ["Which collector is it: are there very many streams, consumers or client names?"],
        mitigation: [
          "Exclude what need not be monitored (`exclude_streams` and similar settings).",
          "Raise `series_limit` for the collector, if Prometheus can hold the series.",
        ],
      },
    },
    {
      name: "NatscopeSlow",
      severity: "warning",
      expr: "min_over_time(natscope_collector_duration_seconds[5m]) > 5",
      for: "10m",
      keepFiringFor: "10m",
      summary:
        "Collecting {{ $labels.collector }} from NATS server {{ $labels.server }} takes {{ $value | humanizeDuration }}",
      dashboard: ["self"],
      runbook: {
        meaning: "The collector has taken more than five seconds at every scrape for 10 minutes.",
        impact: "When it reaches Prometheus's scrape timeout, its metrics will be missing.",
        diagnosis: [
          "Open NATS / natscope, Collector duration: one server, or all?",
          "Check the CPU of that server and of natscope, and the size of the reply (`curl -s http://HOST:8222/jsz | wc -c`).",
        ],
        mitigation: [
          "Collect less: `--no-collect`, or fewer streams and accounts.",
          "Scrape less often, with a longer timeout.",
        ],
      },
    },
    {
      name: "NatscopeReloadFailed",
      severity: "warning",
      expr: "natscope_web_config_last_reload_successful == 0",
      for: "10m",
      keepFiringFor: "5m",
      summary: "natscope at {{ $labels.instance }} rejects its changed web configuration",
      dashboard: ["self"],
      runbook: {
        meaning:
          "The web configuration file, or a file that it names, was changed and is now invalid. natscope keeps using the last valid version.",
        impact: "Changes such as a renewed certificate do not take effect.",
        diagnosis: ["Read natscope's log: it lists every problem of the file."],
        mitigation: ["Correct the file. natscope reads it again by itself."],
      },
    },
    {
      name: "NatscopeRestarting",
      severity: "warning",
      expr: `changes(process_start_time_seconds[1h]) > 3 and on (${PROCESS}) natscope_build_info`,
      for: "0s",
      keepFiringFor: "30m",
      summary: "natscope at {{ $labels.instance }} started {{ $value }} times in an hour",
      dashboard: ["self"],
      runbook: {
        meaning: "natscope keeps exiting and being restarted.",
        impact: "At each restart one or two scrapes are missing.",
        diagnosis: [
          "Read the end of its log. In Kubernetes, run `kubectl describe pod`: was the container killed for its memory?",
          "Open NATS / natscope, Memory: did it rise before each start?",
        ],
        mitigation: ["Raise the memory limit, or collect less."],
      },
    },
  ],
};
