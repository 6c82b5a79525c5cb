/**
 * The seconds of a run: differences of what the threads have recorded. Seconds are kept encoded, as in a result: an
 * hour of them as histograms would fill the memory.
 */
import { type Nanos, SECOND } from "../../time/clock.ts";
import { encode } from "../measure/encoding.ts";
import { Histogram } from "../measure/histogram.ts";
import { COUNTERS, type CounterName, type Recording } from "../measure/recorder.ts";
import { countersOf, histogramOf, zeroCounters } from "../measure/recordings.ts";
import type { StageName } from "../measure/stage.ts";
import type { SavedSecond, StageHistograms } from "../result/schema.ts";
import type { Due } from "../scenario/due.ts";

/** A second of a run, with histograms that can still be merged. */
export interface RecordedSecond {
  readonly second: number;
  readonly counters: Readonly<Record<CounterName, number>>;
  /** Operations that were due; undefined in a closed loop. */
  readonly offered: number | undefined;
  /** Warm-up and window together: only one second can belong to both. */
  readonly stages: ReadonlyMap<StageName, Histogram>;
}

/** Six hours: later seconds are kept without histograms, because a result is one text of limited size. */
const MAX_TIMED_SECONDS = 21_600;
/** A day: later seconds are not kept. */
const MAX_SECONDS = 86_400;

/** Divides a run into seconds. */
export class Timeline {
  readonly #recordings: readonly Recording[];
  readonly #stages: readonly StageName[];
  readonly #due: Due;
  readonly seconds: SavedSecond[] = [];
  /** Number of seconds so far, kept or not. */
  count = 0;
  #counters = zeroCounters();
  #histograms = new Map<StageName, Histogram>();
  #until: Nanos = Number.NEGATIVE_INFINITY;

  /** @param stages of the workload */
  constructor(recordings: readonly Recording[], stages: readonly StageName[], due: Due) {
    this.#recordings = recordings;
    this.#stages = stages;
    this.#due = due;
  }

  /** Ends a second and begins the next. Called once a second, and once more at the end. */
  cut(now: Nanos): RecordedSecond {
    const counters = countersOf(this.#recordings);
    const histograms = new Map(this.#stages.map((stage) => [stage, histogramOf(this.#recordings, stage)]));
    const before = this.#histograms;
    const second: RecordedSecond = {
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
    if (this.count < MAX_SECONDS) this.seconds.push(saved(second));
    this.count++;
    return second;
  }

  /** Notes for the result about seconds of a very long run that were not kept. */
  get notes(): readonly string[] {
    if (this.count <= MAX_TIMED_SECONDS) return [];
    const timed = "latencies of single seconds are recorded for the first six hours only";
    if (this.count <= MAX_SECONDS) return [timed];
    return [timed, "single seconds are recorded for the first day only"];
  }
}

function saved({ second, counters, offered, stages }: RecordedSecond): SavedSecond {
  const timed = second < MAX_TIMED_SECONDS ? encodedOf(stages) : {};
  return { second, counters, ...(offered !== undefined && { offered }), stages: timed };
}

/** The encoded histograms of the stages that have a value. */
export function encodedOf(stages: ReadonlyMap<StageName, Histogram>): StageHistograms {
  return Object.fromEntries(
    [...stages].flatMap(([stage, histogram]) => (histogram.count > 0 ? [[stage, encode(histogram)]] : [])),
  );
}

/** When a second ends, on the run's clock. */
export function endOfSecond(second: number): Nanos {
  return (second + 1) * SECOND;
}
