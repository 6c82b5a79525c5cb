/** Alerts about a running benchmark whose result may be invalid. */
import type { AlertGroup } from "../prometheus/rule.ts";

const RUN = "job, instance, scenario";
const rate = (metric: string): string => `sum by (${RUN}) (rate(${metric}[2m]))`;
const RUNNING = "natscope_bench_running == 1";

export const benchAlerts: AlertGroup = {
  name: "natscope.bench",
  title: "Benchmarks",
  source: "bench.ts",
  alerts: [
    {
      name: "NatsBenchFailing",
      severity: "warning",
      expr: `${rate("natscope_bench_failed_operations_total")} / ${rate("natscope_bench_sent_operations_total")} > 0.01
and on (${RUN}) ${RUNNING}`,
      for: "1m",
      keepFiringFor: "1m",
      summary: "{{ $value | humanizePercentage }} of the operations of benchmark {{ $labels.scenario }} fail",
      dashboard: ["bench", "job", "instance", "scenario"],
      runbook: {
        meaning: "More than 1 % of the benchmark's operations fail.",
        impact: "The latency of the benchmark counts only operations that succeed.",
        diagnosis: [
          "Open NATS / Bench, Errors and Events; the report of the benchmark names the errors.",
          "Check the alerts of the servers under test.",
        ],
        mitigation: ["Lower the rate, or repair what the errors name, and run the benchmark again."],
        falsePositive: "Scenarios that inject faults on purpose.",
      },
    },
    {
      name: "NatsBenchNotKeepingUp",
      severity: "info",
      expr: `${rate("natscope_bench_completed_operations_total")} < 0.9 * ${rate("natscope_bench_offered_operations_total")}
and on (${RUN}) ${RUNNING}`,
      for: "2m",
      keepFiringFor: "1m",
      summary:
        "Benchmark {{ $labels.scenario }} completes only {{ $value | humanize }} operations per second, less than 90 % of the offered rate",
      dashboard: ["bench", "job", "instance", "scenario"],
      runbook: {
        meaning: "The system under test, or the load generator, cannot sustain the offered rate.",
        impact:
          "The backlog and the latency grow for as long as the run lasts, so the latency has no steady value.",
        diagnosis: [
          "Open NATS / Bench, Operations. Sent below offered: the generator or a full connection is the limit. Completed below sent: the system under test is.",
          "Check the CPU of the servers, and of the machine that generates the load.",
        ],
        mitigation: [
          "Lower the rate until completed equals offered: that is the rate to report.",
          "Give the generator more threads, or another machine.",
        ],
      },
    },
  ],
};
