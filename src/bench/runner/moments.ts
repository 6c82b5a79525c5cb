/**
 * A run in tenths of a second, with less of each than of a second: enough to tell how long a disturbance took.
 * Only made where somebody asks for it.
 */

import type { Nanos } from "../../time/clock.ts";
import { MOMENT, type Moment } from "../faults/recovery.ts";
import { percentileOf } from "../measure/hdr.ts";
import { Histogram } from "../measure/histogram.ts";
import type { Recording } from "../measure/recorder.ts";
import type { StageName } from "../measure/stage.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { workloadOf } from "../workloads/workloads.ts";
import { countersOf, recordedOf } from "./timeline.ts";

/** Cuts a run into moments. */
export class Moments {
  readonly #recordings: readonly Recording[];
  readonly #stage: StageName | undefined;
  readonly #counter: "received" | "completed";
  #from: Nanos = 0;
  #successes = 0;
  #histogram = new Histogram();

  constructor(recordings: readonly Recording[], { workload }: Scenario) {
    this.#recordings = recordings;
    this.#stage = workloadOf(workload).stages.at(0);
    this.#counter = workloadOf(workload).receives ? "received" : "completed";
  }

  /** The moment that has ended; undefined while it goes on. */
  look(now: Nanos): Moment | undefined {
    if (now < this.#from + MOMENT) return undefined;
    const successes = countersOf(this.#recordings)[this.#counter];
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
    if (!this.#stage) return undefined;
    const histogram = recordedOf(this.#recordings, this.#stage);
    const p90 = percentileOf(histogram.since(this.#histogram), 0.9);
    this.#histogram = histogram;
    return p90;
  }
}
