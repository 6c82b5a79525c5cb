/**
 * The command line of `natscope bench`: words and flags in any order, those of `nats bench` among them. Reports all
 * problems together. Pure.
 */
import { readArguments } from "../../input/argv.ts";
import type { Given, GivenOption } from "../../input/given.ts";
import { flagsOf } from "../../input/option.ts";
import { meant, unknownFlag } from "../../input/problems.ts";
import type { Given as ConnectionGiven, GivenRows, RowName } from "../../nats/connect/table.ts";
import { ROW_NAMES, rowOf } from "../../nats/connect/table.ts";
import { enumerate, quote } from "../../text/wording.ts";
import { absentWorkload } from "../workloads/not-of-nats-bench.ts";
import { WORKLOAD_NAMES, WORKLOADS } from "../workloads/workloads.ts";
import { benchHelp, IS_SWITCH } from "./help.ts";
import { absentFlag } from "./not-of-nats-bench.ts";
import { appliesTo, FLAG_NAMES, type OptionName, optionOf } from "./options.ts";

const COMMAND = "natscope bench";

/** Content of a command line. */
export type BenchArguments =
  | { readonly asked: "help"; readonly text: string }
  | ({ readonly asked: "workload"; readonly workload: string } & BenchGiven)
  | ({ readonly asked: "file"; readonly path: string } & BenchGiven)
  | ({ readonly asked: "nothing" } & BenchGiven);

/** Options of a command line. */
interface BenchGiven {
  readonly given: readonly GivenOption[];
  readonly connection: GivenRows;
  /** Sentences. */
  readonly problems: readonly string[];
}

/** Workloads by their words, those of natscli included. */
const NAMES = new Map<string, string>([
  ...WORKLOAD_NAMES.map((name) => [name, name] as const),
  ...WORKLOADS.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name] as const)),
]);

/** Flags of bench's options, and of the connection. */
const FLAGS = [
  ...FLAG_NAMES.map((option) => {
    const { isSwitch, kind } = optionOf(option);
    return { option, flags: flagsOf(option, optionOf(option)), isSwitch, placeholder: kind.placeholder };
  }),
  ...ROW_NAMES.map((connection) => {
    const { flags = [], kind } = rowOf(connection);
    return { connection, flags, isSwitch: IS_SWITCH.includes(connection), placeholder: kind.placeholder };
  }),
];

/** @param argv arguments after `bench` */
export function readBenchArguments(argv: readonly string[]): BenchArguments {
  const { given: flags, positionals, unknown, wantsHelp, problems } = readArguments(argv, FLAGS);
  const { words, rest } = leadingWords(positionals);
  const workload = NAMES.get(words);
  if (wantsHelp || argv.length === 0) return { asked: "help", text: benchHelp(words, workload) };
  const given: GivenOption[] = [];
  const connection: { [Name in RowName]?: ConnectionGiven } = {};
  for (const { row, given: one } of flags) {
    if ("option" in row) given.push({ option: row.option, ...one });
    else connection[row.connection] = { place: one.origin.place, text: one.text };
  }
  const found = { given, connection, problems: [...problems, ...unknown.map(unknownFlagOf)] };
  if (words === "run") return fileArguments(rest, found);
  if (workload === undefined) {
    return { asked: "nothing", ...found, problems: [...found.problems, unknownWorkload(positionals)] };
  }
  const takesSubject = appliesTo("subject", workload);
  const [subject, ...more] = takesSubject ? rest : [undefined, ...rest];
  if (subject !== undefined) given.push({ option: "subject" satisfies OptionName, ...subjectGiven(subject) });
  const extra = more.map((one) => {
    const expected = takesSubject ? "one subject" : "none";
    return `${COMMAND} ${workload} has the argument ${quote(one as string)}: expected ${expected}`;
  });
  return { asked: "workload", workload, ...found, problems: [...found.problems, ...extra] };
}

function subjectGiven(text: string): Given {
  return { text, origin: { source: "flag", place: "SUBJECT" } };
}

function fileArguments(rest: readonly string[], found: BenchGiven): BenchArguments {
  const [path, ...more] = rest;
  if (path !== undefined && more.length === 0) return { asked: "file", path, ...found };
  const problem = `${COMMAND} run has ${rest.length} files: expected one, as in ${COMMAND} run FILE.yaml`;
  return { asked: "nothing", ...found, problems: [...found.problems, problem] };
}

/** The longest sequence of first words that names a workload, or `run`. */
function leadingWords(positionals: readonly string[]): { words: string; rest: readonly string[] } {
  for (let length = Math.min(3, positionals.length); length > 0; length--) {
    const words = positionals.slice(0, length).join(" ");
    if (NAMES.has(words) || words === "run") return { words, rest: positionals.slice(length) };
  }
  return { words: positionals.join(" "), rest: [] };
}

function unknownWorkload(positionals: readonly string[]): string {
  const known = [...NAMES.keys(), "run"];
  if (positionals.length === 0) return `${COMMAND} has no workload: expected ${enumerate(known)}`;
  const words = positionals.slice(0, 3).join(" ");
  const absent = absentWorkload(words);
  if (absent !== undefined) return absent;
  const complete = known.filter((name) => name.startsWith(`${words} `));
  if (complete.length > 0) return `${COMMAND} ${words} is incomplete: expected ${enumerate(complete)}`;
  const similar = [words, ...positionals.slice(0, 2).map((_, i) => positionals.slice(0, i + 1).join(" "))]
    .map((one) => meant(one, known))
    .find((one) => one !== "");
  return `${quote(words)} is not a workload${similar ?? `: expected ${enumerate(known)}`}`;
}

function unknownFlagOf(written: string): string {
  const flag = written.split("=", 1)[0] as string;
  const absent = absentFlag(flag);
  if (absent !== undefined) return absent;
  if (flag === "--subject") {
    return `${flag} is not a flag of ${COMMAND}: expected the subject after the workload, as in pub orders.new`;
  }
  return unknownFlag(
    COMMAND,
    written,
    FLAGS.flatMap(({ flags }) => flags),
  );
}
