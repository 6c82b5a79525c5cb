/**
 * Metrics of a running benchmark, one row each. The exposition and the reference are generated from these
 * rows.
 */
import type { Metric } from "../../metrics/family.ts";
import type { CounterName } from "../measure/recorder.ts";

/** A metric and the labels of its samples. */
export interface LiveMetric extends Metric {
  readonly labels: readonly string[];
}

const OF_SCENARIO = ["scenario"] as const;

/** Metrics of the counters of a run. */
export const COUNTER_METRICS: Readonly<Record<CounterName, LiveMetric>> = {
  sent: {
    name: "natscope_bench_sent_operations_total",
    type: "counter",
    help: "Operations started: messages, requests, operations on a bucket.",
    labels: OF_SCENARIO,
  },
  completed: {
    name: "natscope_bench_completed_operations_total",
    type: "counter",
    help: "Operations that succeeded: answered, acknowledged, or read by the server.",
    labels: OF_SCENARIO,
  },
  failed: {
    name: "natscope_bench_failed_operations_total",
    type: "counter",
    help: "Operations that failed or had no response in time.",
    labels: OF_SCENARIO,
  },
  received: {
    name: "natscope_bench_received_messages_total",
    type: "counter",
    help: "Messages received, without duplicates.",
    labels: OF_SCENARIO,
  },
  blocked: {
    name: "natscope_bench_blocked_operations_total",
    type: "counter",
    help: "Operations that were due and had to wait because --in-flight was reached.",
    labels: OF_SCENARIO,
  },
  errors: {
    name: "natscope_bench_errors_total",
    type: "counter",
    help: "Errors of connections, such as a rejected subscription.",
    labels: OF_SCENARIO,
  },
  sentBytes: {
    name: "natscope_bench_sent_bytes_total",
    type: "counter",
    help: "Payload bytes of started operations.",
    labels: OF_SCENARIO,
  },
  receivedBytes: {
    name: "natscope_bench_received_bytes_total",
    type: "counter",
    help: "Payload bytes received or read.",
    labels: OF_SCENARIO,
  },
};

/** Metrics without a counter. */
export const RUN_METRICS = {
  info: {
    name: "natscope_bench_info",
    type: "info",
    help: "Workload and loop of each scenario: open (operations come at a rate) or closed (each waits for an earlier one).",
    labels: ["scenario", "workload", "loop"],
  },
  running: {
    name: "natscope_bench_running",
    type: "gauge",
    help: "Whether the scenario runs: 1 from its start to the end of its drain.",
    labels: OF_SCENARIO,
  },
  progress: {
    name: "natscope_bench_progress_ratio",
    type: "gauge",
    help: "Completed share of the scenario's time or messages (0 to 1), the larger of the two.",
    labels: OF_SCENARIO,
  },
  offered: {
    name: "natscope_bench_offered_operations_total",
    type: "counter",
    help: "Operations that were due. Absent in a closed loop.",
    labels: OF_SCENARIO,
  },
  stages: {
    name: "natscope_bench_stage_seconds",
    type: "histogram",
    help: "Duration of each stage of an operation in seconds, including the warm-up. Boundaries and sum are exact to 0.1 %.",
    labels: ["scenario", "stage"],
  },
  lastSecond: {
    name: "natscope_bench_last_second_stage_seconds",
    type: "summary",
    help: "Duration of each stage in seconds, for operations that ended in the last full second. A quantile is absent if it has too few samples.",
    labels: ["scenario", "stage", "quantile"],
  },
  events: {
    name: "natscope_bench_events_total",
    type: "counter",
    help: "Events: a command ran, a connection was lost or regained, or a new kind of error occurred.",
    labels: ["scenario", "kind"],
  },
} as const satisfies Readonly<Record<string, LiveMetric>>;

/** All metrics, in the order of the reference. */
export const LIVE_METRICS: readonly LiveMetric[] = [
  RUN_METRICS.info,
  RUN_METRICS.running,
  RUN_METRICS.progress,
  RUN_METRICS.offered,
  ...Object.values(COUNTER_METRICS),
  RUN_METRICS.stages,
  RUN_METRICS.lastSecond,
  RUN_METRICS.events,
];
