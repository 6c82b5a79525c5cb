/** Exit codes of `natscope bench` and `natscope report`, and the sentences that explain them. Pure. */

import { inItsUnit, type Shown } from "../bench/report/sections.ts";
import type { Result, ScenarioResult } from "../bench/result/schema.ts";
import type { Benchmark } from "../bench/runner/benchmark.ts";
import { workloadOf } from "../bench/workloads/workloads.ts";
import { visible } from "../text/visible.ts";
import { DONE, FAILED, NOT_TRUSTED, THRESHOLD_NOT_MET } from "./exit-codes.ts";

interface Ending {
  readonly code: number;
  /** Sentences for standard error. */
  readonly reasons: readonly string[];
}

/** How a benchmark ends. @param shown of its result */
export function benchEnding({ result, failure }: Benchmark, shown: readonly Shown[]): Ending {
  const failures = [...(failure === undefined ? [] : [failure]), ...result.scenarios.flatMap(withoutSuccess)];
  if (failures.length > 0) return { code: FAILED, reasons: failures };
  if (!isTrusted(result)) return { code: NOT_TRUSTED, reasons: [] };
  const unmet = unmetThresholds(undefined, shown);
  return { code: unmet.length > 0 ? THRESHOLD_NOT_MET : DONE, reasons: unmet };
}

/** A result with its file's name and its judged thresholds. */
export interface JudgedResult {
  readonly name: string;
  readonly result: Result;
  readonly shown: readonly Shown[];
}

/** How a report ends. A report without thresholds may show results that cannot be trusted. */
export function reportEnding(judged: readonly JudgedResult[], hasThresholds: boolean): Ending {
  if (!hasThresholds) return { code: DONE, reasons: [] };
  const untrusted = judged
    .filter(({ result }) => !isTrusted(result))
    .map(({ name, result }) => {
      const why = result.interrupted === undefined ? "its verdict is INVALID" : "its run was interrupted";
      return visible(`${name} meets no threshold: ${why}`);
    });
  const unmet = judged.flatMap(({ name, shown }) => unmetThresholds(name, shown));
  const code = untrusted.length > 0 ? NOT_TRUSTED : unmet.length > 0 ? THRESHOLD_NOT_MET : DONE;
  return { code, reasons: [...untrusted, ...unmet] };
}

/** A sentence for each threshold that is not met, after the result's file and, if there are several, the scenario. */
function unmetThresholds(file: string | undefined, shown: readonly Shown[]): readonly string[] {
  return shown.flatMap(({ result: { scenario }, judgements }) => {
    const names = [...(file === undefined ? [] : [file]), ...(shown.length > 1 ? [scenario.name] : [])];
    const whose = names.length > 0 ? `${names.join(", ")}: ` : "";
    return judgements
      .filter(({ isMet }) => !isMet)
      .map(({ threshold, value }) =>
        visible(`${whose}${threshold.text} is not met: ${inItsUnit(threshold.figure, value)}`),
      );
  });
}

function isTrusted({ scenarios, interrupted, verdict }: Result): boolean {
  // Responders only end when they are interrupted.
  const isServed = scenarios.every(({ scenario }) => workloadOf(scenario.workload).service);
  return interrupted === undefined && (verdict.verdict !== "invalid" || isServed);
}

/** A sentence if no operation succeeded: that is an error, not a measurement. */
function withoutSuccess({ scenario, account, events }: ScenarioResult): readonly string[] {
  const failures = Object.entries(account.failed);
  if (account.sent === 0 || account.completed > 0 || failures.length === 0) return [];
  const first = events.find(({ kind }) => kind === "failed")?.what;
  const counts = failures.map(([type, count]) => `${type} ${count}`).join(", ");
  return [`${scenario.name}: no operation succeeded: ${first ?? counts}`];
}
