/** Alerts about natscope itself: where it is silent, so is every other alert. */
import type { AlertGroup } from "./rule.ts";

const PROCESS = "job, namespace, instance";

export const selfAlerts: AlertGroup = {
  name: "natscope.self",
  title: "natscope itself",
  alerts: [
    {
      name: "NatscopeDown",
      severity: "critical",
      expr: `up == 0 and on (${PROCESS}) max_over_time(natscope_build_info[1d])`,
      for: "5m",
      keepFiringFor: "5m",
      summary: "natscope at {{ $labels.instance }} cannot be scraped: its NATS servers are not watched",
      dashboard: ["self"],
      runbook: {
        meaning:
          "Prometheus cannot scrape natscope. Every other alert about the servers that it watches is silent.",
        look: [
          "The state and last error of the target in Prometheus (Status, Targets).",
          "natscope's process and log: does it run, was it killed for its memory?",
        ],
        act: [
          "Start it again.",
          "A timeout: see NatscopeSlow.",
          "401 or TLS: the credentials in Prometheus and natscope's `--web-config` differ.",
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
      summary: "Prometheus has no natscope in job {{ $labels.job }} any more",
      dashboard: ["self"],
      runbook: {
        meaning:
          "There was a natscope within a day, and Prometheus does not even try to scrape one now. Every alert about its servers is silent.",
        look: [
          "Was the deployment scaled to zero or deleted, a label or port renamed that service discovery selects by?",
        ],
        act: ["Bring it back, or silence this for a day where it was taken away on purpose."],
      },
    },
    {
      name: "NatscopeCollectorFailing",
      severity: "warning",
      expr: "natscope_collector_success == 0 unless on (job, instance, server) nats_up == 0",
      for: "5m",
      keepFiringFor: "5m",
      summary: "natscope cannot collect {{ $labels.collector }} of NATS server {{ $labels.server }}",
      dashboard: ["self"],
      runbook: {
        meaning:
          "The server answers, and one of its endpoints does not, or not in time, or not in a way that can be understood. Metrics of that collector are missing, and alerts on them silent.",
        look: [
          "NATS / natscope, Failures by reason; natscope's log has the details.",
          "timeout: NATS / natscope, Time of each collector, beside Prometheus's scrape timeout.",
        ],
        act: [
          "timeout: raise the scrape timeout, or select fewer streams and accounts.",
          "too_large: raise natscope's limit or select less.",
          "identity: another server answers at this address, such as behind a load balancer. Name each server's own.",
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
        "natscope leaves out series of {{ $labels.collector }} of NATS server {{ $labels.server }} ({{ $labels.reason }})",
      dashboard: ["self"],
      runbook: {
        meaning:
          "A collector has more series than its limit allows, or a server names an item twice. What is beyond the limit is not watched.",
        look: ["Which collector: very many streams, consumers or client names?"],
        act: [
          "Leave out what need not be watched (`exclude_streams` and its like).",
          "Raise `series_limit` for the collector, if Prometheus can take it.",
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
        "Collecting {{ $labels.collector }} of NATS server {{ $labels.server }} takes {{ $value | humanizeDuration }}",
      dashboard: ["self"],
      runbook: {
        meaning:
          "A collector has taken more than five seconds at every scrape for ten minutes. At Prometheus's timeout its metrics will be missing.",
        look: [
          "NATS / natscope, Time of each collector: one server, or all?",
          "CPU of that server, and of natscope; the size of its answers.",
        ],
        act: [
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
      summary: "natscope at {{ $labels.instance }} cannot use its changed web configuration",
      dashboard: ["self"],
      runbook: {
        meaning:
          "The file of TLS and users, or a file that it names, was changed into something that cannot be used. The last good one is in force: a renewed certificate is not.",
        look: ["natscope's log says what is wrong, all of it."],
        act: ["Correct the file. It is read again by itself."],
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
        meaning: "natscope ends and is started again. Each time a scrape or two is missing.",
        look: [
          "The end of its log; in Kubernetes the last state of the container: killed for its memory?",
          "NATS / natscope, Memory before each start.",
        ],
        act: ["Raise the memory limit, or collect less."],
      },
    },
  ],
};
