/**
 * The figures of a scenario that a threshold may name and a report prints first: `response.p99`, `rate`,
 * `lost`. Each has one name, one unit, and one place where it is computed.
 */
import type { StageName } from "../../measure/stage.ts";
import { STAGE_NAMES } from "../../measure/stage.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { workloadOf } from "../../workloads/workloads.ts";
import type { Account } from "../result.ts";

/** What a figure is measured in. */
export type Unit = "nanoseconds" | "perSecond" | "bytesPerSecond" | "count" | "share";

/** A percentile, or one of the other numbers that a histogram has. */
export const STATISTICS = ["min", "mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"] as const;

/** Names a number of a histogram. */
export type Statistic = (typeof STATISTICS)[number];

/** Numbers of one stage; a percentile that has too few samples is absent. Nanoseconds. */
export type StageFigures = Readonly<Partial<Record<Statistic, number>>> & { readonly count: number };

/** Of one scenario. */
export interface Figures {
  readonly stages: Readonly<Partial<Record<StageName, StageFigures>>>;
  /** Operations completed in the window, a second. */
  readonly rate: number;
  /** Payload of those. */
  readonly bytesRate: number;
  /** Operations due in the window, a second; absent in a closed loop. */
  readonly offered?: number;
  readonly account: Account;
}

/** Counts that a threshold may name. */
export const COUNT_NAMES = [
  "sent",
  "completed",
  "received",
  "failed",
  "dropped",
  "lost",
  "lostAfterAck",
  "unanswered",
  "duplicates",
  "redelivered",
  "outOfOrder",
] as const;

/** Whether a name is one that some workload has. @returns its unit */
export function unitOf(name: string): Unit | undefined {
  if (name === "rate" || name === "offered") return "perSecond";
  if (name === "bytesRate") return "bytesPerSecond";
  if ((COUNT_NAMES as readonly string[]).includes(name)) return "count";
  const [stage = "", ...rest] = name.split(".");
  const statistic = rest.join(".");
  if (!(STAGE_NAMES as readonly string[]).includes(stage)) return undefined;
  if (statistic === "count") return "count";
  return (STATISTICS as readonly string[]).includes(statistic) ? "nanoseconds" : undefined;
}

/** All names, for whoever has misspelt one. */
export const FIGURE_NAMES: readonly string[] = [
  "rate",
  "offered",
  "bytesRate",
  ...COUNT_NAMES,
  ...STAGE_NAMES.flatMap((stage) => [...STATISTICS, "count"].map((statistic) => `${stage}.${statistic}`)),
];

/** Whether a scenario has a figure at all, whatever becomes of it. */
export function isMeasured(name: string, { workload, load }: Scenario): boolean {
  const { stages, receives, service, on } = workloadOf(workload);
  if (name === "offered") return load.kind === "open";
  if (name === "received") return receives && !service;
  if (name === "lostAfterAck") return on !== "subject";
  const [stage = ""] = name.split(".");
  return !(STAGE_NAMES as readonly string[]).includes(stage) || stages.includes(stage as StageName);
}

/** The value of a figure; undefined where this scenario has none: it was not measured, or not often enough. */
export function figure(figures: Figures, name: string): number | undefined {
  if (name === "rate" || name === "offered" || name === "bytesRate") return figures[name];
  if (name === "failed") return Object.values(figures.account.failed).reduce((sum, count) => sum + count, 0);
  if ((COUNT_NAMES as readonly string[]).includes(name)) {
    return figures.account[name as Exclude<(typeof COUNT_NAMES)[number], "failed">];
  }
  const [stage = "", ...rest] = name.split(".");
  return figures.stages[stage as StageName]?.[rest.join(".") as Statistic];
}
