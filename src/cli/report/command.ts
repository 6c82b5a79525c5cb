/**
 * `natscope report`: reads saved results, judges them, and writes the report. Nothing is written before all of them
 * are read and all that was asked makes sense.
 */
import { statSync, writeFileSync } from "node:fs";
import { writingProblem } from "../../bench/options/outputs.ts";
import { FORMATS, type Format, shownOf } from "../../bench/report/formats.ts";
import type { Result } from "../../bench/result/schema.ts";
import { pointless } from "../../bench/result/threshold.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import { visible } from "../../text/visible.ts";
import { errorMessage } from "../../text/wording.ts";
import type { Terminal } from "../bench/command.ts";
import { DONE, FAILED, WRONG_INPUT } from "../exit-codes.ts";
import { loadResult, STANDARD_STREAM } from "../saved-result.ts";
import { endingOf, type JudgedResult } from "./ending.ts";
import { type ReportOrder, readReportArguments } from "./report-arguments.ts";

/** @param argv what follows `report` @returns the exit code */
export async function reportCommand(
  argv: readonly string[],
  terminal: Pick<Terminal, "print" | "complain">,
): Promise<number> {
  const end = async (code: number, sentences: readonly string[]) => {
    await terminal.complain(sentences);
    return code;
  };
  const asked = readReportArguments(argv);
  if (asked.asked === "help") {
    await terminal.print(asked.text);
    return DONE;
  }
  if (asked.asked === "nothing") return end(WRONG_INPUT, asked.problems);
  const { files, thresholds, out } = asked;
  const outProblem = out === undefined ? undefined : problemOf(out, files);
  if (outProblem !== undefined) return end(WRONG_INPUT, [`--out names ${out}, which ${outProblem}`]);

  const { results, refusals } = await loadAll(files);
  if (refusals.length > 0) return end(FAILED, refusals);
  const scenarios = results.flatMap(({ result }) => result.scenarios.map(({ scenario }) => scenario));
  const vain = pointless(thresholds, scenarios).map((why) => visible(`--threshold ${why}`));
  if (vain.length > 0) return end(WRONG_INPUT, vain);

  const judged = results.map((one) => ({ ...one, shown: shownOf(one.result, thresholds) }));
  const { code, complaints } = endingOf(judged, thresholds.length > 0);
  const text = textOf(judged, asked);
  if (out === undefined) {
    // Holds as well where the reader leaves early.
    process.exitCode = code;
    await terminal.print(text);
    return end(code, complaints);
  }
  try {
    writeFileSync(out, text);
  } catch (error) {
    return end(FAILED, [...complaints, `${out} could not be written: ${errorMessage(error)}`]);
  }
  return end(code, complaints);
}

/** A result, and what it is called when it is spoken of. */
interface NamedResult {
  readonly name: string;
  readonly result: Result;
}

async function loadAll(
  files: readonly string[],
): Promise<{ readonly results: readonly NamedResult[]; readonly refusals: readonly string[] }> {
  const results: NamedResult[] = [];
  const refusals: string[] = [];
  for (const file of files) {
    const name = file === STANDARD_STREAM ? "standard input" : file;
    const result = await loadResult(file);
    if (result instanceof InvalidValue) refusals.push(`${name} ${result.why}`);
    else results.push({ name, result });
  }
  return { results, refusals };
}

/** Why a file must not be written, as the end of a sentence. */
function problemOf(out: string, files: readonly string[]): string | undefined {
  const problem = writingProblem(out);
  if (problem !== undefined) return problem;
  const there = statSync(out, { throwIfNoEntry: false });
  const isRead = (file: string) => {
    const read = file === STANDARD_STREAM ? undefined : statSync(file, { throwIfNoEntry: false });
    return read !== undefined && read.dev === there?.dev && read.ino === there?.ino;
  };
  return there?.isFile() && files.some(isRead) ? "is the result itself" : undefined;
}

/** Of several results one after the other, each under its name. */
function textOf(judged: readonly JudgedResult[], { format }: ReportOrder): string {
  const { write }: Format = FORMATS[format];
  const texts = judged.map(({ name, result, shown }) => {
    const text = write(result, shown);
    return judged.length > 1 && format === "text" ? `==> ${visible(name)} <==\n\n${text}` : text;
  });
  return texts.join("\n");
}
