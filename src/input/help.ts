/** How `--help` writes a flag. */
import type { Option } from "commander";

/** Without the brackets that only tell commander that a value may be missing, which is told as a problem. */
export function flagTerm({ flags }: Option): string {
  return flags.replace(/ \[(.*)\]$/, " $1");
}
