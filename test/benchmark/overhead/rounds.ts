/** Two things measured against each other, in rounds, so that both see the same weather. */

/** Time of one operation, in nanoseconds. */
export interface Cost {
  readonly wallNs: number;
  /** Of the whole process: garbage collection and compilation on other threads are in it. */
  readonly cpuNs: number;
}

/** One thing and the other, one right after the other. */
export interface Round {
  readonly raw: Cost;
  readonly observed: Cost;
}

/** What a number of values came to. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What a number of rounds came to. */
export interface Comparison {
  readonly rounds: number;
  /** Medians. */
  readonly raw: Cost;
  readonly observed: Cost;
  /** Observed by raw, of each round. */
  readonly wallRatio: Spread;
  readonly cpuRatio: Spread;
}

/** Does its operation so many times. */
export type Run = (count: number) => Promise<void>;

/** How long to measure. */
export interface Effort {
  readonly operations: number;
  readonly warmUpRounds: number;
  readonly milliseconds: number;
  readonly leastRounds: number;
}

/** Takes turns: raw, observed; observed, raw; and so on. Whoever is second inherits the other's memory. */
export async function takeTurns(raw: Run, observed: Run, effort: Effort): Promise<Round[]> {
  const { operations, warmUpRounds, milliseconds, leastRounds } = effort;
  const rounds: Round[] = [];
  let until = Number.POSITIVE_INFINITY;
  for (let round = 0; round < warmUpRounds + leastRounds || performance.now() < until; round++) {
    if (round === warmUpRounds) until = performance.now() + milliseconds;
    const rawFirst = round % 2 === 0;
    const before = await costOf(rawFirst ? raw : observed, operations);
    const after = await costOf(rawFirst ? observed : raw, operations);
    if (round < warmUpRounds) continue;
    rounds.push(rawFirst ? { raw: before, observed: after } : { raw: after, observed: before });
  }
  return rounds;
}

async function costOf(run: Run, operations: number): Promise<Cost> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await run(operations);
  // Each clears away what it has left, and finds nothing of the other's.
  globalThis.gc?.({ type: "minor" });
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wallNs: (wallMs * 1e6) / operations, cpuNs: ((user + system) * 1e3) / operations };
}

/** @param rounds at least one */
export function comparisonOf(rounds: readonly Round[]): Comparison {
  const medianCost = (which: "raw" | "observed"): Cost => ({
    wallNs: spreadOf(rounds.map((round) => round[which].wallNs)).median,
    cpuNs: spreadOf(rounds.map((round) => round[which].cpuNs)).median,
  });
  return {
    rounds: rounds.length,
    raw: medianCost("raw"),
    observed: medianCost("observed"),
    wallRatio: spreadOf(rounds.map(({ raw, observed }) => observed.wallNs / raw.wallNs)),
    cpuRatio: spreadOf(rounds.map(({ raw, observed }) => observed.cpuNs / raw.cpuNs)),
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (i: number): number => sorted[i] as number;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}
