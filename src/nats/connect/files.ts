/** The sources of connection settings, behind an interface: the environment and the files of this machine. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileProblem } from "../../input/file-problem.ts";
import { InvalidValue } from "../../input/invalid-value.ts";

export interface Files {
  /** Home directory of the user, for `~` and `~/.config`. */
  readonly home: string;
  /** Text of a file. Throws as `node:fs` does. */
  readonly read: (path: string) => string;
  /** Names of the files in a directory that are not empty; none if the directory cannot be read. */
  readonly names: (directory: string) => readonly string[];
}

/** The environment, and the files that it names. */
export interface System {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
}

/** The files of this machine. */
export const systemFiles: Files = {
  get home() {
    return homedir();
  },
  read: (path) => readFileSync(path, "utf8"),
  names(directory) {
    try {
      return readdirSync(directory).filter((name) => hasContent(join(directory, name)));
    } catch {
      return [];
    }
  },
};

function hasContent(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false }); // Follows links: Kubernetes mounts files as links.
  return found?.isFile() === true && found.size > 0;
}

/** Text of a file, or `names "…", which does not exist` to follow the place that names the file. */
export function readText(path: string, { files }: System): string | InvalidValue {
  try {
    return files.read(path);
  } catch (error) {
    return new InvalidValue(`names ${JSON.stringify(path)}, which ${fileProblem(error)}`);
  }
}
