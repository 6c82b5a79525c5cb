/** How `natscope report` ends: its exit code, and what is said beside the report. Pure. */

import type { Shown } from "../../bench/report/sections.ts";
import type { Result } from "../../bench/result/schema.ts";
import { visible } from "../../text/visible.ts";
import { type Ending, isTrusted, unmetOf } from "../bench/ending.ts";
import { DONE, NOT_TRUSTED, THRESHOLD_NOT_MET } from "../exit-codes.ts";

/** A result, what it is called, and what thresholds came to. */
export interface JudgedResult {
  readonly name: string;
  readonly result: Result;
  readonly shown: readonly Shown[];
}

/** @param isAsked whether there are thresholds: a report alone can be made of any figures, and shows what they are worth */
export function endingOf(judged: readonly JudgedResult[], isAsked: boolean): Ending {
  if (!isAsked) return { code: DONE, complaints: [] };
  const untrusted = judged
    .filter(({ result }) => !isTrusted(result))
    .map(({ name, result }) => {
      const why = result.interrupted === undefined ? "its verdict is INVALID" : "its run was interrupted";
      return visible(`the figures of ${name} cannot be trusted, so they meet no threshold: ${why}`);
    });
  const unmet = judged.flatMap(({ name, shown }) => unmetOf(name, shown));
  const code = untrusted.length > 0 ? NOT_TRUSTED : unmet.length > 0 ? THRESHOLD_NOT_MET : DONE;
  return { code, complaints: [...untrusted, ...unmet] };
}
