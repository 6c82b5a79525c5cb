/** How a benchmark ends: its exit code, and what is said beside the report. Pure. */

import { inItsUnit, type Shown } from "../../bench/report/sections.ts";
import type { Result, ScenarioResult } from "../../bench/result/schema.ts";
import type { Benchmark } from "../../bench/runner/benchmark.ts";
import { workloadOf } from "../../bench/workloads/workloads.ts";
import { visible } from "../../text/visible.ts";
import { DONE, FAILED, NOT_TRUSTED, THRESHOLD_NOT_MET } from "../exit-codes.ts";

/** See the file's comment. */
export interface Ending {
  readonly code: number;
  /** Sentences. */
  readonly complaints: readonly string[];
}

/** @param shown of the benchmark's result */
export function endingOf({ result, failure }: Benchmark, shown: readonly Shown[]): Ending {
  const failures = [...(failure === undefined ? [] : [failure]), ...result.scenarios.flatMap(vainScenario)];
  if (failures.length > 0) return { code: FAILED, complaints: failures };
  if (!isTrusted(result)) return { code: NOT_TRUSTED, complaints: [] };
  const unmet = unmetOf(undefined, shown);
  return { code: unmet.length > 0 ? THRESHOLD_NOT_MET : DONE, complaints: unmet };
}

/**
 * A sentence for each threshold that a scenario does not meet.
 * @param file of the result, if it has one: each sentence begins with it, and with the scenario where there are several
 */
export function unmetOf(file: string | undefined, shown: readonly Shown[]): readonly string[] {
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

/** Whether what it shows is what was asked. */
export function isTrusted({ scenarios, interrupted, verdict }: Result): boolean {
  // Responders have no other end.
  const isServed = scenarios.every(({ scenario }) => workloadOf(scenario.workload).service);
  return interrupted === undefined && (verdict.verdict !== "invalid" || isServed);
}

/** A sentence where not one operation ended well: that is no measurement but an error. */
function vainScenario({ scenario, account, events }: ScenarioResult): readonly string[] {
  const failures = Object.entries(account.failed);
  if (account.sent === 0 || account.completed > 0 || failures.length === 0) return [];
  const said = events.find(({ kind }) => kind === "failed")?.what;
  const types = failures.map(([type, count]) => `${type} ${count}`).join(", ");
  return [`${scenario.name}: no operation ended well: ${said ?? types}`];
}
