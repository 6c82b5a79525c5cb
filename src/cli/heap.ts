/**
 * Sets V8 up for what a command does. Only commands do that: a library must leave its host's heap alone.
 *
 * V8 writes to standard error about a flag that it does not know, so each is for the releases that have it.
 */
import { setFlagsFromString } from "node:v8";

interface Flag {
  readonly flag: string;
  readonly sinceNode: number;
}

/**
 * - the young generation stays at its first size, instead of growing to 16 MB and more
 * - the old generation may double before it is collected, instead of quadrupling
 * - pages that are free go back to the system, not to a pool, which V8 has in Node.js 26
 */
const SMALL: readonly Flag[] = [
  { flag: "--semi-space-growth-factor=1", sinceNode: 22 },
  { flag: "--heap-growing-percent=100", sinceNode: 22 },
  { flag: "--no-memory-pool", sinceNode: 26 },
  { flag: "--no-large-page-pool", sinceNode: 26 },
];

/** The young generation is large from the start: in megabytes, of each of its two halves. */
const ROOMY: readonly Flag[] = [
  { flag: "--min-semi-space-size=32", sinceNode: 22 },
  { flag: "--max-semi-space-size=64", sinceNode: 22 },
];

/**
 * Of `serve`: a scrape of a large server leaves many times more garbage than it keeps, and V8, made for programs that
 * never rest, lets it lie and grows. A sidecar's memory is what its neighbours want. To be called before the heap
 * has grown.
 */
export function keepHeapSmall(): void {
  set(SMALL);
}

/**
 * Of `bench`: a thread that waits for the next moment in turns of its event loop leaves a little garbage in each,
 * and with V8's first size of a megabyte would collect it four hundred times a second, a tenth of its time. Holds
 * for threads that are made afterwards.
 */
export function giveThreadsRoom(): void {
  set(ROOMY);
}

function set(flags: readonly Flag[]): void {
  const release = Number.parseInt(process.versions.node, 10);
  for (const { flag, sinceNode } of flags) if (release >= sinceNode) setFlagsFromString(flag);
}
