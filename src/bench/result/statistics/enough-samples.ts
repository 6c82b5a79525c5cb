/**
 * Which percentiles a number of samples can tell. A percentile rests on the samples above it: with fewer than
 * ten of them it is about as good as the maximum, which is an accident. It is then refused, and not only marked.
 *
 * (The number of samples above a percentile is binomial: of 10 its standard error is a third, of 100 a tenth.)
 */
import { PERCENTILE_NAMES, PERCENTILES, type PercentileName, type Summary } from "../../measure/hdr.ts";

/** Samples above a percentile that it has to have to be told. */
export const LEAST_ABOVE = 10;
/** Fewer than so many, and it is told as a weak one. */
export const ENOUGH_ABOVE = 100;

/** What a percentile is worth. */
export type Trust = "told" | "weak" | "refused";

/** @param share of the percentile, 0.99 for p99 @param count of samples */
export function trustIn(share: number, count: number): Trust {
  const above = samplesAbove(share, count);
  if (above < LEAST_ABOVE) return "refused";
  return above < ENOUGH_ABOVE ? "weak" : "told";
}

/** How many samples a percentile needs to be told at all: p99.9 needs 10,000. */
export function samplesFor(share: number): number {
  return Math.ceil(exact(LEAST_ABOVE / exact(1 - share)));
}

/** The highest percentile that so many samples can tell, as a share; 0 if none. */
export function trustedPercentile(count: number): number {
  const told = PERCENTILE_NAMES.map((name) => PERCENTILES[name]).filter(
    (share) => trustIn(share, count) !== "refused",
  );
  return Math.max(0, ...told);
}

/** The numbers of a histogram without the percentiles that are refused. */
export type TrustedSummary = Omit<Summary, PercentileName> &
  Readonly<Partial<Record<PercentileName, number>>>;

/** Leaves out what there are too few samples for. */
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

/** Without the rounding of 1 - 0.9, which would want an 11th sample. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}
