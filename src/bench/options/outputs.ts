/** Where the reports of a benchmark go: found out, and tried, before a message is sent. */
import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileProblem } from "../../input/file-problem.ts";
import { quote } from "../../text/wording.ts";
import { FORMATS, type FormatName } from "../report/formats.ts";
import type { Chosen } from "./choose.ts";
import type { OptionName } from "./options.ts";

/** A file and what is written into it. */
export interface OutputFile {
  readonly path: string;
  readonly format: FormatName;
}

/** What comes of a run. */
export interface Outputs {
  /** On standard output. */
  readonly printed: FormatName;
  readonly files: readonly OutputFile[];
}

/** Tells a sentence for each file that could not be written, or whose form cannot be told. */
export function outputsOf({ values, placeOf }: Chosen, tell: (problem: string) => void): Outputs {
  const files: OutputFile[] = [];
  const add = (option: OptionName, path: string, format: FormatName | undefined) => {
    if (format === undefined) {
      const endings = Object.values(FORMATS).map(({ extension }) => extension);
      tell(`${placeOf(option)} is ${quote(path)}, but must end with one of ${endings.join(", ")}`);
      return;
    }
    const problem = writingProblem(path);
    if (problem !== undefined) tell(`${placeOf(option)} names ${path}, which ${problem}`);
    files.push({ path, format });
  };
  if (values.out !== undefined) add("out", values.out, "json");
  if (values.csv !== undefined) add("csv", values.csv, "csv");
  for (const path of values.report ?? []) add("report", path, formatOf(path));
  return { printed: values.format ?? "text", files };
}

/** By the end of a file's name. */
export function formatOf(path: string): FormatName | undefined {
  return (Object.keys(FORMATS) as FormatName[]).find((name) => path.endsWith(FORMATS[name].extension));
}

/** Why a file cannot be written, as the end of a sentence; nothing is written to find out. */
export function writingProblem(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return "is a directory, not a file";
    accessSync(found ? path : dirname(path), constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "is in a directory that does not exist";
    return code === "EACCES" || code === "EROFS" ? "may not be written by this user" : fileProblem(error);
  }
}
