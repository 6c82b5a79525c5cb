/** Bench: a benchmark while it runs, next to the metrics of the servers. */

import { type Dashboard, heatmap, RED_ABOVE_ZERO, stat, timeSeries } from "../grafana/dashboard.ts";
import { buckets, quantile, top } from "../promql/expressions.ts";
import { BENCHMARKS } from "./variables.ts";

const RUN_MATCHERS = 'job=~"$job", instance=~"$instance", scenario=~"$scenario"';
const perSecond = (metric: string): string =>
  `sum by (scenario) (rate(${metric}{${RUN_MATCHERS}}[$__rate_interval]))`;

export const bench: Dashboard = {
  name: "bench",
  title: "Bench",
  description:
    "A running benchmark: offered rate, achieved rate, latency, and the load of the servers at the same time.",
  variables: BENCHMARKS,
  rows: [
    {
      title: "Is the run valid?",
      panels: [
        stat({
          title: "Progress",
          description: "Elapsed share of the scenario.",
          unit: "percentunit",
          query: {
            expr: `max by (scenario) (natscope_bench_progress_ratio{${RUN_MATCHERS}})`,
            legend: "{{scenario}}",
          },
          thresholds: [],
        }),
        stat({
          title: "Sent of offered",
          description:
            "Operations sent as a share of those that the schedule asked for. Below 100 % the load generator or a full connection is too slow; the send delay shows by how much.",
          unit: "percentunit",
          query: {
            expr: `sum by (scenario) (natscope_bench_sent_operations_total{${RUN_MATCHERS}}) / (sum by (scenario) (natscope_bench_offered_operations_total{${RUN_MATCHERS}}) > 0)`,
            legend: "{{scenario}}",
          },
          thresholds: [],
        }),
        stat({
          title: "Failed operations",
          description: "Failed operations as a share of those sent.",
          unit: "percentunit",
          query: {
            expr: `sum by (scenario) (natscope_bench_failed_operations_total{${RUN_MATCHERS}}) / (sum by (scenario) (natscope_bench_sent_operations_total{${RUN_MATCHERS}}) > 0)`,
            legend: "{{scenario}}",
          },
          thresholds: [[0.001, "red"]],
        }),
        stat({
          title: "Blocked operations",
          description: "Operations that could not be sent at their intended time.",
          unit: "none",
          query: {
            expr: `sum by (scenario) (natscope_bench_blocked_operations_total{${RUN_MATCHERS}})`,
            legend: "{{scenario}}",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Errors",
          description: "Errors of connections and of the load generator itself.",
          unit: "none",
          query: {
            expr: `sum by (scenario) (natscope_bench_errors_total{${RUN_MATCHERS}})`,
            legend: "{{scenario}}",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "In flight",
          description: "Operations sent that have neither completed nor failed.",
          unit: "short",
          query: {
            expr: `sum by (scenario) (natscope_bench_sent_operations_total{${RUN_MATCHERS}}) - sum by (scenario) (natscope_bench_completed_operations_total{${RUN_MATCHERS}}) - sum by (scenario) (natscope_bench_failed_operations_total{${RUN_MATCHERS}})`,
            legend: "{{scenario}}",
          },
          thresholds: [],
        }),
      ],
    },
    {
      title: "Rate and latency",
      panels: [
        timeSeries({
          title: "Operations",
          description:
            "Operations per second: offered by the schedule, sent, completed, failed. If completed stays below offered, the system under test cannot sustain the rate.",
          unit: "ops",
          width: 12,
          queries: [
            { expr: perSecond("natscope_bench_offered_operations_total"), legend: "{{scenario}} offered" },
            { expr: perSecond("natscope_bench_sent_operations_total"), legend: "{{scenario}} sent" },
            {
              expr: perSecond("natscope_bench_completed_operations_total"),
              legend: "{{scenario}} completed",
            },
            { expr: perSecond("natscope_bench_failed_operations_total"), legend: "{{scenario}} failed" },
          ],
        }),
        timeSeries({
          title: "Bytes",
          description: "Payload bytes sent and received per second.",
          unit: "Bps",
          width: 12,
          queries: [
            { expr: perSecond("natscope_bench_sent_bytes_total"), legend: "{{scenario}} sent" },
            { expr: perSecond("natscope_bench_received_bytes_total"), legend: "{{scenario}} received" },
          ],
        }),
        timeSeries({
          title: "Latency in the last second",
          description:
            "Exact percentiles that the benchmark measured in the second before each scrape. Response time counts from the intended time of an operation, service time from its send.",
          unit: "s",
          width: 12,
          logarithmic: true,
          queries: [
            {
              expr: `max by (scenario, stage, quantile) (natscope_bench_last_second_stage_seconds{${RUN_MATCHERS}})`,
              legend: "{{scenario}} {{stage}} {{quantile}}",
            },
          ],
        }),
        timeSeries({
          title: "Latency by stage",
          description:
            "99th percentile from histogram buckets. Use it for the trend; the report has exact values.",
          unit: "s",
          width: 12,
          logarithmic: true,
          queries: [
            {
              expr: `(${quantile(0.99, "natscope_bench_stage_seconds", RUN_MATCHERS, ["scenario", "stage"])}) > 0`,
              legend: "{{scenario}} {{stage}} p99",
            },
          ],
        }),
        heatmap({
          title: "Response time heatmap",
          description: "Number of operations by response time, counted from the intended time.",
          unit: "s",
          width: 12,
          query: {
            expr: buckets("natscope_bench_stage_seconds", `${RUN_MATCHERS}, stage="response"`),
            legend: "{{le}}",
          },
        }),
        timeSeries({
          title: "Events",
          description: "Events of the run per interval, by kind: reconnects, injected faults, phases.",
          unit: "short",
          width: 12,
          queries: [
            {
              expr: `sum by (scenario, kind) (increase(natscope_bench_events_total{${RUN_MATCHERS}}[$__rate_interval]))`,
              legend: "{{scenario}} {{kind}}",
            },
          ],
        }),
      ],
    },
    {
      title: "Servers during the run",
      panels: [
        timeSeries({
          title: "Server CPU",
          description:
            "CPU of every server that natscope watches, as a share of its cores. Shows whether the servers or the load generator are the limit.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: "max by (server) (nats_server_cpu_ratio / nats_server_gomaxprocs)",
              legend: "{{server}}",
            },
          ],
        }),
        timeSeries({
          title: "Messages received by the servers",
          description:
            "Messages per second. The part above the benchmark's own rate is other traffic, or routes.",
          unit: "mps",
          width: 8,
          queries: [
            {
              expr: "max by (server) (rate(nats_server_received_messages_total[$__rate_interval]))",
              legend: "{{server}}",
            },
          ],
        }),
        timeSeries({
          title: "Connection problems",
          description:
            "Slow consumers and publisher stalls per interval, including the benchmark's own connections.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top("max by (server) (increase(nats_server_slow_consumers_total[$__rate_interval]))"),
              legend: "{{server}} slow consumers",
            },
            {
              expr: top("max by (server) (increase(nats_server_stalls_total[$__rate_interval]))"),
              legend: "{{server}} publisher stalls",
            },
          ],
        }),
      ],
    },
  ],
};
