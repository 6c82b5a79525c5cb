/**
 * The inner files of the clients' packages, as they are loaded. These packages are CommonJS in both generations,
 * so their files are in one cache, whether the application imports or requires them; and they require each
 * other, which Node.js tells of (the channel `module.require`, since 22.4).
 */
import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What is published when a `require` has returned. */
interface Required {
  readonly id?: string;
  readonly parentFilename?: string;
  /** What it returned. */
  readonly result?: unknown;
}

/** @param folder that the file is in: packages may be there in several copies */
export type Visit = (folder: string, exports: unknown) => void;

/** Visits the files of these names that are loaded, each once. */
export function visitLoaded(files: RegExp, visit: Visit): void {
  // In a bundle of CommonJS this file is nowhere, and the clients' packages are not in files of their own.
  const here = import.meta.url as string | undefined;
  if (here === undefined) return;
  const { cache } = createRequire(here);
  for (const file of Object.keys(cache)) {
    if (files.test(file)) visit(dirname(file), cache[file]?.exports);
  }
}

/**
 * Visits the files of these names that will be loaded, before whoever loads them goes on; each may be visited
 * several times, and before it is complete. What a visit throws is lost.
 * @param files has to match names without their extension too
 */
export function visitLater(files: RegExp, visit: Visit): void {
  subscribe("tracing:module.require:end", (message) => {
    const { id, parentFilename, result } = message as Required;
    if (!parentFilename || !id?.startsWith("./")) return;
    const folder = dirname(parentFilename);
    if (!files.test(join(folder, id))) return;
    try {
      visit(folder, result);
    } catch {
      // It would be an uncaught exception of the application's.
    }
  });
}
