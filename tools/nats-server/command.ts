/** Runs another program to its end, without a shell and with a time limit. */
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Directory, environment and time limit of a program. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

const OUTPUT_LIMIT_CHARACTERS = 1_000_000;

/**
 * Returns the standard output of the program. Rejects if it fails, does not start or exceeds the time limit;
 * the message has its last line of output.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs,
      killSignal: "SIGKILL",
    });
    let output = "";
    let errorOutput = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-OUTPUT_LIMIT_CHARACTERS);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errorOutput = (errorOutput + text).slice(-OUTPUT_LIMIT_CHARACTERS);
    });
    child.on("error", (error) => reject(new Error(`${program}: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else if (signal === "SIGKILL")
        reject(new Error(`${program} took longer than ${options.timeoutMs / 1000} s`));
      else
        reject(new Error(`${program}: ${lastLine(errorOutput || output) || `ended with ${code ?? signal}`}`));
    });
  });
}

/** The last line that is not empty, in which most programs print the reason. */
function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

/** Returns the paths of all programs of this name on the PATH, in its order. */
export function findPrograms(name: string, env: NodeJS.ProcessEnv = process.env): string[] {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  const directories = (env.PATH ?? env.Path ?? "").split(delimiter).filter((directory) => directory !== "");
  return [...new Set(directories.map((directory) => join(directory, file)))].filter(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Returns the message of an error in one line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error; // The message of fetch() is only "fetch failed"; the cause has the reason.
  return (
    (cause instanceof Error && cause.message !== "" ? cause.message : error.message).split("\n")[0] ?? ""
  );
}
