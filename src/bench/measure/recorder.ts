/**
 * What one thread records: a histogram for each stage and phase, and counters, in memory that other threads
 * may read at any time. There is one writer; readers take copies, and differences of copies.
 */
import type { Nanos } from "../../time/clock.ts";
import type { Window } from "../scenario/window.ts";
import { HISTOGRAM_BYTES, Histogram } from "./histogram.ts";
import { PHASES, type Phase, STAGE_NAMES, type StageName } from "./stage.ts";

/** What is counted while a run goes on; the final account is made of sequences, see `sequence.ts`. */
export const COUNTERS = [
  "sent",
  "sentBytes",
  "completed",
  "received",
  "receivedBytes",
  "failed",
  /** Operations that were due and had to wait, because too many were in flight. */
  "blocked",
  "errors",
] as const;

/** Names a counter. */
export type CounterName = (typeof COUNTERS)[number];

const COUNTER_BYTES = COUNTERS.length * Float64Array.BYTES_PER_ELEMENT;

/** Bytes that one thread's recordings take. */
export const RECORDING_BYTES = COUNTER_BYTES + PHASES.length * STAGE_NAMES.length * HISTOGRAM_BYTES;

/** The recordings of a thread, seen from it or from another. */
export class Recording {
  readonly #counters: Float64Array<ArrayBufferLike>;
  readonly #histograms: ReadonlyMap<Phase, ReadonlyMap<StageName, Histogram>>;

  /** @param memory `RECORDING_BYTES`, shared between threads or not */
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

  /** For the thread that owns it. */
  get counters(): Float64Array<ArrayBufferLike> {
    return this.#counters;
  }
}

/** Positions of the counters, for code that counts each message. */
export const COUNTER = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as Readonly<
  Record<CounterName, number>
>;

/** Writes a recording. */
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

  /** The histograms that an operation with this intended time belongs to; undefined after the window. */
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
