/** `natscope bench` as a process of its own, from the sources: what a user would type, and the report it prints. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const SUBJECT = "demo.bench";
const WORKLOAD = ["request", SUBJECT, "--rate", "500", "--duration", "4s", "--warmup", "1s", "--no-progress"];
/** Of `natscope bench`: a report was printed, though its run cannot be trusted, which it says. */
const NOT_TRUSTED = 5;

/** The command, as one would type it. */
export function benchCommandLine(clientUrl: string): string {
  return ["natscope", ...argumentsOf(clientUrl)].join(" ");
}

/** Runs it; resolves with the report. Rejects with what it said if there is none, and when `signal` ends it. */
export async function runBench(clientUrl: string, monitorUrl: string, signal: AbortSignal): Promise<string> {
  const argv = [ENTRY, ...argumentsOf(clientUrl), "--monitor", monitorUrl];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"], signal });
  let report = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    report += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0 && code !== NOT_TRUSTED)
    throw new Error(`natscope bench ended with ${code}: ${said.trim()}`);
  return report.trimEnd();
}

function argumentsOf(clientUrl: string): readonly string[] {
  return ["bench", ...WORKLOAD, "-s", clientUrl];
}
