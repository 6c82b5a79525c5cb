/**
 * The grammar of errors about input: the place, the problem, a colon, the expected value. Each function returns a
 * sentence without its full stop, in which secrets are hidden.
 */
import { nearest } from "../text/nearest.ts";
import { conceal, quote } from "../text/wording.ts";
import { InvalidValue } from "./invalid-value.ts";

/** `is "fast": expected a number above 0, such as 1000 or 20k`, to follow the place of the value. */
export function invalid(text: string, expected: string): InvalidValue {
  return new InvalidValue(`is ${quote(text)}: expected ${expected}`);
}

/** `--listen is given 2 times: expected once` */
export function repeated(place: string, times: number): string {
  return `${place} is given ${times} times: expected once`;
}

/** `--listen has no value: expected [HOST]:PORT` */
export function missingValue(flag: string, placeholder: string): string {
  return `${flag} has no value: expected ${placeholder}`;
}

/** A name that is not known, and how to report it. */
interface Unknown {
  /** The name as the user wrote it, or a text that begins with the place of the name. */
  readonly written: string;
  /** The expected kind of name, with its article: `a flag of natscope serve`. */
  readonly what: string;
  /** The name alone, if `written` is more than the name. */
  readonly name?: string;
  readonly known: readonly string[];
  /** Common beginning of the known names, which must not count as similarity. */
  readonly prefix?: string;
  /** End of the sentence if no known name is similar: `; see --help`. */
  readonly otherwise: string;
}

/** `--ratee is not a flag of natscope bench; did you mean --rate?` */
export function unknown({ written, what, name = written, known, prefix = "", otherwise }: Unknown): string {
  return `${written} is not ${what}${meant(name, known, prefix) || otherwise}`;
}

/** `; did you mean --rate?`, or an empty text if no known name is similar. */
export function meant(name: string, known: readonly string[], prefix = ""): string {
  const withoutPrefix = (one: string) => (one.startsWith(prefix) ? one.slice(prefix.length) : one);
  const similar = nearest(withoutPrefix(name), known.map(withoutPrefix));
  if (similar === undefined || `${prefix}${similar}` === name) return "";
  return `; did you mean ${prefix}${similar}?`;
}

/**
 * @param command as in `natscope serve`
 * @param written the argument, which may end with `=` and a secret
 * @param known the command's flags
 */
export function unknownFlag(command: string, written: string, known: readonly string[]): string {
  const flag = written.split("=", 1)[0] as string;
  return unknown({
    written: conceal(flag),
    name: flag.replace(/^-*/, "--"),
    what: `a flag of ${command}`,
    known: known.filter((one) => one.startsWith("--")),
    prefix: "--",
    otherwise: `; see ${command} --help`,
  });
}
