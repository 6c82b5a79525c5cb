/**
 * What happened in each second of a run: differences of what the threads have recorded. Seconds are kept as a
 * result has them, encoded: as histograms an hour of them would fill the memory.
 */

import { type Nanos, SECOND } from "../../time/clock.ts";
import { encode } from "../measure/encoding.ts";
import { Histogram } from "../measure/histogram.ts";
import { COUNTERS, type CounterName, type Recording } from "../measure/recorder.ts";
import { PHASES, type StageName } from "../measure/stage.ts";
import type { SavedSecond, StageHistograms } from "../result/schema.ts";
import type { Due } from "../scenario/due.ts";

/** One second, with histograms that can still be added up. */
export interface SecondRecorded {
  readonly second: number;
  readonly counters: Readonly<Record<CounterName, number>>;
  readonly offered: number | undefined;
  /** Warm-up and window together: a second belongs to both only where one begins. */
  readonly stages: ReadonlyMap<StageName, Histogram>;
}

/** Seconds whose histograms are kept, one by one: six hours. A result is one text, and must not grow without an end. */
const MOST_TIMED = 21_600;
/** Seconds that are kept at all: a day. */
const MOST_SECONDS = 86_400;

/** Cuts a run into seconds. */
export class Timeline {
  readonly #recordings: readonly Recording[];
  readonly #stages: readonly StageName[];
  readonly #due: Due;
  readonly seconds: SavedSecond[] = [];
  /** How many there were, kept or not. */
  count = 0;
  #counters = zeroes();
  #histograms = new Map<StageName, Histogram>();
  #until: Nanos = Number.NEGATIVE_INFINITY;

  /** @param stages those that the workload has */
  constructor(recordings: readonly Recording[], stages: readonly StageName[], due: Due) {
    this.#recordings = recordings;
    this.#stages = stages;
    this.#due = due;
  }

  /** Ends a second, and begins the next. Called once a second, and once more at the end. */
  cut(now: Nanos): SecondRecorded {
    const counters = countersOf(this.#recordings);
    const histograms = new Map(this.#stages.map((stage) => [stage, recordedOf(this.#recordings, stage)]));
    const before = this.#histograms;
    const second: SecondRecorded = {
      second: this.count,
      counters: Object.fromEntries(
        COUNTERS.map((name) => [name, counters[name] - this.#counters[name]]),
      ) as Record<CounterName, number>,
      offered: this.#due && this.#due(now) - this.#due(this.#until),
      stages: new Map(
        [...histograms].map(([stage, histogram]) => [
          stage,
          histogram.since(before.get(stage) ?? new Histogram()),
        ]),
      ),
    };
    this.#counters = counters;
    this.#histograms = histograms;
    this.#until = now;
    if (this.count < MOST_SECONDS) this.seconds.push(saved(second));
    this.count++;
    return second;
  }

  /** Sentences: what of a very long run was not kept. */
  get notes(): readonly string[] {
    if (this.count <= MOST_TIMED) return [];
    const timed = "after six hours latencies are kept as a whole, and not second by second";
    return this.count > MOST_SECONDS ? [timed, "after a day single seconds are not kept"] : [timed];
  }
}

function saved({ second, counters, offered, stages }: SecondRecorded): SavedSecond {
  const timed = second < MOST_TIMED ? encodedOf(stages) : {};
  return { second, counters, ...(offered !== undefined && { offered }), stages: timed };
}

/** Of each stage that has a value. */
export function encodedOf(stages: ReadonlyMap<StageName, Histogram>): StageHistograms {
  return Object.fromEntries(
    [...stages].flatMap(([stage, histogram]) => (histogram.count > 0 ? [[stage, encode(histogram)]] : [])),
  );
}

/** All threads' together. */
export function countersOf(recordings: readonly Recording[]): Record<CounterName, number> {
  const sums = zeroes();
  for (const recording of recordings) {
    for (const name of COUNTERS) sums[name] += recording.counter(name);
  }
  return sums;
}

/** Of all threads, warm-up and window. */
export function recordedOf(recordings: readonly Recording[], stage: StageName): Histogram {
  const merged = new Histogram();
  for (const recording of recordings) {
    for (const phase of PHASES) merged.add(recording.histogram(phase, stage));
  }
  return merged;
}

function zeroes(): Record<CounterName, number> {
  return Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<CounterName, number>;
}

/** When a second ends. */
export function endOfSecond(second: number): Nanos {
  return (second + 1) * SECOND;
}
