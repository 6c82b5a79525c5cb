/** How a benchmark ends: its exit code, and what is said beside the report. Pure. */
import type { Benchmark } from "../../bench/benchmark/benchmark.ts";
import type { Result, ScenarioResult } from "../../bench/result/result.ts";
import type { Shown } from "../../report/sections.ts";
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
  const isMet = shown.every(({ judgements }) => judgements.every((one) => one.isMet));
  return { code: isMet ? DONE : THRESHOLD_NOT_MET, complaints: [] };
}

/** Whether what it shows is what was asked. */
export function isTrusted({ scenarios, interrupted, verdict }: Result): boolean {
  // Responders have no other end.
  const isServed = scenarios.every(({ scenario }) => scenario.workload === "serve");
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
