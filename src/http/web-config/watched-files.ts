/**
 * Files that were read, and whether they have changed since.
 *
 * A check is a `stat` of a few local files, which takes microseconds. So it is done synchronously for each connection
 * and request, and no client is admitted by an outdated configuration. It follows the symbolic links by which
 * Kubernetes swaps a mounted secret, which file watchers miss.
 */
import { readFileSync, statSync } from "node:fs";

export class WatchedFiles {
  readonly #fingerprints = new Map<string, string>();

  /** Throws as `node:fs` does; the file is watched in any case. */
  read(path: string): string {
    // Fingerprint first: a file that changes in between is then read again.
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
