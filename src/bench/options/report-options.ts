/** The options of `natscope report`, its command line and its help. Pure. */
import { readArguments } from "../../input/argv.ts";
import { HELP_ROW, helpText, optionHelp } from "../../input/help.ts";
import { called, choice, file } from "../../input/kinds.ts";
import { flagsOf, type OptionRows, option } from "../../input/option.ts";
import { unknownFlag } from "../../input/problems.ts";
import { resolve } from "../../input/resolve.ts";
import { quote } from "../../text/wording.ts";
import { FORMATS, type FormatName } from "../report/formats.ts";
import { STANDARD_STREAM } from "../result/load-result.ts";
import type { Threshold } from "../result/threshold.ts";
import { threshold } from "./option-kinds.ts";
import { formatOf } from "./outputs.ts";

const COMMAND = "natscope report";

/** Content of a command line of `natscope report`. */
type ReportArguments =
  | { readonly help: string }
  /** Sentences. */
  | { readonly problems: readonly string[] }
  | { readonly request: ReportRequest };

export interface ReportRequest {
  /** One or more; `STANDARD_STREAM` at most once. */
  readonly files: readonly string[];
  readonly format: FormatName;
  /** Undefined: standard output. */
  readonly out: string | undefined;
  readonly thresholds: readonly Threshold[];
}

const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
const EXTENSIONS = FORMAT_NAMES.map((name) => FORMATS[name].extension).join(", ");

/** Formats in which several reports can follow one another. */
const SEQUENTIAL: readonly FormatName[] = ["text", "md"];

const ROWS = {
  format: option(called("FORMAT", choice(FORMAT_NAMES)), {
    group: "Flags",
    defaultRule: "by the name of --out, else text",
    help: `Format of the report: ${FORMAT_NAMES.join(", ")}.`,
  }),
  out: option(file, {
    group: "Flags",
    defaultRule: "standard output",
    help: `File for the report: ${EXTENSIONS}.`,
  }),
  threshold: option(threshold, {
    group: "Flags",
    repeats: true,
    help: "Condition that must hold, or the exit code is 3: response.p99<5ms, lost==0, rate>=10000. NAME/lost==0 applies to the scenario NAME only.",
  }),
} satisfies OptionRows;

const FLAGS = Object.entries(ROWS).map(([name, row]) => ({
  name,
  flags: flagsOf(name, row),
  placeholder: row.kind.placeholder,
}));

/** @param argv arguments after `report` */
export function readReportArguments(argv: readonly string[]): ReportArguments {
  const { given, positionals: files, unknown, wantsHelp, problems } = readArguments(argv, FLAGS);
  if (wantsHelp || argv.length === 0) return { help: help() };
  const options = given.map(({ row, given: one }) => ({ option: row.name, ...one }));
  const { values, problems: optionProblems } = resolve(ROWS, [options]);
  const hasFormat = options.some((one) => one.option === "format");
  const out = values.out === STANDARD_STREAM ? undefined : values.out;
  const format = values.format ?? (out === undefined ? "text" : formatOf(out));
  const all = [
    ...problems,
    ...unknown.map((text) =>
      unknownFlag(COMMAND, text, [...Object.keys(ROWS).map((name) => `--${name}`), "--help"]),
    ),
    ...optionProblems,
    ...(format === undefined && !hasFormat ? [noFormat(out as string)] : []),
    // The argument after an unknown flag may be its value, or a file.
    ...(unknown.length === 0 ? fileProblems(files, format ?? "text") : []),
  ];
  if (all.length > 0) return { problems: all };
  return { request: { files, format: format as FormatName, out, thresholds: values.threshold } };
}

function noFormat(out: string): string {
  return `--out is ${quote(out)}: expected a name that ends with one of ${EXTENSIONS}, or --format`;
}

function fileProblems(files: readonly string[], format: FormatName): readonly string[] {
  if (files.length === 0) {
    return [
      `${COMMAND} has no FILE: expected a file from natscope bench --out, or ${STANDARD_STREAM} for standard input`,
    ];
  }
  const problems: string[] = [];
  const streams = files.filter((name) => name === STANDARD_STREAM).length;
  if (streams > 1)
    problems.push(`standard input (${STANDARD_STREAM}) is given ${streams} times: expected once`);
  if (files.includes("")) problems.push("a FILE is empty: expected a name");
  if (files.length > 1 && !SEQUENTIAL.includes(format)) {
    problems.push(
      `--format ${format} takes one result file, got ${files.length}; ${SEQUENTIAL.join(" and ")} accept several`,
    );
  }
  return problems;
}

function help(): string {
  return helpText({
    usage: `${COMMAND} FILE... [flags]`,
    summary:
      "Creates a report from a result that natscope bench --out has saved. The same file always gives the same report.",
    sections: [
      {
        title: "Flags",
        rows: [...Object.entries(ROWS).map(([name, row]) => optionHelp(name, row)), HELP_ROW],
      },
      { title: "Formats", rows: FORMAT_NAMES.map((name) => [name, FORMATS[name].help] as const) },
    ],
    notes: [
      `FILE ${STANDARD_STREAM} is standard input. Several files give several reports, with --format ${SEQUENTIAL.join(" or ")} only.`,
      EXAMPLES,
      EXIT_CODES,
    ],
  });
}

const EXAMPLES = `Examples:
  natscope report result.json
  natscope report result.json --out result.html
  natscope report monday.json tuesday.json --threshold 'response.p99<5ms'`;

const EXIT_CODES = `Exit codes:
  0  done
  1  a file cannot be read or written
  2  invalid input
  3  a threshold is not met
  5  a threshold applies to a result that cannot be trusted`;
