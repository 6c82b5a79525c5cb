/**
 * Argument lists as Go's `flag` package reads them: `-x` and `--x` are the same, a value follows `=` or is the next
 * argument, a switch takes a value only after `=`, and everything after the first positional is positional. Unlike Go,
 * reads on after a mistake, so that all problems are reported together.
 *
 * Pure, and independent of the program whose flags they are.
 */
import type { GivenOption } from "../../input/given.ts";
import { type Kind, textKind } from "../../input/kind.ts";
import type { OptionRows } from "../../input/option.ts";
import { missingValue, unknown } from "../../input/problems.ts";

/** An argument that begins with a dash. */
interface WrittenFlag {
  readonly dashes: 1 | 2;
  readonly name: string;
  /** Text after the first `=`; undefined without it. */
  readonly value: string | undefined;
}

/** Splits an argument that begins with a dash. */
export function splitFlag(argument: string): WrittenFlag {
  const dashes = argument.startsWith("--") ? 2 : 1;
  const equals = argument.indexOf("=", dashes + 1);
  return equals < 0
    ? { dashes, name: argument.slice(dashes), value: undefined }
    : { dashes, name: argument.slice(dashes, equals), value: argument.slice(equals + 1) };
}

/** A list of arguments that was read. */
interface GivenFlags {
  /** Flags by their long names; the last of several. */
  readonly given: readonly GivenOption[];
  readonly positionals: readonly string[];
  readonly wantsHelp: boolean;
  /** Sentences. */
  readonly problems: readonly string[];
}

/** All flags of a program. Aliases are written without dashes. `-h` and `-help` are among them. */
export class FlagSet {
  readonly #program: string;
  /** Long names by names and aliases. */
  readonly #names = new Map<string, string>();
  readonly #rows: OptionRows;
  readonly #isPositional: (argument: string) => boolean;

  /**
   * @param program name of the program in errors
   * @param isPositional distinguishes a positional from the value of an unknown flag
   */
  constructor(program: string, rows: OptionRows, isPositional: (argument: string) => boolean) {
    this.#program = program;
    this.#rows = rows;
    this.#isPositional = isPositional;
    for (const [name, { aliases = [] }] of Object.entries(rows)) {
      for (const one of [name, ...aliases]) this.#names.set(one, name);
    }
  }

  /** @param name or alias, without dashes */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  read(argv: readonly string[]): GivenFlags {
    const given = new Map<string, GivenOption>();
    const problems: string[] = [];
    let wantsHelp = false;
    let i = 0;
    while (i < argv.length) {
      const argument = argv[i] as string;
      if (!argument.startsWith("-") || argument === "-") break;
      i++;
      if (argument === "--") break;
      const { name, value } = splitFlag(argument);
      if (name === "h" || name === "help") {
        wantsHelp = true;
        continue;
      }
      const option = this.#names.get(name);
      const next = argv[i];
      if (option === undefined) {
        problems.push(this.#unknown(argument.split("=", 1)[0] as string, name));
        if (value === undefined && this.#isPlainWord(next)) i++;
        continue;
      }
      const { isSwitch, kind } = this.#rows[option] as OptionRows[string];
      const takesNext = value === undefined && !isSwitch;
      const text = value ?? (isSwitch ? "true" : next);
      if (takesNext && text !== undefined) i++;
      if (text === undefined) problems.push(missingValue(`-${name}`, kind.placeholder));
      else given.set(option, { option, text, origin: { source: "flag", place: `-${name}` } });
    }
    return { given: [...given.values()], positionals: argv.slice(i), wantsHelp, problems };
  }

  #unknown(written: string, name: string): string {
    const known = [...this.#names.keys()].map((one) => `-${one}`);
    return unknown({
      written,
      name: `-${name}`,
      what: `a flag of ${this.#program}`,
      known,
      prefix: "-",
      otherwise: "; see -help",
    });
  }

  /** Such an argument after an unknown flag is more likely the flag's value than the first positional. */
  #isPlainWord(argument: string | undefined): boolean {
    return argument !== undefined && !argument.startsWith("-") && !this.#isPositional(argument);
  }
}

/** Booleans of Go's strconv.ParseBool. */
export const goBoolean: Kind<boolean> = textKind("true|false", "true or false", (text) => {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
});

/** A whole number from 0 to `max` as Go writes it: 7777, 0x1E61, 0o17, 017, 0b1. */
export function goInteger(max: number): Kind<number> {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? "a whole number of 0 or more" : `a whole number from 0 to ${max}`;
  return textKind("N", expected, (text) => {
    if (!/^\+?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9]\d*|0)$/.test(text)) return undefined;
    const value = Number(text.replace(/^\+/, "").replace(/^0(?=\d)/, "0o"));
    return value <= max ? value : undefined;
  });
}

/** Any text, an empty one included. */
export function goText(placeholder: string): Kind<string> {
  return textKind(placeholder, "a text", (text) => text);
}

/** A text with a check. An empty text is valid: Go's programs take it for a flag that is not given. */
export function goTextOf(
  placeholder: string,
  expected: string,
  isValid: (text: string) => boolean,
): Kind<string> {
  return textKind(placeholder, expected, (text) => (text === "" || isValid(text) ? text : undefined));
}
