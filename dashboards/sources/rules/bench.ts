/** Alerts about a benchmark while it runs: its figures may not be what they seem. */
import type { AlertGroup } from "./rule.ts";

const RUN = "job, instance, scenario";
const rate = (metric: string): string => `sum by (${RUN}) (rate(${metric}[2m]))`;
const RUNNING = `and on (${RUN}) natscope_bench_running == 1`;

export const benchAlerts: AlertGroup = {
  name: "natscope.bench",
  title: "Benchmarks",
  alerts: [
    {
      name: "NatsBenchFailing",
      severity: "warning",
      expr: `${rate("natscope_bench_failed_operations_total")} / ${rate("natscope_bench_sent_operations_total")} > 0.01
${RUNNING}`,
      for: "1m",
      keepFiringFor: "1m",
      summary: "{{ $value | humanizePercentage }} of the operations of benchmark {{ $labels.scenario }} fail",
      dashboard: ["bench", "job", "instance", "scenario"],
      runbook: {
        meaning: "Operations of the benchmark fail. Its latency speaks of those that succeed.",
        look: [
          "NATS / Bench, Errors and Events; the benchmark's own report names the errors.",
          "Alerts about the servers under test.",
        ],
        act: ["Lower the rate, or repair what the errors name, and run it again."],
        harmless: "Scenarios that break something on purpose.",
      },
    },
    {
      name: "NatsBenchNotKeepingUp",
      severity: "info",
      expr: `${rate("natscope_bench_completed_operations_total")} < 0.9 * ${rate("natscope_bench_offered_operations_total")}
${RUNNING}`,
      for: "2m",
      keepFiringFor: "1m",
      summary:
        "Benchmark {{ $labels.scenario }} completes {{ $value | humanize }} operations a second, fewer than it offers",
      dashboard: ["bench", "job", "instance", "scenario"],
      runbook: {
        meaning:
          "Less is completed than the schedule offers: the system under test, or the generator, is beyond what it can do. Latency grows without end and says how long the run was.",
        look: [
          "NATS / Bench: sent below offered is the generator or a full connection; completed below sent is the system under test.",
          "CPU of the servers, and of the machine of the generator.",
        ],
        act: [
          "Lower the rate until it keeps up: that is the figure to report.",
          "Give the generator more threads, or another machine.",
        ],
      },
    },
  ],
};
