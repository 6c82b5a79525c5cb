/**
 * Attempts, one after the other, until one succeeds or there is no use in another. Knows nothing of NATS.
 *
 * Own code, since what can be installed does less: p-retry neither ends an attempt that is under way when it is
 * aborted nor one that outlasts the deadline, and its pauses are never shorter than their base; cockatiel waits
 * its pauses out although it was aborted, and ignores its factor with full jitter.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { untilAborted } from "../../time/abort.ts";
import { recordAttempts } from "../wrapping/registrations.ts";
import { pauseAfter, type RetryPolicy } from "./policy.ts";

/**
 * Resolves with what the first attempt that succeeds resolves with. Rejects with the error of the last attempt,
 * as it is, or with the signal's reason.
 * @param attempt begins an attempt, which has to end by itself within the milliseconds it is given
 * @param again called when an attempt after the first begins
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
      // What was aborted has failed for no other reason, whatever it says.
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
    // Its own error only has the reason as its cause.
    signal?.throwIfAborted();
  }
}
