/**
 * Command lines: flags with two dashes and a few with one, values after `=` or as the next argument. Reads on after
 * a mistake, so that all problems are reported together. Tokens are those of `node:util`'s parseArgs.
 */
import { parseArgs } from "node:util";
import type { Given } from "./given.ts";
import { missingValue } from "./problems.ts";

/** A flag that a command has. */
interface FlagRow {
  /** With dashes: `--server`, `-s`. */
  readonly flags: readonly string[];
  /** The flag takes no value; `--no-...` gives false. */
  readonly isSwitch?: boolean | undefined;
  /** Stands for the value in errors. */
  readonly placeholder: string;
}

/** A command line that was read. */
interface ReadArguments<Row extends FlagRow> {
  readonly given: readonly { readonly row: Row; readonly given: Given }[];
  /** Arguments that are neither flags nor their values. An argument after an unknown flag counts as its value. */
  readonly positionals: readonly string[];
  /** Flags that no row has, as written, without the values after them. */
  readonly unknown: readonly string[];
  /** Whether `--help` or `-h` is given. */
  readonly wantsHelp: boolean;
  readonly problems: readonly string[];
}

/** @param argv arguments after the name of the command */
export function readArguments<Row extends FlagRow>(
  argv: readonly string[],
  rows: readonly Row[],
): ReadArguments<Row> {
  const flags = flagsOf(rows);
  const given: { row: Row; given: Given }[] = [];
  const positionals: string[] = [];
  const unknown: string[] = [];
  const problems: string[] = [];
  let wantsHelp = false;
  const tokens = tokensOf(argv, [...flags.keys()]);
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const { rawName: flag, index } = token;
    const known = flags.get(flag);
    if (!known && (flag === "--help" || flag === "-h")) {
      wantsHelp = true;
      continue;
    }
    let text = token.value ?? known?.text;
    const next = tokens[at + 1];
    if (text === undefined && next?.kind === "positional" && next.index === index + 1) {
      text = next.value;
      at++;
    }
    if (!known) unknown.push(argv[index] as string);
    else if (text === undefined) problems.push(missingValue(flag, known.row.placeholder));
    else given.push({ row: known.row, given: { origin: { source: "flag", place: flag }, text } });
  }
  return { given, positionals, unknown, wantsHelp, problems };
}

/** A flag with its row, and the text that it gives if it takes no value. */
interface KnownFlag<Row> {
  readonly row: Row;
  readonly text?: string;
}

function flagsOf<Row extends FlagRow>(rows: readonly Row[]): ReadonlyMap<string, KnownFlag<Row>> {
  const flags = new Map<string, KnownFlag<Row>>();
  for (const row of rows) {
    for (const flag of row.flags) {
      flags.set(flag, row.isSwitch ? { row, text: "true" } : { row });
      if (row.isSwitch) flags.set(flag.replace(/^--/, "--no-"), { row, text: "false" });
    }
  }
  return flags;
}

type Token =
  | { readonly kind: "option"; readonly index: number; readonly rawName: string; readonly value?: string }
  | { readonly kind: "positional"; readonly index: number; readonly value: string }
  | { readonly kind: "option-terminator"; readonly index: number };

/**
 * Flags with two dashes are declared as switches, so that parseArgs does not take a flag for the value of the flag
 * before it; their values follow as positionals. Flags with one dash are declared with a value, for `-sHOST`.
 */
function tokensOf(argv: readonly string[], flags: readonly string[]): readonly Token[] {
  const letters = flags.filter((flag) => /^-[^-]$/.test(flag)).map((flag) => flag.slice(1));
  const options = Object.fromEntries(
    letters.map((letter) => [`short ${letter}`, { type: "string", short: letter } as const]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens as readonly Token[];
}
