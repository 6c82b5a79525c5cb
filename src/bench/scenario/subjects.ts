/** Subjects of a scenario, and NATS's rules for wildcards. Pure. */
import type { SubjectChoice } from "./scenario.ts";

/** The subject, or a pattern for all subjects, that a scenario publishes to. */
export function wildcardOf({ base, count }: SubjectChoice): string {
  return count === 1 ? base : `${base}.*`;
}

/** Subjects of a scenario: with several, `base.00`, `base.01` …, all with as many digits as the last. */
export function subjectNames({ base, count }: SubjectChoice): readonly string[] {
  if (count === 1) return [base];
  const digits = String(count - 1).length;
  return Array.from({ length: count }, (_, i) => `${base}.${String(i).padStart(digits, "0")}`);
}

/**
 * Whether a pattern matches a subject.
 * @param subject may contain wildcards: then the pattern has to match every subject that it matches
 */
export function covers(pattern: string, subject: string): boolean {
  const wanted = pattern.split(".");
  const tokens = subject.split(".");
  for (const [i, token] of wanted.entries()) {
    if (token === ">") return tokens.length > i;
    const own = tokens[i];
    if (own === undefined || own === ">") return false;
    if (token !== "*" && token !== own) return false;
  }
  return wanted.length === tokens.length;
}
