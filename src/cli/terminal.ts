/** Standard output, standard error and signals of the process. */
import { constants } from "node:os";
import type { Screen } from "../bench/progress/progress.ts";
import { DONE, FAILED } from "./exit-codes.ts";

/** The process as a command sees it. */
interface Terminal {
  print(text: string): Promise<void>;
  /** Prints each sentence as a line on standard error. */
  printErrors(sentences: readonly string[]): Promise<void>;
  /** Standard error, for progress that is drawn in place. */
  readonly screen: Screen;
}

/** The terminal of this process. */
export const TERMINAL: Terminal = {
  print: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
  printErrors(sentences) {
    const text = sentences.map((sentence) => `natscope: ${sentence}\n`).join("");
    return new Promise((resolve) => process.stderr.write(text, () => resolve()));
  },
  screen: process.stderr,
};

/**
 * Ends the process when the reader of its output closes the pipe, as in `natscope metrics | head`: with the exit code
 * that is known by then.
 */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? (process.exitCode ?? DONE) : FAILED),
  );
}

/** Resolves with the first signal to stop. The second ends the process at once. */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(128 + constants.signals[signal]);
        isStopping = true;
        resolve(signal);
      });
    }
  });
}
