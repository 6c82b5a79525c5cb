/** Waits for a condition instead of sleeping. Every wait of the rig and of the integration tests uses it. */

/** Interval between two checks of a condition. */
const PAUSE_MS = 50;

/**
 * Resolves with the first result of `look` that is not undefined. An error of `look` counts as "not yet"; after
 * `timeoutMs` (default 45 s, because other jobs may use the machine) the rejection has the last error.
 */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
  timeoutMs = 45_000,
): Promise<Found> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) {
      const why = last === undefined ? "" : `: ${last instanceof Error ? last.message : String(last)}`;
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${why}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
