/** Compares two functions in rounds, so that load on the machine affects both. */

/** Time of one operation, in nanoseconds. */
export interface Cost {
  readonly wallNs: number;
  /** Processor time of the whole process, with garbage collection and compilation on other threads. */
  readonly cpuNs: number;
}

/** Costs of both functions, measured one right after the other. */
export interface Round {
  readonly raw: Cost;
  readonly instrumented: Cost;
}

/** Median and range of values. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Summary of rounds. */
export interface Comparison {
  readonly rounds: number;
  /** Medians. */
  readonly raw: Cost;
  readonly instrumented: Cost;
  /** Ratios of instrumented to raw, by round. */
  readonly wallRatio: Spread;
  readonly cpuRatio: Spread;
}

/** Performs `count` operations. */
export type Run = (count: number) => Promise<void>;

/** Duration of a measurement. */
export interface Effort {
  readonly operations: number;
  readonly warmUpRounds: number;
  readonly milliseconds: number;
  readonly minRounds: number;
}

/**
 * Measures in the order raw, instrumented; instrumented, raw; and so on, because the second inherits the
 * first one's memory.
 */
export async function takeTurns(raw: Run, instrumented: Run, effort: Effort): Promise<Round[]> {
  const { operations, warmUpRounds, milliseconds, minRounds } = effort;
  const rounds: Round[] = [];
  let until = Number.POSITIVE_INFINITY;
  for (let round = 0; round < warmUpRounds + minRounds || performance.now() < until; round++) {
    if (round === warmUpRounds) until = performance.now() + milliseconds;
    const rawFirst = round % 2 === 0;
    const before = await costOf(rawFirst ? raw : instrumented, operations);
    const after = await costOf(rawFirst ? instrumented : raw, operations);
    if (round < warmUpRounds) continue;
    rounds.push(rawFirst ? { raw: before, instrumented: after } : { raw: after, instrumented: before });
  }
  return rounds;
}

async function costOf(run: Run, operations: number): Promise<Cost> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await run(operations);
  // Each run collects its own garbage, so that the next one starts without it.
  globalThis.gc?.({ type: "minor" });
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wallNs: (wallMs * 1e6) / operations, cpuNs: ((user + system) * 1e3) / operations };
}

/** @param rounds one at least */
export function comparisonOf(rounds: readonly Round[]): Comparison {
  const medianCost = (which: "raw" | "instrumented"): Cost => ({
    wallNs: spreadOf(rounds.map((round) => round[which].wallNs)).median,
    cpuNs: spreadOf(rounds.map((round) => round[which].cpuNs)).median,
  });
  return {
    rounds: rounds.length,
    raw: medianCost("raw"),
    instrumented: medianCost("instrumented"),
    wallRatio: spreadOf(rounds.map(({ raw, instrumented }) => instrumented.wallNs / raw.wallNs)),
    cpuRatio: spreadOf(rounds.map(({ raw, instrumented }) => instrumented.cpuNs / raw.cpuNs)),
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (i: number): number => sorted[i] as number;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}
