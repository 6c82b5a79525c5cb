/** Waits that an AbortSignal ends. */

/**
 * Settles as `promise` does, or rejects with `signal.reason` as soon as the signal is aborted. The promise itself
 * goes on; if it fails after the abort, its error is ignored. Leaves no listener on the signal.
 */
export async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
