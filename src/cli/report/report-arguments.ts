/** The command line of `natscope report`: of which results, in which form, where to, and what has to hold. Pure. */
import { Command, Option as Flag } from "commander";
import { threshold } from "../../bench/options/option-kinds.ts";
import { formatOf } from "../../bench/options/outputs.ts";
import { FORMATS, type FormatName } from "../../bench/report/formats.ts";
import type { Threshold } from "../../bench/result/threshold.ts";
import { flagTerm } from "../../input/help.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import { choice, file, type Kind } from "../../input/kinds.ts";
import { unknownFlag } from "../../input/unknown-flag.ts";
import { quote } from "../../text/wording.ts";
import { STANDARD_STREAM } from "../saved-result.ts";

/** What was asked for. Of the problems each is a sentence; where there are any, the rest is worth nothing. */
export type ReportArguments =
  | { readonly asked: "help"; readonly text: string }
  | { readonly asked: "nothing"; readonly problems: readonly string[] }
  | ({ readonly asked: "report" } & ReportOrder);

/** A report that can be made. */
export interface ReportOrder {
  /** At least one; `STANDARD_STREAM` at most once. */
  readonly files: readonly string[];
  readonly format: FormatName;
  /** Undefined: standard output. */
  readonly out: string | undefined;
  readonly thresholds: readonly Threshold[];
}

const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

/** Forms that stay what they are when one follows another. */
const FOLLOWING: readonly FormatName[] = ["text", "md"];

const extensions = FORMAT_NAMES.map((name) => FORMATS[name].extension).join(", ");

interface ReportFlag {
  readonly kind: Kind<unknown>;
  readonly help: string;
  readonly repeats?: true;
}

const FLAGS = {
  format: { kind: choice(FORMAT_NAMES), help: "Form of the report (default: by --out's name; else text)" },
  out: { kind: file, help: `File for the report, instead of standard output: ${extensions}` },
  threshold: {
    kind: threshold,
    repeats: true,
    help: "Condition that has to hold, or the exit code is 3: response.p99<5ms, lost==0, rate>=10000; of one scenario: NAME/lost==0",
  },
} as const satisfies Readonly<Record<string, ReportFlag>>;

type FlagName = keyof typeof FLAGS;

const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

/** @param argv what follows `report` */
export function readReportArguments(argv: readonly string[]): ReportArguments {
  const command = new Command("natscope report").helpOption(false).allowUnknownOption();
  const given = new Map<FlagName, (string | null)[]>(FLAG_NAMES.map((name) => [name, []]));
  let wantsHelp = argv.length === 0;
  for (const name of FLAG_NAMES) {
    command.addOption(flagOf(name));
    command.on(`option:${name}`, (text: string | null) => given.get(name)?.push(text));
  }
  command.addOption(new Flag("-h, --help"));
  command.on("option:help", () => {
    wantsHelp = true;
  });
  const { operands, unknown } = command.parseOptions([...argv]);
  if (wantsHelp) return { asked: "help", text: help() };

  const problems: string[] = unknown
    .filter((text) => text.startsWith("-"))
    .map((text) => unknownFlag("report", text, [...FLAG_NAMES, "help"]));
  const tell = (problem: string) => problems.push(problem);
  const [format] = valuesOf<FormatName>("format", given, tell);
  const [path] = valuesOf<string>("out", given, tell);
  const out = path === STANDARD_STREAM ? undefined : path;
  const thresholds = valuesOf<Threshold>("threshold", given, tell);
  const named = out === undefined ? "text" : formatOf(out);
  if (given.get("format")?.length === 0 && named === undefined && out !== undefined) {
    tell(`--out is ${quote(out)}, but must end with one of ${extensions}, or --format say which it is`);
  }
  const chosen = format ?? named ?? "text";
  // What follows an unknown flag may be its value, or a file.
  if (unknown.length === 0) for (const problem of fileProblems(operands, chosen)) tell(problem);
  if (problems.length > 0) return { asked: "nothing", problems };
  return { asked: "report", files: operands, format: chosen, out, thresholds };
}

function fileProblems(files: readonly string[], format: FormatName): readonly string[] {
  if (files.length === 0) {
    return [
      `natscope report needs the FILE of a result, or ${STANDARD_STREAM} for standard input; ${ORIGIN_OF_RESULTS}`,
    ];
  }
  const problems: string[] = [];
  if (files.filter((name) => name === STANDARD_STREAM).length > 1) {
    problems.push("standard input can be read once only");
  }
  if (files.includes("")) problems.push("a FILE has a name");
  if (files.length > 1 && !FOLLOWING.includes(format)) {
    problems.push(
      `a report as ${format} is of one result, not of ${files.length}; of several there is ${FOLLOWING.join(" and ")}`,
    );
  }
  return problems;
}

const ORIGIN_OF_RESULTS = "natscope bench --out FILE writes one";

/** Of a flag that takes one value at most one. */
function valuesOf<Value>(
  name: FlagName,
  given: ReadonlyMap<FlagName, readonly (string | null)[]>,
  tell: (problem: string) => void,
): readonly Value[] {
  const { kind, repeats }: ReportFlag = FLAGS[name];
  const place = `--${name}`;
  const texts = (given.get(name) ?? []).flatMap((text) => {
    if (text === null) tell(`${place} needs a value: ${place} ${kind.placeholder}`);
    return text ?? [];
  });
  if (!repeats && texts.length > 1) {
    tell(`${place} is given more than once, ${texts.map(quote).join(" and ")}, but takes one value`);
  }
  return texts.flatMap((text) => {
    const value = kind.parse({ text, origin: { source: "flag", place } });
    if (!(value instanceof InvalidValue)) return [value as Value];
    tell(`${place} ${value.why}`);
    return [];
  });
}

function flagOf(name: FlagName): Flag {
  const { kind, help: text } = FLAGS[name];
  // The value is optional to commander only: it would stop at the first that is missing.
  return new Flag(`--${name} [${kind.placeholder}]`, text);
}

function help(): string {
  const command = new Command("natscope report")
    .description(
      "Makes a report of a result that natscope bench has saved: the same file, the same report, years later.",
    )
    .usage("FILE... [flags]")
    .helpOption(false)
    .configureHelp({ helpWidth: 100, optionTerm: flagTerm });
  for (const name of FLAG_NAMES) command.addOption(flagOf(name).helpGroup("Flags:"));
  command.addOption(new Flag("-h, --help", "Print this help").helpGroup("Flags:"));
  const width = Math.max(...FORMAT_NAMES.map((name) => name.length));
  const forms = FORMAT_NAMES.map((name) => `  ${name.padEnd(width)}  ${FORMATS[name].help}`);
  return `${command.helpInformation()}
FILE is what natscope bench --out has written, ${STANDARD_STREAM} is standard input. Of several files, reports follow one another: as
${FOLLOWING.join(" and ")} only.

Forms:
${forms.join("\n")}

Examples:
  natscope report result.json
  natscope report result.json --out result.html
  natscope report monday.json tuesday.json --threshold 'response.p99<5ms' --threshold lost==0

Exit codes: 0 done, 1 a file cannot be read or written, 2 wrong input, 3 a threshold is not met, 5 thresholds were
asked of figures that cannot be trusted.
`;
}
