/** `natscope bench` as a separate process, run from the sources. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const SUBJECT = "demo.bench";
const WORKLOAD = ["request", SUBJECT, "--rate", "500", "--duration", "4s", "--warmup", "1s", "--no-progress"];
/** Exit code of `natscope bench` for a run that is not valid; its report is printed all the same. */
const NOT_TRUSTED = 5;

/** The command as a user would type it. */
export function benchCommandLine(clientUrl: string): string {
  return ["natscope", ...argumentsOf(clientUrl)].join(" ");
}

/**
 * Runs it and resolves with the report. Rejects with its error output if it prints no report, and if `signal`
 * ends it.
 */
export async function runBench(clientUrl: string, monitorUrl: string, signal: AbortSignal): Promise<string> {
  const argv = [ENTRY, ...argumentsOf(clientUrl), "--monitor", monitorUrl];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"], signal });
  let report = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    report += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0 && code !== NOT_TRUSTED)
    throw new Error(`natscope bench ended with ${code}: ${output.trim()}`);
  return report.trimEnd();
}

function argumentsOf(clientUrl: string): readonly string[] {
  return ["bench", ...WORKLOAD, "-s", clientUrl];
}
