/** Why a file cannot be read, to follow the file's name in a sentence. */
import { errorMessage } from "../text/wording.ts";

export function fileProblem(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
    case "ENOTDIR":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return "is not readable by this user";
    case "EISDIR":
      return "is a directory, not a file";
    default:
      return `cannot be read: ${errorMessage(error)}`;
  }
}
