/**
 * Repeated attempts, until one succeeds or another would be useless. Independent of NATS.
 *
 * Libraries do less: p-retry neither ends a running attempt when it is aborted or outlasts the deadline, nor
 * has pauses shorter than its base; cockatiel waits its pauses out after an abort, and ignores its factor
 * with full jitter.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { untilAborted } from "../../time/abort.ts";
import { recordAttempts } from "../wrapping/registrations.ts";
import { pauseAfter, type RetryPolicy } from "./policy.ts";

/**
 * Resolves as the first attempt that succeeds.
 * @param attempt starts an attempt, which must end within the given milliseconds
 * @param again called at the start of each attempt after the first
 * @throws the error of the last attempt, unchanged, or the signal's reason
 */
export async function inAttempts<T>(
  policy: RetryPolicy,
  attempt: (remainingMs: number) => Promise<T>,
  again: () => void,
): Promise<T> {
  const { signal } = policy;
  const end = performance.now() + policy.deadlineMs;
  signal?.throwIfAborted();
  for (let number = 1; ; number++) {
    try {
      const running = attempt(Math.max(1, Math.ceil(end - performance.now())));
      return await (signal ? untilAborted(running, signal) : running);
    } catch (error) {
      // After an abort the failure of the attempt does not matter.
      signal?.throwIfAborted();
      recordAttempts(error, number);
      const pauseMs = pauseAfter(policy, number);
      const isLast = number >= policy.attempts || performance.now() + pauseMs >= end;
      if (isLast || !policy.shouldRetry(error, number)) throw error;
      policy.onRetry?.({ attempt: number, error, pauseMs });
      await pause(pauseMs, signal);
    }
    again();
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal && { signal });
  } catch {
    // The error of `setTimeout` has the reason only as its cause.
    signal?.throwIfAborted();
  }
}
