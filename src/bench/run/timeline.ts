/** What happened in each second of a run: differences of what the threads have recorded. */
import { Histogram } from "../measure/histogram.ts";
import { COUNTERS, type CounterName, type Recording } from "../measure/recorder.ts";
import { PHASES, type StageName } from "../measure/stage.ts";
import { type Nanos, SECOND } from "../time/clock.ts";
import type { Schedule } from "../time/schedule.ts";

/** One second, with histograms that can still be added up. */
export interface SecondRecorded {
  readonly second: number;
  readonly counters: Readonly<Record<CounterName, number>>;
  readonly offered: number | undefined;
  /** Warm-up and window together: a second belongs to both only where one begins. */
  readonly stages: ReadonlyMap<StageName, Histogram>;
}

/** Cuts a run into seconds. */
export class Timeline {
  readonly #recordings: readonly Recording[];
  readonly #stages: readonly StageName[];
  readonly #schedule: Schedule | undefined;
  readonly seconds: SecondRecorded[] = [];
  #counters = zeroes();
  #histograms = new Map<StageName, Histogram>();
  #until: Nanos = 0;

  /** @param stages those that the workload has */
  constructor(
    recordings: readonly Recording[],
    stages: readonly StageName[],
    schedule: Schedule | undefined,
  ) {
    this.#recordings = recordings;
    this.#stages = stages;
    this.#schedule = schedule;
  }

  /** Ends a second, and begins the next. Called once a second, and once more at the end. */
  cut(now: Nanos): SecondRecorded {
    const counters = this.#sum();
    const histograms = new Map(this.#stages.map((stage) => [stage, this.#merge(stage)]));
    const before = this.#histograms;
    const second: SecondRecorded = {
      second: this.seconds.length,
      counters: Object.fromEntries(
        COUNTERS.map((name) => [name, counters[name] - this.#counters[name]]),
      ) as Record<CounterName, number>,
      offered: this.#schedule && this.#schedule.due(now) - this.#schedule.due(this.#until),
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
    this.seconds.push(second);
    return second;
  }

  #sum(): Record<CounterName, number> {
    const sums = zeroes();
    for (const recording of this.#recordings) {
      for (const name of COUNTERS) sums[name] += recording.counter(name);
    }
    return sums;
  }

  #merge(stage: StageName): Histogram {
    const merged = new Histogram();
    for (const recording of this.#recordings) {
      for (const phase of PHASES) merged.add(recording.histogram(phase, stage));
    }
    return merged;
  }
}

function zeroes(): Record<CounterName, number> {
  return Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<CounterName, number>;
}

/** When a second ends. */
export function endOfSecond(second: number): Nanos {
  return (second + 1) * SECOND;
}
