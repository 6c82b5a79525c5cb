/**
 * The command line of `natscope bench`: which workload, and what is given for it. The words and flags are those of
 * `nats bench`, in any order. Commander knows the grammar and writes the help; what it would refuse one at a
 * time is gathered here, to be told all at once.
 */
import { Command, Option as Flag } from "commander";
import type { GivenSetting } from "../../input/given.ts";
import { flagTerm } from "../../input/help.ts";
import { unknownFlag } from "../../input/unknown-flag.ts";
import type { Given as ConnectionGiven, GivenRows, RowName } from "../../nats/connect/table.ts";
import { ROW_NAMES, rowOf } from "../../nats/connect/table.ts";
import { conceal, didYouMean, enumerate } from "../../text/wording.ts";
import { absentWorkload } from "../workloads/not-of-nats-bench.ts";
import { WORKLOAD_NAMES, WORKLOADS, workloadOf } from "../workloads/workloads.ts";
import { absentFlag } from "./not-of-nats-bench.ts";
import { GROUPS } from "./option.ts";
import { appliesTo, flagOf, OPTION_NAMES, type OptionName, optionOf } from "./options.ts";

/** What was asked for. */
export type BenchArguments =
  | { readonly asked: "help"; readonly text: string }
  | ({ readonly asked: "workload"; readonly workload: string } & BenchGiven)
  | ({ readonly asked: "file"; readonly path: string } & BenchGiven)
  | ({ readonly asked: "nothing" } & BenchGiven);

/** What was given, besides what for. */
export interface BenchGiven {
  readonly given: readonly GivenSetting[];
  readonly connection: GivenRows;
  /** Sentences. */
  readonly problems: readonly string[];
}

/** By the words for them; natscli's own come beside ours. */
const NAMES = new Map<string, string>([
  ...WORKLOAD_NAMES.map((name) => [name, name] as const),
  ...WORKLOADS.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name] as const)),
]);

/** Options that have flags. */
const FLAGGED = OPTION_NAMES.filter((name) => optionOf(name).only !== "file");
/** Rows of a connection that have flags. */
const CONNECTION_ROWS = ROW_NAMES.filter((name) => rowOf(name).flags !== undefined);
const IS_SWITCH: readonly RowName[] = ["handshakeFirst"];

/** @param argv what follows `bench` */
export function readBenchArguments(argv: readonly string[]): BenchArguments {
  const reading = new Reading();
  const { operands, unknown } = reading.command.parseOptions([...argv]);
  const { words, rest } = leadingWords(operands);
  const workload = NAMES.get(words);
  if (reading.wantsHelp || argv.length === 0) return { asked: "help", text: helpFor(words, workload) };
  const { given, connection, problems } = reading;
  const found = { given, connection, problems: [...problems, ...strangers(unknown)] };
  if (words === "run") return fileAsked(rest, found);
  if (workload === undefined) {
    return { asked: "nothing", ...found, problems: [...found.problems, unknownWorkload(operands)] };
  }
  const [subject, ...more] = rest;
  const takesSubject = appliesTo("subject", workload);
  const extra = takesSubject ? more : rest;
  for (const one of extra) {
    const what = takesSubject ? "one subject" : "no argument";
    found.problems.push(`natscope bench ${workload} takes ${what}, not ${JSON.stringify(conceal(one))}`);
  }
  if (takesSubject && subject !== undefined) {
    found.given.push({ setting: "subject", text: subject, origin: { source: "flag", place: "SUBJECT" } });
  }
  return { asked: "workload", workload, ...found };
}

function fileAsked(rest: readonly string[], found: BenchGiven): BenchArguments {
  const [path, ...more] = rest;
  if (path !== undefined && more.length === 0) return { asked: "file", path, ...found };
  const why = "natscope bench run takes one file of scenarios: natscope bench run FILE.yaml";
  return { asked: "nothing", ...found, problems: [...found.problems, why] };
}

/** The longest beginning that names a workload, or `run`. */
function leadingWords(operands: readonly string[]): { words: string; rest: readonly string[] } {
  for (let length = Math.min(3, operands.length); length > 0; length--) {
    const words = operands.slice(0, length).join(" ");
    if (NAMES.has(words) || words === "run") return { words, rest: operands.slice(length) };
  }
  return { words: operands.join(" "), rest: [] };
}

function unknownWorkload(operands: readonly string[]): string {
  const known = [...NAMES.keys(), "run"];
  if (operands.length === 0) return `natscope bench needs a workload: ${enumerate(known)}`;
  const words = operands.slice(0, 3).join(" ");
  const absent = absentWorkload(words);
  if (absent !== undefined) return absent;
  const inside = known.filter((name) => name.startsWith(`${words} `));
  if (inside.length > 0) return `natscope bench ${words} is incomplete: ${enumerate(inside)}`;
  const near = [words, ...operands.slice(0, 2).map((_, i) => operands.slice(0, i + 1).join(" "))]
    .map((one) => didYouMean(one, known))
    .find((one) => one !== "");
  return `${JSON.stringify(conceal(words))} is not a workload${near ?? `: natscope bench has ${enumerate(known)}`}`;
}

