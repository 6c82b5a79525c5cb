/** Values that the threads of a test record; the test generates the same values again. */
import { randomOf } from "../../../src/bench/scenario/random.ts";

/** Data for a thread. */
export interface RecordingTask {
  readonly memory: SharedArrayBuffer;
  readonly seed: number;
  readonly count: number;
}

/** A window without an end. */
export const WINDOW = { from: 0, until: Number.POSITIVE_INFINITY };

/** Realistic latencies: mostly short, some a thousand times as long. */
export function* valuesOf({ seed, count }: RecordingTask): Generator<number> {
  const random = randomOf(seed);
  for (let i = 0; i < count; i++) yield 100_000 * seed * (1 - random()) ** -0.7;
}
