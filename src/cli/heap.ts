/**
 * V8 flags for a command. Only commands set them: a library must not change the heap of its host.
 *
 * V8 warns on standard error about unknown flags, so each is set only in the releases that have it.
 */
import { setFlagsFromString } from "node:v8";

interface Flag {
  readonly flag: string;
  readonly sinceNode: number;
}

/**
 * - the young generation keeps its first size instead of growing to 16 MB and more
 * - the old generation is collected when it has doubled, not quadrupled
 * - free pages go back to the system, not to the page pool of Node.js 26
 */
const SMALL: readonly Flag[] = [
  { flag: "--semi-space-growth-factor=1", sinceNode: 22 },
  { flag: "--heap-growing-percent=100", sinceNode: 22 },
  { flag: "--no-memory-pool", sinceNode: 26 },
  { flag: "--no-large-page-pool", sinceNode: 26 },
];

/** A large young generation from the start; megabytes of each of its two halves. */
const ROOMY: readonly Flag[] = [
  { flag: "--min-semi-space-size=32", sinceNode: 22 },
  { flag: "--max-semi-space-size=64", sinceNode: 22 },
];

/**
 * For `serve`: a scrape of a large server leaves far more garbage than live objects, and by default V8 lets the heap
 * grow with it. Call it before the heap has grown.
 */
export function keepHeapSmall(): void {
  set(SMALL);
}

/**
 * For `bench`: a worker thread that waits in turns of its event loop leaves a little garbage in each turn. With V8's
 * first size of a megabyte it would collect 400 times a second, a tenth of its time. Call it before threads start.
 */
export function giveThreadsRoom(): void {
  set(ROOMY);
}

function set(flags: readonly Flag[]): void {
  const release = Number.parseInt(process.versions.node, 10);
  for (const { flag, sinceNode } of flags) if (release >= sinceNode) setFlagsFromString(flag);
}
