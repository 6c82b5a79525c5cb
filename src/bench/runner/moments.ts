/**
 * A run in tenths of a second, with less detail than its seconds: enough to measure how long a disturbance lasted.
 */
import type { Nanos } from "../../time/clock.ts";
import { MOMENT, type Moment } from "../faults/recovery.ts";
import { percentileOf } from "../measure/hdr.ts";
import { Histogram } from "../measure/histogram.ts";
import type { Recording } from "../measure/recorder.ts";
import { countersOf, histogramOf } from "../measure/recordings.ts";
import type { StageName } from "../measure/stage.ts";

/** Stage and counter that moments are measured by. */
interface MomentSource {
  /** Stage of the response time; undefined if the workload times nothing. */
  readonly stage: StageName | undefined;
  /** Counter of successful operations. */
  readonly counter: "received" | "completed";
}

/** Divides a run into moments. */
export class Moments {
  readonly #recordings: readonly Recording[];
  readonly #source: MomentSource;
  #from: Nanos = 0;
  #successes = 0;
  #histogram = new Histogram();

  constructor(recordings: readonly Recording[], source: MomentSource) {
    this.#recordings = recordings;
    this.#source = source;
  }

  /** The moment that has ended since the last call; undefined if it has not ended yet. */
  next(now: Nanos): Moment | undefined {
    if (now < this.#from + MOMENT) return undefined;
    const successes = countersOf(this.#recordings)[this.#source.counter];
    const moment = {
      from: this.#from,
      until: now,
      successes: successes - this.#successes,
      p90: this.#p90(),
    };
    this.#from = now;
    this.#successes = successes;
    return moment;
  }

  #p90(): Nanos | undefined {
    if (!this.#source.stage) return undefined;
    const histogram = histogramOf(this.#recordings, this.#source.stage);
    const p90 = percentileOf(histogram.since(this.#histogram), 0.9);
    this.#histogram = histogram;
    return p90;
  }
}
