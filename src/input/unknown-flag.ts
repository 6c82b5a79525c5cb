/** Until bench's options are rows of this layer. */
import { unknownFlag as unknownFlagOf } from "./problems.ts";

export function unknownFlag(command: string, text: string, flags: readonly string[]): string {
  return unknownFlagOf(`natscope ${command}`, text, flags);
}
