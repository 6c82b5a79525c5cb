/** Rules for a test in fast motion: windows, offsets and `for` are divided by a factor, thresholds stay. */
import type { PrometheusRule, RuleFile } from "../../dashboards/sources/prometheus/rule-file.ts";

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** The rule file with every duration divided by `factor`, but at least `minimum` seconds. */
export function accelerated({ groups }: RuleFile, factor: number, minimum: number): RuleFile {
  const shorter = (duration: string): string => {
    const [, count, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
    if (count === undefined) throw new Error(`invalid duration: ${duration}`);
    const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
    return `${seconds === 0 ? 0 : Math.max(minimum, Math.round(seconds / factor))}s`;
  };
  const expression = (expr: string): string =>
    expr
      .replace(/\[(\w+)\]/g, (_, duration: string) => `[${shorter(duration)}]`)
      .replace(/\boffset (\w+)/g, (_, duration: string) => `offset ${shorter(duration)}`);
  const rule = (given: PrometheusRule): PrometheusRule =>
    "alert" in given
      ? {
          ...given,
          expr: expression(given.expr),
          for: shorter(given.for),
          keep_firing_for: shorter(given.keep_firing_for),
        }
      : { ...given, expr: expression(given.expr) };
  return { groups: groups.map(({ name, rules }) => ({ name, rules: rules.map(rule) })) };
}
