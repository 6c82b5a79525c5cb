/**
 * Argument lists as Go's `flag` package reads them, which natscope's own are not: `-x` and `--x` are the same,
 * a value follows `=` or is the next argument, a switch takes a value only after `=`, and all after the first
 * positional is positional. Unlike in Go, reading goes on after a mistake, to tell of all of them.
 *
 * Pure, and unaware of whose flags they are.
 */
import { nearest } from "../../text/nearest.ts";

/** A flag as it can be given. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  readonly alias?: string;
  readonly takes: "nothing" | "text" | "integer";
}

/** An argument that begins with a dash, taken apart. */
interface WrittenFlag {
  readonly dashes: 1 | 2;
  readonly name: string;
  /** What stands after the first `=`, if there is one. */
  readonly value: string | undefined;
}

/** Takes apart an argument that begins with a dash. */
export function splitFlag(argument: string): WrittenFlag {
  const dashes = argument.startsWith("--") ? 2 : 1;
  const equals = argument.indexOf("=", dashes + 1);
  return equals < 0
    ? { dashes, name: argument.slice(dashes), value: undefined }
    : { dashes, name: argument.slice(dashes, equals), value: argument.slice(equals + 1) };
}

/** What an argument list gives: of a flag that is given again, the last. Flags go by their long names. */
export class GivenFlags {
  readonly positionals: readonly string[];
  readonly #values: ReadonlyMap<string, string>;

  /** @param values texts as written; "true" or "false" of a switch */
  constructor(values: ReadonlyMap<string, string>, positionals: readonly string[]) {
    this.#values = values;
    this.positionals = positionals;
  }

  /** The text given; undefined where the flag is not. */
  value(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** The text given; empty where the flag is not, which these programs take for the same. */
  text(name: string): string {
    return this.#values.get(name) ?? "";
  }

  isOn(name: string): boolean {
    return this.#values.get(name) === "true";
  }
}

/** All flags of a program. `-h` and `-help` are among them by themselves, as the switch `help`. */
export class FlagSet {
  readonly #program: string;
  readonly #flags = new Map<string, Flag>();
  readonly #isPositional: (argument: string) => boolean;

  /**
   * @param program whose flags they are, for the messages
   * @param isPositional tells a positional from the value of an unknown flag
   */
  constructor(program: string, flags: readonly Flag[], isPositional: (argument: string) => boolean) {
    this.#program = program;
    this.#isPositional = isPositional;
    for (const flag of flags) {
      this.#flags.set(flag.name, flag);
      if (flag.alias !== undefined) this.#flags.set(flag.alias, flag);
    }
  }

  /** @param name or alias, without dashes */
  has(name: string): boolean {
    return this.#flags.has(name);
  }

  /** @param problems gets a sentence, without a full stop, for each argument that cannot be read */
  read(argv: readonly string[], problems: string[]): GivenFlags {
    const values = new Map<string, string>();
    let i = 0;
    while (i < argv.length) {
      const argument = argv[i] as string;
      if (!argument.startsWith("-") || argument === "-") break;
      i++;
      if (argument === "--") break;
      i += this.#readOne(argument, argv[i], values, problems);
    }
    return new GivenFlags(values, argv.slice(i));
  }

  /** Answers how many of the following arguments belong to this one: 0 or 1. */
  #readOne(
    argument: string,
    next: string | undefined,
    values: Map<string, string>,
    problems: string[],
  ): 0 | 1 {
    const { name, value } = splitFlag(argument);
    if (name === "h" || name === "help") {
      values.set("help", "true");
      return 0;
    }
    const flag = this.#flags.get(name);
    if (!flag) {
      problems.push(this.#unknown(argument.split("=", 1)[0] as string, name));
      return value === undefined && this.#isPlainWord(next) ? 1 : 0;
    }
    if (flag.takes === "nothing") {
      const state = parseSwitch(value ?? "true");
      if (state === undefined) problems.push(`expected -${name} to be true or false, got "${value}"`);
      else values.set(flag.name, String(state));
      return 0;
    }
    const text = value ?? next;
    if (text === undefined) {
      problems.push(`-${name} needs a value, as in -${name}=${flag.takes === "integer" ? "7777" : "value"}`);
      return 0;
    }
    values.set(flag.name, text);
    return value === undefined ? 1 : 0;
  }

  #unknown(written: string, name: string): string {
    const meant = nearest(name, this.#flags.keys());
    return `${written} is not a flag of ${this.#program}${meant ? `; did you mean -${meant}?` : ""}`;
  }

  /** Such a word after an unknown flag is more likely its value than the first positional. */
  #isPlainWord(argument: string | undefined): boolean {
    return argument !== undefined && !argument.startsWith("-") && !this.#isPositional(argument);
  }
}

/** What Go's strconv.ParseBool takes. */
function parseSwitch(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** A whole number, at least 0, as Go writes them: 7777, 0x1E61, 0o17, 017, 0b1. Undefined where it is none. */
export function parseWholeNumber(text: string): number | undefined {
  return /^\+?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9]\d*|0)$/.test(text)
    ? Number(text.replace(/^\+/, "").replace(/^0(?=\d)/, "0o"))
    : undefined;
}
