/** The `natscope` command as a child process, ended with the test that started it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { until } from "../rig/until.ts";

/** The program. */
export const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Natscope {
  readonly stdout: string;
  readonly stderr: string;
  /** Closes the reading end of its standard output. */
  stopReading(): void;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  exit(): Promise<number | NodeJS.Signals | null>;
  /** Base URL of its HTTP server, once it listens. */
  address(): Promise<string>;
  /** Resolves when standard error has the text. */
  says(text: string): Promise<void>;
}

/**
 * @param environment instead of every `NATSCOPE_` variable of this process
 * @param atEnd called with a function that ends it. Default: at the end of the test
 * @param main the program's file, by default the source
 */
export function startNatscope(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  atEnd: (end: () => Promise<void>) => void = onTestFinished,
  main = MAIN,
): Natscope {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("NATSCOPE_"));
  const child: ChildProcess = spawn(process.execPath, [main, ...argv], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  atEnd(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  const find = (what: string, look: (text: string) => string | undefined): Promise<string> =>
    until(`${what} in the log`, () => {
      const found = look(output.stderr);
      if (found === undefined && child.exitCode !== null) throw new Error(`it ended: ${output.stderr}`);
      return found;
    });
  return {
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    stopReading: () => child.stdout?.destroy(),
    kill: (signal) => child.kill(signal),
    exit: async () => {
      const [code, signal] = await closed;
      return code ?? signal;
    },
    address: () => find("an address", (text) => /(?<=listening on )https?:\/\/[^,\s]+/.exec(text)?.[0]),
    says: async (text) => {
      await find(text, (log) => (log.includes(text) ? text : undefined));
    },
  };
}

/** Runs it to its end. */
export async function runNatscope(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number | NodeJS.Signals | null; stdout: string; stderr: string }> {
  const natscope = startNatscope(argv, environment);
  const code = await natscope.exit();
  return { code, stdout: natscope.stdout, stderr: natscope.stderr };
}
