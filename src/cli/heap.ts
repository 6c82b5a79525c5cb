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
 * - pages that are free go back to the system, not to a pool, which V8 has in Node.js 26
 *
 * V8 writes to standard error about a flag that it does not know, so each is for the releases that have it.
 */
const FLAGS: readonly { readonly flag: string; readonly sinceNode: number }[] = [
  { flag: "--semi-space-growth-factor=1", sinceNode: 22 },
  { flag: "--heap-growing-percent=100", sinceNode: 22 },
  { flag: "--no-memory-pool", sinceNode: 26 },
  { flag: "--no-large-page-pool", sinceNode: 26 },
];

/** Sets V8 up for a small heap. To be called before the heap has grown. */
export function keepHeapSmall(): void {
  const release = Number.parseInt(process.versions.node, 10);
  for (const { flag, sinceNode } of FLAGS) if (release >= sinceNode) setFlagsFromString(flag);
}
