/** `natscope metrics`: prints the reference of all metrics. */
import { COLLECTORS } from "../exporter/collectors.ts";
import { metricReference } from "../exporter/metric-reference.ts";
import { OWN_METRICS } from "../exporter/server/own-metrics.ts";
import { readArguments } from "../input/argv.ts";
import { HELP_ROW, helpText } from "../input/help.ts";
import { unknownFlag } from "../input/problems.ts";
import { quote } from "../text/wording.ts";
import { COMMANDS } from "./commands.ts";
import { DONE, WRONG_INPUT } from "./exit-codes.ts";
import { TERMINAL } from "./terminal.ts";

const COMMAND = "natscope metrics";

/** @param argv arguments after `metrics` @returns the exit code */
export async function metrics(argv: readonly string[]): Promise<number> {
  const { unknown, positionals, wantsHelp } = readArguments(argv, []);
  if (wantsHelp) {
    const sections = [{ title: "Flags", rows: [HELP_ROW] }];
    await TERMINAL.print(helpText({ usage: COMMAND, summary: COMMANDS.metrics, sections }));
    return DONE;
  }
  const problems = [
    ...unknown.map((written) => unknownFlag(COMMAND, written, ["--help"])),
    ...positionals.map((text) => `${COMMAND} has the argument ${quote(text)}: expected none`),
  ];
  if (problems.length > 0) {
    await TERMINAL.printErrors(problems);
    return WRONG_INPUT;
  }
  await TERMINAL.print(metricReference(COLLECTORS, OWN_METRICS));
  return DONE;
}
