/**
 * The files of this machine, as far as reaching a NATS needs them. The room asks for them through this
 * interface, so that everything between the environment and the client's options is a function of values.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileProblem } from "../../input/file-problem.ts";
import { InvalidValue } from "../../input/invalid-value.ts";

export interface Files {
  /** Home directory of the user, for `~` and `~/.config`. */
  readonly home: string;
  /** Text of a file. Throws as `node:fs` does where there is none. */
  readonly read: (path: string) => string;
  /** Names of the files in a directory that are not empty; none where there is no such directory. */
  readonly names: (directory: string) => readonly string[];
}

/** What is read from: the environment, and the files that it names. */
export interface Scene {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
}

/** Those of the process; a directory that may not be read has none. */
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
  const found = statSync(path, { throwIfNoEntry: false }); // Follows links: Kubernetes mounts files as such.
  return found?.isFile() === true && found.size > 0;
}

/** Text of a file, or why it cannot be read: the rest of a sentence that begins with who names the file. */
export function readText(path: string, { files }: Scene): string | InvalidValue {
  try {
    return files.read(path);
  } catch (error) {
    return new InvalidValue(`names ${JSON.stringify(path)}, which ${fileProblem(error)}`);
  }
}
