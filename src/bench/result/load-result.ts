/** Loads a saved result from its file or from standard input. */
import { type FileHandle, open } from "node:fs/promises";
import { fileProblem } from "../../input/file-problem.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import { MAX_RESULT_BYTES, readResult, tooLarge } from "./read-result.ts";
import type { Result } from "./schema.ts";

/** Name for standard input or output in place of a file. */
export const STANDARD_STREAM = "-";

/**
 * Never rejects.
 *
 * @param name of a file, or `STANDARD_STREAM`
 * @param max bytes of the file; a larger one is invalid
 */
export async function loadResult(name: string, max = MAX_RESULT_BYTES): Promise<Result | InvalidValue> {
  let file: FileHandle | undefined;
  try {
    if (name === STANDARD_STREAM) return await readAll(process.stdin, max);
    file = await open(name);
    // A pipe has no size: readAll checks it while reading.
    const { size } = await file.stat();
    return size > max ? tooLarge() : await readAll(file.createReadStream({ autoClose: false }), max);
  } catch (error) {
    return new InvalidValue(fileProblem(error));
  } finally {
    await file?.close();
  }
}

/** Rejects if reading fails. */
async function readAll(chunks: AsyncIterable<Uint8Array>, max: number): Promise<Result | InvalidValue> {
  // Removes a byte order mark, which some editors and shells write.
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
    if (bytes > max) return tooLarge();
    const more = decoded(chunk);
    if (more === undefined) return NO_TEXT;
    text += more;
  }
  const end = decoded();
  // A truncated file may end within a character. The error about its JSON says more than one about the encoding.
  return end === undefined && text === "" ? NO_TEXT : readResult(text);
}

const NO_TEXT = new InvalidValue("is not text in UTF-8: expected a result of natscope bench");
