/** What the threads of a test record: the test makes the same values again. */
import { randomOf } from "../../../src/bench/scenario/random.ts";

/** What a thread is told. */
export interface RecordingTask {
  readonly memory: SharedArrayBuffer;
  readonly seed: number;
  readonly count: number;
}

/** Everything is in it. */
export const WINDOW = { from: 0, until: Number.POSITIVE_INFINITY };

/** Latencies as they are: mostly short, some a thousand times as long. */
export function* valuesOf({ seed, count }: RecordingTask): Generator<number> {
  const random = randomOf(seed);
  for (let i = 0; i < count; i++) yield 100_000 * seed * (1 - random()) ** -0.7;
}
