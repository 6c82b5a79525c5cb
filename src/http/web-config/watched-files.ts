/**
 * Files that were read, and whether they are other files by now.
 *
 * Looking is a `stat` of a few local files, which takes microseconds, so it is done where it is needed (at
 * each connection and request) and synchronously: nothing is let in by what was true a moment ago. It also
 * follows the symbolic links by which Kubernetes swaps a mounted secret, which file watchers miss.
 */
import { readFileSync, statSync } from "node:fs";

export class WatchedFiles {
  readonly #fingerprints = new Map<string, string>();

  /** Throws what `fs` throws; the file is watched all the same. */
  read(path: string): string {
    // First the fingerprint: a file changed in between is then read once more, not missed.
    this.#fingerprints.set(path, fingerprint(path));
    return readFileSync(path, "utf8");
  }

  haveChanged(): boolean {
    for (const [path, known] of this.#fingerprints) if (fingerprint(path) !== known) return true;
    return false;
  }
}

function fingerprint(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
