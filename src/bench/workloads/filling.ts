/** Data for workloads that only read, written before the run. None of it is measured. */
import type { Scenario } from "../scenario/scenario.ts";
import { Messages } from "../worker/messages.ts";
import { RunError } from "../worker/run-error.ts";

/** Payloads as the scenario describes them, without stamps. */
export function contentOf(scenario: Scenario): () => Uint8Array {
  const messages = new Messages(scenario, { run: 0, publisher: 0, host: 0 }, { zero: 0, now: () => 0 });
  return () => messages.content();
}

/** Runs operations 0 to count-1, `width` at a time. Rejects with the first failure, or if it is interrupted. */
export async function inParallel(
  count: number,
  width: number,
  signal: AbortSignal,
  operation: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      if (signal.aborted) throw new RunError("interrupted", "interrupted before the run began");
      await operation(next++);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
}
