/** A saved result, from its file or from standard input. */
import { type FileHandle, open } from "node:fs/promises";
import { MOST_RESULT_BYTES, readResult, tooLarge } from "../bench/result/read-result.ts";
import type { Result } from "../bench/result/schema.ts";
import { fileProblem } from "../input/file-problem.ts";
import { InvalidValue } from "../input/invalid-value.ts";

/** Stands for standard input, or output, in place of a file's name. */
export const STANDARD_STREAM = "-";

/**
 * @param name of a file, or `STANDARD_STREAM`
 * @param most bytes that are read of it; what has more is refused
 * @returns a refusal that is the rest of a sentence beginning with the name; never rejects
 */
export async function loadResult(name: string, most = MOST_RESULT_BYTES): Promise<Result | InvalidValue> {
  let file: FileHandle | undefined;
  try {
    if (name === STANDARD_STREAM) return await readAll(process.stdin, most);
    file = await open(name);
    // The size of what is no file, such as a pipe, is found out by reading it.
    const { size } = await file.stat();
    return size > most ? tooLarge() : await readAll(file.createReadStream({ autoClose: false }), most);
  } catch (error) {
    return new InvalidValue(fileProblem(error));
  } finally {
    await file?.close();
  }
}

/** Rejects where it cannot be read. */
async function readAll(chunks: AsyncIterable<Uint8Array>, most: number): Promise<Result | InvalidValue> {
  // Takes a byte order mark away, which some editors and shells put there.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      return undefined;
    }
  };
  let text = "";
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) return tooLarge();
    const more = decoded(chunk);
    if (more === undefined) return NO_TEXT;
    text += more;
  }
  const end = decoded();
  // A file that was cut off may end within a character: what is said of the rest is then more to the point.
  return end === undefined && text === "" ? NO_TEXT : readResult(text);
}

const NO_TEXT = new InvalidValue("is not text in UTF-8, and so no result of natscope bench");
