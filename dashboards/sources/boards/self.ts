/** natscope itself: completeness of its metrics, duration of scrapes, resource usage. */

import { type Dashboard, RED_ABOVE_ZERO, stat, timeSeries } from "../grafana/dashboard.ts";
import { INSTANCE_MATCHERS, top } from "../promql/expressions.ts";
import { NATSCOPE_PROCESSES } from "./variables.ts";

/** Restricts Prometheus's own scrape series to natscope targets. */
const NATSCOPE_SCRAPES = `{${INSTANCE_MATCHERS}} and on (job, instance) natscope_build_info`;

export const self: Dashboard = {
  name: "self",
  title: "natscope",
  description: "natscope itself: failing collectors, dropped series, scrape duration, resource usage.",
  variables: NATSCOPE_PROCESSES,
  rows: [
    {
      title: "Are the metrics complete?",
      panels: [
        stat({
          title: "Servers answering",
          description: "Share of the watched servers that answered at the last scrape.",
          unit: "percentunit",
          query: { expr: `avg(nats_up{${INSTANCE_MATCHERS}})`, legend: "answering" },
          thresholds: [],
        }),
        stat({
          title: "Failing collectors",
          description: "Collectors without a usable reply at the last scrape. Their metrics are missing.",
          unit: "none",
          query: {
            expr: `count(natscope_collector_success{${INSTANCE_MATCHERS}}) - sum(natscope_collector_success{${INSTANCE_MATCHERS}})`,
            legend: "failing",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Dropped series",
          description:
            "Series dropped in the selected time: beyond the series limit of a collector, or reported twice by a server.",
          unit: "short",
          query: {
            expr: `round(sum(increase(natscope_series_dropped_total{${INSTANCE_MATCHERS}}[$__range]))) or 0 * sum(natscope_build_info{${INSTANCE_MATCHERS}})`,
            legend: "series",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Slowest scrape",
          description: "Maximum duration of a scrape in the selected time, as Prometheus measured it.",
          unit: "s",
          query: {
            expr: `max(max_over_time(scrape_duration_seconds{${INSTANCE_MATCHERS}}[$__range]) and on (job, instance) natscope_build_info)`,
            legend: "longest",
          },
          thresholds: [[5, "orange"]],
        }),
        stat({
          title: "Samples per scrape",
          description: "Samples of one scrape, summed over all natscope processes.",
          unit: "short",
          query: { expr: `sum(scrape_samples_scraped${NATSCOPE_SCRAPES})`, legend: "samples" },
          thresholds: [],
        }),
        stat({
          title: "Version",
          description: "Running versions of natscope.",
          unit: "none",
          query: {
            expr: `count by (version) (natscope_build_info{${INSTANCE_MATCHERS}})`,
            legend: "{{version}}",
          },
          thresholds: [],
        }),
      ],
    },
    {
      title: "Scrapes",
      panels: [
        timeSeries({
          title: "Collector duration",
          description: "Time from the request to the last sample, for the slowest server of each collector.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: `max by (collector) (natscope_collector_duration_seconds{${INSTANCE_MATCHERS}})`,
              legend: "{{collector}}",
            },
          ],
        }),
        timeSeries({
          title: "Collector failures",
          description: "Failed collections per interval, by collector and reason.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum by (collector, reason) (increase(natscope_collector_failures_total{${INSTANCE_MATCHERS}}[$__rate_interval])) or label_replace(0 * sum(natscope_build_info{${INSTANCE_MATCHERS}}), "reason", "none", "", "")`,
              legend: "{{collector}} {{reason}}",
            },
          ],
        }),
        timeSeries({
          title: "Scrape duration",
          description: "Duration of scrapes, as Prometheus measures it for each process.",
          unit: "s",
          width: 8,
          queries: [{ expr: `scrape_duration_seconds${NATSCOPE_SCRAPES}`, legend: "{{instance}}" }],
        }),
        timeSeries({
          title: "HTTP requests",
          description: "HTTP requests that natscope answered per second, by handler and status code.",
          unit: "reqps",
          width: 8,
          queries: [
            {
              expr: `sum by (handler, code) (rate(natscope_http_requests_total{${INSTANCE_MATCHERS}}[$__rate_interval]))`,
              legend: "{{handler}} {{code}}",
            },
          ],
        }),
        timeSeries({
          title: "Refused connections",
          description: "Connections that natscope closed before a request, by reason, per interval.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum by (reason) (increase(natscope_http_connections_refused_total{${INSTANCE_MATCHERS}}[$__rate_interval]))`,
              legend: "{{reason}}",
            },
          ],
        }),
        timeSeries({
          title: "In flight",
          description:
            "Scrapes, and requests to monitoring ports, in flight at the time of a scrape. More than one scrape means more than one Prometheus.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `max by (instance) (natscope_scrapes_in_flight{${INSTANCE_MATCHERS}})`,
              legend: "{{instance}} scrapes",
            },
            {
              expr: `max by (instance) (natscope_requests_in_flight{${INSTANCE_MATCHERS}})`,
              legend: "{{instance}} requests",
            },
          ],
        }),
      ],
    },
    {
      title: "Resource usage",
      panels: [
        timeSeries({
          title: "CPU",
          description: "Processor time as a share of one core.",
          unit: "percentunit",
          width: 8,
          queries: [
            {
              expr: `max by (instance) (rate(process_cpu_seconds_total{${INSTANCE_MATCHERS}}[$__rate_interval]) and on (job, instance) natscope_build_info)`,
              legend: "{{instance}}",
            },
          ],
        }),
        timeSeries({
          title: "Memory",
          description: "Resident memory, and used heap.",
          unit: "bytes",
          width: 8,
          queries: [
            {
              expr: `process_resident_memory_bytes${NATSCOPE_SCRAPES}`,
              legend: "{{instance}} resident",
            },
            { expr: `nodejs_heap_size_used_bytes${NATSCOPE_SCRAPES}`, legend: "{{instance}} heap" },
          ],
        }),
        timeSeries({
          title: "Event loop lag",
          description:
            "99th percentile of the event loop delay since the last scrape. While the event loop is blocked, natscope answers nothing.",
          unit: "s",
          width: 8,
          queries: [
            { expr: top(`nodejs_eventloop_lag_p99_seconds${NATSCOPE_SCRAPES}`), legend: "{{instance}}" },
          ],
        }),
      ],
    },
  ],
};