/** What is neither a flag nor a word before an unknown flag. What follows one passes for its value. */
function strangers(texts: readonly string[]): string[] {
  const known = [
    ...FLAGGED.flatMap((name) => [flagOf(name), ...(optionOf(name).aliases ?? [])]),
    ...CONNECTION_ROWS.flatMap((name) => rowOf(name).flags ?? []),
  ].filter((flag) => flag.startsWith("--"));
  return texts.flatMap((text) => {
    if (!text.startsWith("-")) return [];
    const flag = text.split("=", 1)[0] as string;
    const absent = absentFlag(flag);
    if (absent !== undefined) return [absent];
    if (flag === flagOf("subject"))
      return [`${flag} is not a flag: the subject follows the workload, as in pub orders.new`];
    return [unknownFlag("bench", text, known)];
  });
}

/** Listens to the flags of a command line. */
class Reading {
  readonly given: GivenSetting[] = [];
  readonly problems: string[] = [];
  readonly connection: { [Name in RowName]?: ConnectionGiven } = {};
  wantsHelp = false;
  readonly command = new Command("bench").helpOption(false).allowUnknownOption().allowExcessArguments();

  constructor() {
    for (const name of FLAGGED) this.#option(name);
    for (const name of CONNECTION_ROWS) this.#connection(name);
    this.command.addOption(new Flag("-h, --help"));
    this.command.on("option:help", () => {
      this.wantsHelp = true;
    });
  }

  #option(name: OptionName): void {
    const { kind, aliases = [], isSwitch } = optionOf(name);
    for (const flag of [flagOf(name), ...aliases]) {
      const note = (text: string, place = flag) =>
        this.given.push({ setting: name, text, origin: { source: "flag", place } });
      if (isSwitch) {
        const opposite = flag.replace(/^--/, "--no-");
        this.#listen(flag, flag, () => note("true"));
        this.#listen(opposite, opposite, () => note("false", opposite));
      } else this.#listen(`${flag} [value]`, flag, (text) => note(text), `${flag} ${kind.placeholder}`);
    }
  }

  #connection(name: RowName): void {
    const { flags = [], kind } = rowOf(name);
    for (const flag of flags) {
      const note = (text: string) => {
        this.connection[name] = { place: flag, text };
      };
      if (IS_SWITCH.includes(name)) this.#listen(flag, flag, () => note("true"));
      else this.#listen(`${flag} [value]`, flag, note, `${flag} ${kind.placeholder}`);
    }
  }

  /** @param usage how to say it right, where a value may be missing */
  #listen(declaration: string, flag: string, note: (text: string) => void, usage?: string): void {
    this.command.addOption(new Flag(declaration));
    this.command.on(`option:${flag.replace(/^-+/, "")}`, (text: string | null) => {
      if (usage !== undefined && text === null) this.problems.push(`${flag} needs a value: ${usage}`);
      else note(text ?? "");
    });
  }
}

/** Help of a workload, or of all of them. */
function helpFor(words: string, workload: string | undefined): string {
  const all = WORKLOAD_NAMES;
  const inside = all.filter((name) => words === "" || name.startsWith(`${words} `));
  if (workload) return workloadHelp(workload);
  const shown = inside.length > 0 ? inside : all;
  const width = Math.max(...shown.map((name) => name.length), "run FILE.yaml".length);
  const lines = shown.map((name) => `  ${name.padEnd(width)}  ${workloadOf(name).help}`);
  return `Usage: natscope bench WORKLOAD [SUBJECT] [flags]

Loads NATS and says what it took: throughput, response time, what was lost, and whether to believe it.

Workloads:
${lines.join("\n")}
  ${"run FILE.yaml".padEnd(width)}  several scenarios, together or one after the other

natscope bench WORKLOAD --help tells the flags of one.
${EXAMPLES}`;
}

const EXAMPLES = `
Examples:
${WORKLOADS.flatMap(({ name, example }) => (example === undefined ? [] : [`  natscope bench ${name} ${example}\n`])).join("")}  natscope bench run scenarios.yaml

Exit codes: 0 done, 1 it failed, 2 wrong input, 3 a threshold is not met, 5 the run cannot be trusted.
`;

function workloadHelp(workload: string): string {
  const subject = appliesTo("subject", workload) ? " [SUBJECT]" : "";
  const command = new Command(`natscope bench ${workload}`)
    .description(`${workloadOf(workload).help.replace(/^./, (first) => first.toUpperCase())}.`)
    .usage(`${subject} [flags]`.trim())
    .helpOption(false)
    .configureHelp({ helpWidth: 100, optionTerm: flagTerm });
  const names = FLAGGED.filter((name) => appliesTo(name, workload));
  for (const group of GROUPS) {
    for (const name of names.filter((one) => optionOf(one).group === group)) {
      const { kind, help, preset, isSwitch } = optionOf(name);
      const value = isSwitch ? "" : ` [${kind.placeholder}]`;
      const text = `${help}${preset === undefined ? "" : ` (default: ${preset})`}`;
      command.addOption(new Flag(`${flagOf(name)}${value}`, text).helpGroup(`${group}:`));
    }
  }
  for (const name of CONNECTION_ROWS) {
    const { flags = [], help, kind, variables } = rowOf(name);
    const value = IS_SWITCH.includes(name) ? "" : ` [${kind.placeholder}]`;
    const [variable] = variables;
    const text = variable === undefined ? help : `${help} (${variable})`;
    command.addOption(new Flag(`${flags[0]}${value}`, text).helpGroup("Connection, as of nats:"));
  }
  command.addOption(new Flag("-h, --help", "Print this help").helpGroup("Other:"));
  return command.helpInformation();
}
