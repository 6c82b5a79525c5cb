/** Bench: a benchmark while it runs, beside what the servers say at the same time. */
import { buckets, quantile, top } from "../expressions.ts";
import { type Dashboard, heatmap, RED_ABOVE_ZERO, stat, timeSeries } from "../grafana/dashboard.ts";
import { BENCHMARKS } from "./variables.ts";

const RUN_MATCHERS = 'job=~"$job", instance=~"$instance", scenario=~"$scenario"';
const perSecond = (metric: string): string =>
  `sum by (scenario) (rate(${metric}{${RUN_MATCHERS}}[$__rate_interval]))`;

export const bench: Dashboard = {
  name: "bench",
  title: "Bench",
  description:
    "A benchmark that runs: does it offer what it should, is it answered, how long does it take, and what do the servers say.",
  variables: BENCHMARKS,
  rows: [
    {
      title: "Can the figures be believed?",
      panels: [
        stat({
          title: "Progress",
          description: "How far the scenario has got.",
          unit: "percentunit",
          query: {
            expr: `max by (scenario) (natscope_bench_progress_ratio{${RUN_MATCHERS}})`,
            legend: "{{scenario}}",
          },
          thresholds: [],
        }),
        stat({
          title: "Sent of what was offered",
          description:
            "Operations sent, of those that the schedule asked for. Below 100 % the generator, or a connection that is full, held them back: the delay says how long.",
          unit: "percentunit",
          query: {
            expr: `sum by (scenario) (natscope_bench_sent_operations_total{${RUN_MATCHERS}}) / (sum by (scenario) (natscope_bench_offered_operations_total{${RUN_MATCHERS}}) > 0)`,
            legend: "{{scenario}}",
          },
          thresholds: [],
        }),
        stat({
          title: "Failed",
          description: "Operations that failed, of those that were sent.",
          unit: "percentunit",
          query: {
            expr: `sum by (scenario) (natscope_bench_failed_operations_total{${RUN_MATCHERS}}) / (sum by (scenario) (natscope_bench_sent_operations_total{${RUN_MATCHERS}}) > 0)`,
            legend: "{{scenario}}",
          },
          thresholds: [[0.001, "red"]],
        }),
        stat({
          title: "Held back",
          description: "Operations that could not be sent when they were due.",
          unit: "none",
          query: {
            expr: `sum by (scenario) (natscope_bench_blocked_operations_total{${RUN_MATCHERS}})`,
            legend: "{{scenario}}",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Errors",
          description: "Errors of connections and of the generator itself.",
          unit: "none",
          query: {
            expr: `sum by (scenario) (natscope_bench_errors_total{${RUN_MATCHERS}})`,
            legend: "{{scenario}}",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Waiting for an answer",
          description: "Operations that were sent and have neither completed nor failed.",
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
            "In a second: offered by the schedule, sent, completed. Where completed stays below offered, the system under test does not keep up.",
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
          description: "Payload sent and received in a second.",
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
            "As the benchmark itself measured it, exactly, in the second before each scrape. Response counts from when an operation was due, service from when it was sent.",
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
            "99 of 100 took at most this, from histograms: bounds of buckets, for the course rather than the last digit.",
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
          title: "Response times",
          description: "How many operations took how long, counted from when each was due.",
          unit: "s",
          width: 12,
          query: {
            expr: buckets("natscope_bench_stage_seconds", `${RUN_MATCHERS}, stage="response"`),
            legend: "{{le}}",
          },
        }),
        timeSeries({
          title: "Events",
          description:
            "What happened to the run, by kind: reconnects, faults, phases. In the time between two points.",
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
      title: "The servers meanwhile",
      panels: [
        timeSeries({
          title: "CPU of the servers",
          description:
            "Every server that natscope watches, as a share of its cores: what is at its end, the servers or the generator?",
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
          description: "In a second. More than the benchmark sends is other traffic, or routes.",
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
          title: "Trouble of connections",
          description:
            "Slow consumers and publishers held back, in the time between two points: the benchmark's own among them.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top("max by (server) (increase(nats_server_slow_consumers_total[$__rate_interval]))"),
              legend: "{{server}} slow consumers",
            },
            {
              expr: top("max by (server) (increase(nats_server_stalls_total[$__rate_interval]))"),
              legend: "{{server}} held back",
            },
          ],
        }),
      ],
    },
  ],
};
