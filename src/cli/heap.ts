/**
 * Keeps the process small. A scrape of a large server leaves many times more garbage than it keeps, and V8,
 * made for programs that never rest, lets it lie and grows. A sidecar's memory is what its neighbours want.
 *
 * Only for `serve`: a library must leave its host's heap alone.
 */
import { setFlagsFromString } from "node:v8";

/**
 * - the young generation stays at its first size, instead of growing to 16 MB and more
 * - the old generation may double before it is collected, instead of quadrupling
 * - pages that are free go back to the system, not to a pool
 */
const FLAGS = [
  "--semi-space-growth-factor=1",
  "--heap-growing-percent=100",
  "--no-memory-pool",
  "--no-large-page-pool",
];

/** Sets V8 up for a small heap. To be called before the heap has grown. */
export function keepHeapSmall(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
