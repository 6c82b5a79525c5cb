/** What is said of a flag that a command does not have: one sentence for every command. */
import { conceal, didYouMean } from "../text/wording.ts";

/**
 * @param command as in `natscope serve`
 * @param text as it was written, perhaps with a value that is a secret
 * @param flags that the command has, in their long forms
 */
export function unknownFlag(command: string, text: string, flags: readonly string[]): string {
  const flag = text.split("=", 1)[0] as string;
  // Their common beginning would make everything near.
  const near = didYouMean(
    flag.replace(/^-*/, ""),
    flags.map((known) => known.replace(/^-*/, "")),
  );
  return `${conceal(flag)} is not a flag of natscope ${command}${near.replace("mean ", "mean --") || "; see --help"}`;
}
