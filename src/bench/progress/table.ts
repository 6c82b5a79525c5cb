/** The metrics of a run while it goes on: one row each. What is exposed and what is documented is made of them. */
import type { Metric } from "../../metrics/family.ts";
import type { CounterName } from "../measure/recorder.ts";

/** A metric, and the labels that its samples have. */
export interface LiveMetric extends Metric {
  readonly labels: readonly string[];
}

const OF_SCENARIO = ["scenario"] as const;

/** Of each counter of a run. */
export const COUNTER_METRICS: Readonly<Record<CounterName, LiveMetric>> = {
  sent: {
    name: "natscope_bench_sent_operations_total",
    type: "counter",
    help: "Operations that were begun: messages, requests, operations on a bucket.",
    labels: OF_SCENARIO,
  },
  completed: {
    name: "natscope_bench_completed_operations_total",
    type: "counter",
    help: "Operations that ended well: answered, acknowledged, or taken in by the server.",
    labels: OF_SCENARIO,
  },
  failed: {
    name: "natscope_bench_failed_operations_total",
    type: "counter",
    help: "Operations that were refused, or had no answer in time.",
    labels: OF_SCENARIO,
  },
  received: {
    name: "natscope_bench_received_messages_total",
    type: "counter",
    help: "Messages that receivers got, each of them once.",
    labels: OF_SCENARIO,
  },
  blocked: {
    name: "natscope_bench_blocked_operations_total",
    type: "counter",
    help: "Operations that were due and had to wait, because too many were in flight.",
    labels: OF_SCENARIO,
  },
  errors: {
    name: "natscope_bench_errors_total",
    type: "counter",
    help: "Complaints of connections, such as a subscription that the server refuses.",
    labels: OF_SCENARIO,
  },
  sentBytes: {
    name: "natscope_bench_sent_bytes_total",
    type: "counter",
    help: "Payload of the operations that were begun.",
    labels: OF_SCENARIO,
  },
  receivedBytes: {
    name: "natscope_bench_received_bytes_total",
    type: "counter",
    help: "Payload of what was received or read.",
    labels: OF_SCENARIO,
  },
};

/** Besides the counters. */
export const RUN_METRICS = {
  info: {
    name: "natscope_bench_info",
    type: "info",
    help: "What each scenario does, and whether its operations come at a rate (open loop) or when earlier ones end (closed).",
    labels: ["scenario", "workload", "loop"],
  },
  running: {
    name: "natscope_bench_running",
    type: "gauge",
    help: "Whether the scenario runs: 1 from its beginning until its drain is over.",
    labels: OF_SCENARIO,
  },
  progress: {
    name: "natscope_bench_progress_ratio",
    type: "gauge",
    help: "How much of its time, or of its messages, the scenario has behind it; of both the larger share.",
    labels: OF_SCENARIO,
  },
  offered: {
    name: "natscope_bench_offered_operations_total",
    type: "counter",
    help: "Operations that were due; of open loops only.",
    labels: OF_SCENARIO,
  },
  stages: {
    name: "natscope_bench_stage_seconds",
    type: "histogram",
    help: "How long each stage of an operation took, warm-up included. Made of a histogram that is exact to a thousandth: so are these boundaries, and the sum.",
    labels: ["scenario", "stage"],
  },
  lastSecond: {
    name: "natscope_bench_last_second_stage_seconds",
    type: "summary",
    help: "How long each stage took of the operations that ended in the last whole second; a quantile only where there are enough of them to tell it.",
    labels: ["scenario", "stage", "quantile"],
  },
  events: {
    name: "natscope_bench_events_total",
    type: "counter",
    help: "What happened: a command was run, a connection was lost or regained, or something failed in a way that was not heard of before.",
    labels: ["scenario", "kind"],
  },
} as const satisfies Readonly<Record<string, LiveMetric>>;

/** All of them, in the order of the reference. */
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
