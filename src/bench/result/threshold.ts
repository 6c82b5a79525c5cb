/**
 * Thresholds such as `response.p99<5ms`, `lost==0` or `rate>=10000`; for one of several scenarios `checkout/lost==0`.
 * Parsed before a run and judged after it. Pure.
 */
import { meant } from "../../input/problems.ts";
import { SECOND } from "../../time/clock.ts";
import { parseGoDuration } from "../../time/go-time.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { FIGURE_NAMES, type Figures, figure, isMeasured, type Unit, unitOf } from "./figures.ts";

/** A condition on a figure. */
export interface Threshold {
  /** As the user wrote it. */
  readonly text: string;
  /** Name of the scenario that it applies to. Default: all that have the figure. */
  readonly scenario?: string;
  readonly figure: string;
  readonly comparison: Comparison;
  /** In the unit of the figure. */
  readonly limit: number;
}

const COMPARISONS = {
  "<": (value: number, limit: number) => value < limit,
  "<=": (value: number, limit: number) => value <= limit,
  ">": (value: number, limit: number) => value > limit,
  ">=": (value: number, limit: number) => value >= limit,
  "==": (value: number, limit: number) => value === limit,
  "!=": (value: number, limit: number) => value !== limit,
} as const;

type Comparison = keyof typeof COMPARISONS;

/** The outcome of a threshold. */
export interface Judgement {
  readonly threshold: Threshold;
  /** Undefined if the figure was not measured; the threshold is then not met. */
  readonly value: number | undefined;
  readonly isMet: boolean;
}

/** Parses a threshold. @returns the threshold, or a sentence on the problem and what is expected */
export function parseThreshold(text: string): Threshold | string {
  const [, scenario, name, comparison, given] = FORM.exec(text) ?? [];
  if (!name || !comparison || !given) {
    return `"${text}" is no threshold: expected FIGURE, one of < <= > >= == !=, and a value, such as response.p99<5ms`;
  }
  const unit = unitOf(name);
  if (!unit) {
    return `"${text}": there is no figure ${name}${meant(name, FIGURE_NAMES)}`;
  }
  const limit = limitOf(given, unit);
  if (limit === undefined) return `"${text}": ${given} is no ${EXPECTED[unit]}`;
  return {
    text: text.trim(),
    ...(scenario !== undefined && { scenario }),
    figure: name,
    comparison: comparison as Comparison,
    limit,
  };
}

const FORM = /^\s*(?:(.+)\/)?([\w.]+)\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*$/;

/** Whether a threshold applies to a scenario: by its name, and by the figures that the scenario has. */
function appliesTo(threshold: Threshold, scenario: Scenario): boolean {
  if (threshold.scenario !== undefined && threshold.scenario !== scenario.name) return false;
  return isMeasured(threshold.figure, scenario);
}

/** A sentence for each threshold that applies to none of the scenarios. */
export function pointless(
  thresholds: readonly Threshold[],
  scenarios: readonly Scenario[],
): readonly string[] {
  return thresholds.flatMap(({ text, scenario: name, figure: measured }) => {
    const meant = name === undefined ? scenarios : scenarios.filter((one) => one.name === name);
    if (meant.length === 0) return [`"${text}": there is no scenario ${name}`];
    if (meant.some((one) => isMeasured(measured, one))) return [];
    const workloads = [...new Set(meant.map(({ workload, load }) => `${workload} (${load.kind} loop)`))];
    return [`"${text}": ${workloads.join(", ")} has no ${measured}`];
  });
}

/** Judges the thresholds that apply to a scenario. */
export function judge(
  thresholds: readonly Threshold[],
  figures: Figures,
  scenario: Scenario,
): readonly Judgement[] {
  const own = thresholds.filter((threshold) => appliesTo(threshold, scenario));
  return own.map((threshold) => {
    const value = figure(figures, threshold.figure);
    const isMet = value !== undefined && COMPARISONS[threshold.comparison](value, threshold.limit);
    return { threshold, value, isMet };
  });
}

const EXPECTED: Readonly<Record<Unit, string>> = {
  nanoseconds: "duration such as 5ms or 250us",
  perSecond: "number of operations a second",
  bytesPerSecond: "number of bytes a second",
  count: "whole number",
};

function limitOf(given: string, unit: Unit): number | undefined {
  if (unit === "nanoseconds") {
    const seconds = parseGoDuration(given);
    return seconds !== undefined && seconds >= 0 ? seconds * SECOND : undefined;
  }
  const value = Number(given.replaceAll("_", "").replaceAll(",", ""));
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
