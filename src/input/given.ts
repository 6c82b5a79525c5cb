/**
 * Input as the user wrote it, with its place: the common form of command line, environment and YAML file.
 *
 * A text stays as written until the kind of its option reads it. Nothing here knows which options exist.
 */

/** Sources of options, in order of precedence: the first source that gives an option wins. */
export const SOURCES = ["flag", "environment", "file", "default"] as const;
export type Source = (typeof SOURCES)[number];

export interface Origin {
  readonly source: Source;
  /** How to find the place again: `--listen`, `NATSCOPE_LISTEN`, `natscope.yaml:3 listen`, `default`. */
  readonly place: string;
}

/** One value as it was written. */
export interface Given {
  readonly origin: Origin;
  readonly text: string;
  /** Keys of a mapping in a file, such as a monitor with its own TLS files. `text` is empty then. */
  readonly fields?: ReadonlyMap<string, Given>;
}

/** A value of one option, by the option's name in its table. */
export interface GivenOption extends Given {
  readonly option: string;
}

/** Options of a source, and a sentence for each entry that is not an option. */
export interface Gathered {
  readonly given: readonly GivenOption[];
  readonly problems: readonly string[];
}
