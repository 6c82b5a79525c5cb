/** Files and formats of the reports of a benchmark, checked before a message is sent. */
import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileProblem } from "../../input/file-problem.ts";
import { quote } from "../../text/wording.ts";
import { FORMATS, type FormatName } from "../report/formats.ts";
import type { OptionName, ResolvedOptions } from "./options.ts";

/** A file and the format of the report in it. */
interface OutputFile {
  readonly path: string;
  readonly format: FormatName;
}

/** Reports of a run. */
export interface Outputs {
  /** Format on standard output. */
  readonly printed: FormatName;
  readonly files: readonly OutputFile[];
}

/** Reports a sentence for each file that cannot be written, or whose name gives no format. */
export function outputsOf({ values, placeOf }: ResolvedOptions, report: (problem: string) => void): Outputs {
  const files: OutputFile[] = [];
  const add = (option: OptionName, path: string, format: FormatName | undefined) => {
    if (format === undefined) {
      const endings = Object.values(FORMATS).map(({ extension }) => extension);
      report(
        `${placeOf(option)} is ${quote(path)}: expected a name that ends with one of ${endings.join(", ")}`,
      );
      return;
    }
    const problem = writingProblem(path);
    if (problem !== undefined) report(`${placeOf(option)} names ${path}, which ${problem}`);
    files.push({ path, format });
  };
  if (values.out !== undefined) add("out", values.out, "json");
  if (values.csv !== undefined) add("csv", values.csv, "csv");
  for (const path of values.report) add("report", path, formatOf(path));
  return { printed: values.format, files };
}

/** The format that a file's name ends with. */
export function formatOf(path: string): FormatName | undefined {
  return (Object.keys(FORMATS) as FormatName[]).find((name) => path.endsWith(FORMATS[name].extension));
}

/** Why a file cannot be written, to follow its name in a sentence. Writes nothing. */
export function writingProblem(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return "is a directory, not a file";
    accessSync(found ? path : dirname(path), constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "is in a directory that does not exist";
    return code === "EACCES" || code === "EROFS" ? "is not writable by this user" : fileProblem(error);
  }
}
