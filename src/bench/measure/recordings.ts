/** Sums over the recordings of several threads. */
import { mergeAll } from "./hdr.ts";
import type { Histogram } from "./histogram.ts";
import { COUNTERS, type CounterName, type Recording } from "./recorder.ts";
import { PHASES, type Phase, type StageName } from "./stage.ts";

/** Counters of all threads together. */
type Counters = Record<CounterName, number>;

/** All counters at 0. */
export function zeroCounters(): Counters {
  return Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Counters;
}

/** Sums of the counters. */
export function countersOf(recordings: readonly Recording[]): Counters {
  const sums = zeroCounters();
  for (const recording of recordings) {
    for (const name of COUNTERS) sums[name] += recording.counter(name);
  }
  return sums;
}

/** The histograms of one stage, merged. @param phases default: warm-up and window */
export function histogramOf(
  recordings: readonly Recording[],
  stage: StageName,
  phases: readonly Phase[] = PHASES,
): Histogram {
  return mergeAll(
    recordings.flatMap((recording) => phases.map((phase) => recording.histogram(phase, stage))),
  );
}
