/**
 * The recording of one worker thread: counters, and a histogram for each stage and phase, in shared memory. The
 * thread is the only writer; other threads read copies at any time, and differences of copies.
 */
import type { Nanos } from "../../time/clock.ts";
import type { Window } from "../scenario/window.ts";
import { HISTOGRAM_BYTES, Histogram } from "./histogram.ts";
import { PHASES, type Phase, STAGE_NAMES, type StageName } from "./stage.ts";

/** Counters during a run. The final account is computed from sequences instead: see `sequence.ts`. */
export const COUNTERS = [
  "sent",
  "sentBytes",
  "completed",
  "received",
  "receivedBytes",
  "failed",
  /** Operations that were due and had to wait because the maximum was in flight. */
  "blocked",
  "errors",
] as const;

/** Names a counter. */
export type CounterName = (typeof COUNTERS)[number];

const COUNTER_BYTES = COUNTERS.length * Float64Array.BYTES_PER_ELEMENT;

/** Size of a recording in bytes. */
export const RECORDING_BYTES = COUNTER_BYTES + PHASES.length * STAGE_NAMES.length * HISTOGRAM_BYTES;

/** The recording of a thread, for that thread or for another. */
export class Recording {
  readonly #counters: Float64Array<ArrayBufferLike>;
  readonly #histograms: ReadonlyMap<Phase, ReadonlyMap<StageName, Histogram>>;

  /** @param memory of `RECORDING_BYTES`, shared or not */
  constructor(memory: ArrayBufferLike) {
    this.#counters = new Float64Array(memory, 0, COUNTERS.length);
    let offset = COUNTER_BYTES;
    const next = () => {
      const histogram = new Histogram(memory, offset);
      offset += HISTOGRAM_BYTES;
      return histogram;
    };
    this.#histograms = new Map(
      PHASES.map((phase) => [phase, new Map(STAGE_NAMES.map((stage) => [stage, next()]))]),
    );
  }

  counter(name: CounterName): number {
    return this.#counters[COUNTERS.indexOf(name)] as number;
  }

  histogram(phase: Phase, stage: StageName): Histogram {
    return this.#histograms.get(phase)?.get(stage) as Histogram;
  }

  /** All counters, to be written by the owning thread only. */
  get counters(): Float64Array<ArrayBufferLike> {
    return this.#counters;
  }
}

/** Positions of the counters in `Recording.counters`, for code that counts each message. */
const COUNTER = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as Readonly<
  Record<CounterName, number>
>;

/** Writes the recording of a thread. */
export class Recorder {
  readonly #window: Window;
  readonly #counters: Float64Array<ArrayBufferLike>;
  readonly #warmup: Readonly<Record<StageName, Histogram>>;
  readonly #measured: Readonly<Record<StageName, Histogram>>;

  constructor(recording: Recording, window: Window) {
    this.#window = window;
    this.#counters = recording.counters;
    const of = (phase: Phase) =>
      Object.fromEntries(STAGE_NAMES.map((stage) => [stage, recording.histogram(phase, stage)])) as Record<
        StageName,
        Histogram
      >;
    this.#warmup = of("warmup");
    this.#measured = of("window");
  }

  /** The histograms for an operation with this intended time; undefined after the window. */
  of(intended: Nanos): Readonly<Record<StageName, Histogram>> | undefined {
    if (intended < this.#window.from) return this.#warmup;
    return intended < this.#window.until ? this.#measured : undefined;
  }

  /** Records an operation that ended. */
  ended(intended: Nanos, sent: Nanos, end: Nanos): void {
    const histograms = this.of(intended);
    if (!histograms) return;
    histograms.response.record(end - intended);
    histograms.service.record(end - sent);
    histograms.delay.record(sent - intended);
  }

  count(counter: CounterName, by = 1): void {
    const index = COUNTER[counter];
    this.#counters[index] = (this.#counters[index] as number) + by;
  }
}
