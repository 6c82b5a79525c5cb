/** Kinds of values: how a text becomes a value, and a value becomes a text again. */
import type { Given } from "./given.ts";
import { InvalidValue } from "./invalid-value.ts";
import { invalid } from "./problems.ts";

/**
 * One text is one value; whether an option takes several is up to its row.
 *
 * @typeParam Context what reading a value needs besides its text, such as the files of this machine
 */
export interface Kind<Value, Context = void> {
  /** Stands for the value in `--help`: `DURATION`. */
  readonly placeholder: string;
  /** Whether a text is the path of a file. In a mapping, `key` is the key of the text, otherwise it is empty. */
  readonly isPath?: (key: string) => boolean;
  /** Never throws. */
  parse(given: Given, context: Context): Value | InvalidValue;
  /** The text that `parse` reads as this value: how help and reference print a default. */
  format(value: Value): string;
}

/** A kind whose values are single texts. `expected` ends the sentence `... is "x": expected ...`. */
export function textKind<Value>(
  placeholder: string,
  expected: string,
  parse: (text: string) => Value | InvalidValue | undefined,
  format: (value: Value) => string = String,
): Kind<Value> {
  return {
    placeholder,
    parse({ text, fields }) {
      if (fields) return new InvalidValue(`is a mapping: expected ${expected}`);
      return parse(text) ?? invalid(text, expected);
    },
    format,
  };
}
