/** natscope itself: are its numbers whole, how long do they take, what does it cost. */
import { INSTANCE_MATCHERS, top } from "../expressions.ts";
import { type Dashboard, RED_ABOVE_ZERO, stat, timeSeries } from "../grafana/dashboard.ts";
import { NATSCOPE_PROCESSES } from "./variables.ts";

/** Series of Prometheus about its scrapes, of targets that are natscope. */
const NATSCOPE_SCRAPES = `{${INSTANCE_MATCHERS}} and on (job, instance) natscope_build_info`;

export const self: Dashboard = {
  name: "self",
  title: "natscope",
  description:
    "natscope itself: collectors that fail, series that were left out, how long a scrape takes and what it costs.",
  variables: NATSCOPE_PROCESSES,
  rows: [
    {
      title: "Are the numbers whole?",
      panels: [
        stat({
          title: "Servers answering",
          description: "Of the servers that are watched, those that answered at the last scrape.",
          unit: "percentunit",
          query: { expr: `avg(nats_up{${INSTANCE_MATCHERS}})`, legend: "answering" },
          thresholds: [],
        }),
        stat({
          title: "Collectors failing",
          description:
            "Collectors that did not get, or did not understand, an answer at the last scrape. Their metrics are missing.",
          unit: "none",
          query: {
            expr: `count(natscope_collector_success{${INSTANCE_MATCHERS}}) - sum(natscope_collector_success{${INSTANCE_MATCHERS}})`,
            legend: "failing",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Series left out",
          description:
            "In the time shown: beyond the series limit of a collector, or named twice by a server.",
          unit: "short",
          query: {
            expr: `round(sum(increase(natscope_series_dropped_total{${INSTANCE_MATCHERS}}[$__range]))) or 0 * sum(natscope_build_info{${INSTANCE_MATCHERS}})`,
            legend: "series",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Slowest scrape",
          description: "Time that Prometheus waited for an answer, the longest of the time shown.",
          unit: "s",
          query: {
            expr: `max(max_over_time(scrape_duration_seconds{${INSTANCE_MATCHERS}}[$__range]) and on (job, instance) natscope_build_info)`,
            legend: "longest",
          },
          thresholds: [[5, "orange"]],
        }),
        stat({
          title: "Samples of a scrape",
          description: "That all processes of natscope give together.",
          unit: "short",
          query: { expr: `sum(scrape_samples_scraped${NATSCOPE_SCRAPES})`, legend: "samples" },
          thresholds: [],
        }),
        stat({
          title: "Version",
          description: "Versions that run.",
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
          title: "Time of each collector",
          description: "From asking to the last sample, the slowest server of each collector.",
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
          title: "Failures",
          description: "Collections that failed, by collector and reason, in the time between two points.",
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
          title: "Duration of scrapes",
          description: "What Prometheus sees of each process.",
          unit: "s",
          width: 8,
          queries: [{ expr: `scrape_duration_seconds${NATSCOPE_SCRAPES}`, legend: "{{instance}}" }],
        }),
        timeSeries({
          title: "Requests",
          description: "Answered by natscope in a second, by handler and status.",
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
          title: "Connections refused",
          description: "Ended before a request, by reason, in the time between two points.",
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
          title: "Under way",
          description:
            "Scrapes and requests to monitoring ports at the time of a scrape: more than one scrape is more than one Prometheus.",
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
      title: "What it costs",
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
          description: "Resident memory, and the heap that is in use.",
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
          title: "Event loop held",
          description:
            "How late the event loop was, 99 of 100 times at most, since the last scrape: while it is held, nothing is answered.",
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
