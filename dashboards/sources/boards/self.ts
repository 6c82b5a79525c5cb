/** natscope itself: are its numbers whole, how long do they take, what does it cost. */
import { OF_INSTANCE, top } from "../expressions.ts";
import { type Dashboard, figure, lines, NONE_IS_GOOD } from "./dashboard.ts";
import { SIDECARS } from "./variables.ts";

/** Series of Prometheus about its scrapes, of targets that are natscope. */
const OF_SCRAPE = `{${OF_INSTANCE}} and on (job, instance) natscope_build_info`;

export const self: Dashboard = {
  name: "self",
  title: "natscope",
  description:
    "natscope itself: collectors that fail, series that were left out, how long a scrape takes and what it costs.",
  variables: SIDECARS,
  rows: [
    {
      title: "Are the numbers whole?",
      panels: [
        figure({
          title: "Servers answering",
          description: "Of the servers that are watched, those that answered at the last scrape.",
          unit: "percentunit",
          query: { expr: `avg(nats_up{${OF_INSTANCE}})`, legend: "answering" },
          thresholds: [],
        }),
        figure({
          title: "Collectors failing",
          description:
            "Collectors that did not get, or did not understand, an answer at the last scrape. Their metrics are missing.",
          unit: "none",
          query: {
            expr: `count(natscope_collector_success{${OF_INSTANCE}}) - sum(natscope_collector_success{${OF_INSTANCE}})`,
            legend: "failing",
          },
          thresholds: NONE_IS_GOOD,
        }),
        figure({
          title: "Series left out",
          description:
            "In the time shown: beyond the series limit of a collector, or named twice by a server.",
          unit: "short",
          query: {
            expr: `round(sum(increase(natscope_series_dropped_total{${OF_INSTANCE}}[$__range]))) or 0 * sum(natscope_build_info{${OF_INSTANCE}})`,
            legend: "series",
          },
          thresholds: NONE_IS_GOOD,
        }),
        figure({
          title: "Slowest scrape",
          description: "Time that Prometheus waited for an answer, the longest of the time shown.",
          unit: "s",
          query: {
            expr: `max(max_over_time(scrape_duration_seconds{${OF_INSTANCE}}[$__range]) and on (job, instance) natscope_build_info)`,
            legend: "longest",
          },
          thresholds: [[5, "orange"]],
        }),
        figure({
          title: "Samples of a scrape",
          description: "That all processes of natscope give together.",
          unit: "short",
          query: { expr: `sum(scrape_samples_scraped${OF_SCRAPE})`, legend: "samples" },
          thresholds: [],
        }),
        figure({
          title: "Version",
          description: "Versions that run.",
          unit: "none",
          query: { expr: `count by (version) (natscope_build_info{${OF_INSTANCE}})`, legend: "{{version}}" },
          thresholds: [],
        }),
      ],
    },
    {
      title: "Scrapes",
      panels: [
        lines({
          title: "Time of each collector",
          description: "From asking to the last sample, the slowest server of each collector.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: `max by (collector) (natscope_collector_duration_seconds{${OF_INSTANCE}})`,
              legend: "{{collector}}",
            },
          ],
        }),
        lines({
          title: "Failures",
          description: "Collections that failed, by collector and reason, in the time between two points.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum by (collector, reason) (increase(natscope_collector_failures_total{${OF_INSTANCE}}[$__rate_interval])) or label_replace(0 * sum(natscope_build_info{${OF_INSTANCE}}), "reason", "none", "", "")`,
              legend: "{{collector}} {{reason}}",
            },
          ],
        }),
        lines({
          title: "Duration of scrapes",
          description: "What Prometheus sees of each process.",
          unit: "s",
          width: 8,
          queries: [{ expr: `scrape_duration_seconds${OF_SCRAPE}`, legend: "{{instance}}" }],
        }),
        lines({
          title: "Requests",
          description: "Answered by natscope in a second, by handler and status.",
          unit: "reqps",
          width: 8,
          queries: [
            {
              expr: `sum by (handler, code) (rate(natscope_http_requests_total{${OF_INSTANCE}}[$__rate_interval]))`,
              legend: "{{handler}} {{code}}",
            },
          ],
        }),
        lines({
          title: "Connections refused",
          description: "Ended before a request, by reason, in the time between two points.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum by (reason) (increase(natscope_http_connections_refused_total{${OF_INSTANCE}}[$__rate_interval]))`,
              legend: "{{reason}}",
            },
          ],
        }),
        lines({
          title: "Under way",
          description:
            "Scrapes and requests to monitoring ports at the time of a scrape: more than one scrape is more than one Prometheus.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `max by (instance) (natscope_scrapes_in_flight{${OF_INSTANCE}})`,
              legend: "{{instance}} scrapes",
            },
            {
              expr: `max by (instance) (natscope_requests_in_flight{${OF_INSTANCE}})`,
              legend: "{{instance}} requests",
            },
          ],
        }),
      ],
    },
    {
      title: "What it costs",
      panels: [
        lines({
          title: "CPU",
          description: "Processor time as a share of one core.",
          unit: "percentunit",
          width: 8,
          queries: [
            {
              expr: `max by (instance) (rate(process_cpu_seconds_total{${OF_INSTANCE}}[$__rate_interval]) and on (job, instance) natscope_build_info)`,
              legend: "{{instance}}",
            },
          ],
        }),
        lines({
          title: "Memory",
          description: "Resident memory, and the heap that is in use.",
          unit: "bytes",
          width: 8,
          queries: [
            {
              expr: `process_resident_memory_bytes${OF_SCRAPE}`,
              legend: "{{instance}} resident",
            },
            { expr: `nodejs_heap_size_used_bytes${OF_SCRAPE}`, legend: "{{instance}} heap" },
          ],
        }),
        lines({
          title: "Event loop held",
          description:
            "How late the event loop was, 99 of 100 times at most, since the last scrape: while it is held, nothing is answered.",
          unit: "s",
          width: 8,
          queries: [{ expr: top(`nodejs_eventloop_lag_p99_seconds${OF_SCRAPE}`), legend: "{{instance}}" }],
        }),
      ],
    },
  ],
};
