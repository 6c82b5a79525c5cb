/**
 * An option is one row: its name, kind, default as a value, help, and where it can be given. Flag, environment
 * variable, YAML key, help, reference and errors are derived from the row.
 *
 * The name gives the three places: `metricsPath` is `--metrics-path`, `NATSCOPE_METRICS_PATH` and `metrics_path`.
 */
import type { Source } from "./given.ts";
import type { Kind } from "./kind.ts";

export interface Option<Value, Context = void> {
  readonly kind: Kind<Value, Context>;
  /** Heading in `--help` and in the reference. */
  readonly group: string;
  /** Noun phrases or imperatives with their full stops, without the default. */
  readonly help: string;
  /** Value without any source; a list if the option repeats. Absent: the option has no value then. */
  readonly default?: Value | readonly Value[];
  /** How the default depends on other options, in words: `5s or 10 % of --duration`. */
  readonly defaultRule?: string;
  /** Other flags for the same option, with their dashes. */
  readonly aliases?: readonly string[];
  /** The flag takes no value; `--no-...` gives false. */
  readonly isSwitch?: true;
  /** The option may be given more than once, or as a list in a file. */
  readonly repeats?: true;
  /** Sources that can give the option. Default: all. */
  readonly sources?: readonly Source[];
  /** Key in a file if it is not the name with underscores. */
  readonly key?: string;
  /** The values in one text, if a source can give several that way. */
  readonly split?: (text: string, source: Source) => readonly string[];
}

/** Rows by name, in the order of `--help`. */
export type OptionRows<Context = void> = Readonly<Record<string, Option<unknown, Context>>>;

/** A row whose default must be a value of its kind. */
export function option<Value, const Row extends Omit<Option<Value>, "kind">>(
  kind: Kind<Value>,
  row: Row,
): Row & { readonly kind: Kind<Value> } {
  return { ...row, kind };
}

/** Value of a row: a list, a value, or a value that may be absent. */
export type ValueOf<Row> = Row extends { readonly kind: Kind<infer Value> }
  ? Row extends { readonly repeats: true }
    ? readonly Value[]
    : Row extends { readonly default: unknown }
      ? Value
      : Value | undefined
  : never;

/** Values of all rows. */
export type ValuesOf<Rows> = { readonly [Name in keyof Rows]: ValueOf<Rows[Name]> };

const inParts = (name: string, separator: string): string =>
  name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());

/** `--metrics-path` */
export function flagOf(name: string): string {
  return `--${inParts(name, "-")}`;
}

/** `NATSCOPE_METRICS_PATH` */
export function variableOf(name: string): string {
  return `NATSCOPE_${inParts(name, "_").toUpperCase()}`;
}

/** `metrics_path` */
export function keyOf(name: string, row?: Option<unknown>): string {
  return row?.key ?? inParts(name, "_");
}

/** The flag and its aliases, one-letter flags first: `-H`, `--header`. */
export function flagsOf(name: string, { aliases = [] }: Option<unknown>): readonly string[] {
  const isShort = (flag: string) => !flag.startsWith("--");
  return [...aliases.filter(isShort), flagOf(name), ...aliases.filter((flag) => !isShort(flag))];
}

/** Whether a source can give the option. */
export function isFrom(source: Source, { sources }: Option<unknown>): boolean {
  return sources === undefined || sources.includes(source);
}

/** Values without any source, as a list. */
export function defaultsOf<Value>({ default: value }: Option<Value>): readonly Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Value];
}

/** The default as the user would write it; undefined if there is no default. */
export function defaultText(row: Option<unknown>): string | undefined {
  const texts = defaultsOf(row).map((value) => row.kind.format(value));
  const parts = [texts.join(", "), row.defaultRule ?? ""].filter((part) => part !== "");
  return parts.length > 0 ? parts.join("; ") : undefined;
}
