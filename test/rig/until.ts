/** Waiting for a condition instead of sleeping: how every wait of the rig and of the integration tests is written. */

/** How often a condition is looked at. */
const PAUSE_MS = 50;

/**
 * Resolves with the first result of `look` that is not undefined. What `look` throws counts as "not yet";
 * after `timeoutMs` (default 45 s: another job may hold the machine) the last of it is part of the error.
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
