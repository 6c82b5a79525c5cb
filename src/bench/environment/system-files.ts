/**
 * Files in which Linux publishes its state. Other systems have no such files, and their values are absent.
 */
import { readFileSync } from "node:fs";

/** Returns the text of a file; undefined if it is missing or may not be read. */
export type ReadSystemFile = (path: string) => string | undefined;

/** Facts about the operating system. */
export const readSystemFile: ReadSystemFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};
