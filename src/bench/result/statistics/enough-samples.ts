/**
 * Percentiles that a number of samples supports. A percentile depends on the samples above it: with fewer than ten, it
 * is as accidental as the maximum, and is left out of reports.
 *
 * (The number of samples above a percentile is binomial: for 10 its standard error is a third, for 100 a tenth.)
 */
import { PERCENTILE_NAMES, PERCENTILES, type PercentileName, type Summary } from "../../measure/hdr.ts";

/** Minimum number of samples above a percentile that is reported. */
const MIN_ABOVE = 10;
/** With fewer samples above it, a percentile is weak. */
const ENOUGH_ABOVE = 100;

/** How well the samples support a percentile. */
type Trust = "good" | "weak" | "refused";

/** The support of a percentile. @param share 0.99 for p99 @param count number of samples */
export function trustIn(share: number, count: number): Trust {
  const above = samplesAbove(share, count);
  if (above < MIN_ABOVE) return "refused";
  return above < ENOUGH_ABOVE ? "weak" : "good";
}

/** Minimum number of samples for a percentile: 10,000 for p99.9. */
export function samplesFor(share: number): number {
  return Math.ceil(exact(MIN_ABOVE / exact(1 - share)));
}

/** The highest percentile that this number of samples supports, as a share; 0 if it supports no percentile. */
export function trustedPercentile(count: number): number {
  const supported = PERCENTILE_NAMES.map((name) => PERCENTILES[name]).filter(
    (share) => trustIn(share, count) !== "refused",
  );
  return Math.max(0, ...supported);
}

/** A summary without refused percentiles. */
type TrustedSummary = Omit<Summary, PercentileName> & Readonly<Partial<Record<PercentileName, number>>>;

/** Leaves out percentiles with too few samples. */
export function withoutRefused(summary: Summary): TrustedSummary {
  const isRefused = (name: string) =>
    name in PERCENTILES && trustIn(PERCENTILES[name as PercentileName], summary.count) === "refused";
  return Object.fromEntries(
    Object.entries(summary).filter(([name]) => !isRefused(name)),
  ) as unknown as TrustedSummary;
}

function samplesAbove(share: number, count: number): number {
  return exact(count * exact(1 - share));
}

/** Without the rounding error of 1 - 0.9, which would require an 11th sample. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}
