/**
 * What somebody wrote, and where: the common form of command line, environment and configuration file.
 *
 * Texts are kept as written until a setting's kind reads them. Nothing here knows which settings exist.
 */

/** Where settings come from; the first that gives a setting wins. */
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
  /** Instead of `text`, where a file gives a mapping: a monitor with keys of its own. */
  readonly fields?: ReadonlyMap<string, Given>;
}

/** A value of one setting, named as in the table of settings. */
export interface GivenSetting extends Given {
  readonly setting: string;
}

/** What a source gave, and a sentence for everything in it that is not a setting. */
export interface Gathered {
  readonly given: readonly GivenSetting[];
  readonly problems: readonly string[];
}
