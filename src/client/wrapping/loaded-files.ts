/**
 * Finds the files of the clients' packages as Node.js loads them, so that their classes can be patched. The
 * packages are CommonJS in both generations: their files are in one cache, whether the application imports or
 * requires them, and Node.js publishes each `require` among them on the channel `module.require` (since
 * 22.4).
 */
import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Message of the channel when a `require` has returned. */
interface Required {
  readonly id?: string;
  readonly parentFilename?: string;
  /** Return value of the `require`. */
  readonly result?: unknown;
}

/** @param folder of the file: a package may be installed in several copies */
type Visit = (folder: string, exports: unknown) => void;

/** Visits each loaded file whose name matches. */
export function visitLoaded(files: RegExp, visit: Visit): void {
  // Undefined in a CommonJS bundle, in which the clients' packages have no files of their own.
  const here = import.meta.url as string | undefined;
  if (here === undefined) return;
  const { cache } = createRequire(here);
  for (const file of Object.keys(cache)) {
    if (files.test(file)) visit(dirname(file), cache[file]?.exports);
  }
}

/**
 * Visits each matching file that will be loaded, before the code that loads it continues. A file may be
 * visited several times, and before it has finished loading. Errors of `visit` are ignored.
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
      // It would be an uncaught exception in the application.
    }
  });
}
