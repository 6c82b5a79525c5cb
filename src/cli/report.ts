/**
 * `natscope report`: reads saved results, judges them, and writes the report. Writes nothing before all files are read
 * and the whole input is valid.
 */
import { statSync, writeFileSync } from "node:fs";
import { writingProblem } from "../bench/options/outputs.ts";
import { type ReportRequest, readReportArguments } from "../bench/options/report-options.ts";
import { FORMATS, type Format, shownOf } from "../bench/report/formats.ts";
import { loadResult, STANDARD_STREAM } from "../bench/result/load-result.ts";
import type { Result } from "../bench/result/schema.ts";
import { pointless } from "../bench/result/threshold.ts";
import { InvalidValue } from "../input/invalid-value.ts";
import { visible } from "../text/visible.ts";
import { errorMessage } from "../text/wording.ts";
import { type JudgedResult, reportEnding } from "./ending.ts";
import { DONE, FAILED, WRONG_INPUT } from "./exit-codes.ts";
import { TERMINAL } from "./terminal.ts";

/** @param argv arguments after `report` @returns the exit code */
export async function report(argv: readonly string[]): Promise<number> {
  const read = readReportArguments(argv);
  if ("help" in read) {
    await TERMINAL.print(read.help);
    return DONE;
  }
  if ("problems" in read) return end(WRONG_INPUT, read.problems);
  const { files, thresholds, out } = read.request;
  const outProblem = out === undefined ? undefined : problemWith(out, files);
  if (outProblem !== undefined) return end(WRONG_INPUT, [`--out names ${out}, which ${outProblem}`]);

  const { results, problems } = await loadAll(files);
  if (problems.length > 0) return end(FAILED, problems);
  const scenarios = results.flatMap(({ result }) => result.scenarios.map(({ scenario }) => scenario));
  const inapplicable = pointless(thresholds, scenarios).map((why) => visible(`--threshold ${why}`));
  if (inapplicable.length > 0) return end(WRONG_INPUT, inapplicable);

  const judged = results.map((one) => ({ ...one, shown: shownOf(one.result, thresholds) }));
  const { code, reasons } = reportEnding(judged, thresholds.length > 0);
  const text = textOf(judged, read.request);
  if (out === undefined) {
    // The exit code if the reader closes the pipe.
    process.exitCode = code;
    await TERMINAL.print(text);
    return end(code, reasons);
  }
  try {
    writeFileSync(out, text);
  } catch (error) {
    return end(FAILED, [...reasons, `cannot write ${out}: ${errorMessage(error)}`]);
  }
  return end(code, reasons);
}

async function end(code: number, sentences: readonly string[]): Promise<number> {
  await TERMINAL.printErrors(sentences);
  return code;
}

/** A result and its name in sentences. */
interface NamedResult {
  readonly name: string;
  readonly result: Result;
}

async function loadAll(
  files: readonly string[],
): Promise<{ readonly results: readonly NamedResult[]; readonly problems: readonly string[] }> {
  const results: NamedResult[] = [];
  const problems: string[] = [];
  for (const file of files) {
    const name = file === STANDARD_STREAM ? "standard input" : file;
    const result = await loadResult(file);
    if (result instanceof InvalidValue) problems.push(`${name} ${result.why}`);
    else results.push({ name, result });
  }
  return { results, problems };
}

/** Why the report must not be written to a file, to follow the file's name in a sentence. */
function problemWith(out: string, files: readonly string[]): string | undefined {
  const problem = writingProblem(out);
  if (problem !== undefined) return problem;
  const existing = statSync(out, { throwIfNoEntry: false });
  const isSame = (file: string) => {
    const read = file === STANDARD_STREAM ? undefined : statSync(file, { throwIfNoEntry: false });
    return read !== undefined && read.dev === existing?.dev && read.ino === existing?.ino;
  };
  return existing?.isFile() && files.some(isSame) ? "is the result file: expected another file" : undefined;
}

/** The reports one after another; several as text each under the name of its file. */
function textOf(judged: readonly JudgedResult[], { format }: ReportRequest): string {
  const { write }: Format = FORMATS[format];
  const texts = judged.map(({ name, result, shown }) => {
    const text = write(result, shown);
    return judged.length > 1 && format === "text" ? `==> ${visible(name)} <==\n\n${text}` : text;
  });
  return texts.join("\n");
}
