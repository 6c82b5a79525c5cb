/**
 * The verdict on a run: whether its numbers can be trusted. Computed from the result alone, so the same result has
 * the same verdict anywhere and at any time. Pure.
 */
import type { Verdict } from "../schema.ts";
import type { Evidence } from "./evidence.ts";
import { RULES, type Rule } from "./rules.ts";

type Reason = Verdict["reasons"][number];

/** Applies every rule. */
export function verdictOf(evidence: Evidence): Verdict {
  const reasons = RULES.flatMap((rule) => {
    const finding = rule.finding(evidence);
    return finding === undefined ? [] : [reasonOf(rule, finding)];
  });
  return combined(reasons);
}

/** The verdict on several scenarios: the worst of theirs, with the reasons of all. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  return combined(verdicts.flatMap(({ reasons }) => reasons));
}

/** Finding, consequence, remedy. */
function reasonOf({ severity, consequence, remedy }: Rule, finding: string): Reason {
  return { severity, sentence: `${finding}: ${consequence}. ${remedy}.` };
}

function combined(reasons: readonly Reason[]): Verdict {
  const invalid = reasons.filter(({ severity }) => severity === "invalid");
  const suspect = reasons.filter(({ severity }) => severity === "suspect");
  return {
    verdict: invalid.length > 0 ? "invalid" : suspect.length > 0 ? "suspect" : "valid",
    reasons: [...invalid, ...suspect],
  };
}
