/**
 * Metrics of a benchmark that runs, as dashboards and alerts name them. Stands for the table in `src/bench/live/`,
 * and goes when that is there.
 */
const counter = (name: string, ...labels: string[]) => ({
  name: `natscope_bench_${name}_total`,
  type: "counter" as const,
  labels: ["scenario", ...labels],
});
const gauge = (name: string, ...labels: string[]) => ({
  name: `natscope_bench_${name}`,
  type: "gauge" as const,
  labels: ["scenario", ...labels],
});

export const BENCH_METRICS = [
  { name: "natscope_bench_info", type: "info" as const, labels: ["scenario", "workload", "loop"] },
  gauge("running"),
  gauge("progress_ratio"),
  counter("offered_operations"),
  counter("sent_operations"),
  counter("completed_operations"),
  counter("failed_operations"),
  counter("received_messages"),
  counter("blocked_operations"),
  counter("errors"),
  counter("sent_bytes"),
  counter("received_bytes"),
  counter("events", "kind"),
  { name: "natscope_bench_stage_seconds", type: "histogram" as const, labels: ["scenario", "stage"] },
  gauge("last_second_stage_seconds", "stage", "quantile"),
];
