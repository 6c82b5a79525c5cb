/** Files in which Linux tells of itself. Elsewhere there are none, and what they would tell is absent. */
import { readFileSync } from "node:fs";

/** The text of a file; undefined where there is none, or it is not for us. */
export type ReadSystemFile = (path: string) => string | undefined;

/** Of the system we run on. */
export const readSystemFile: ReadSystemFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};
