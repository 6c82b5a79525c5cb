/** `natscope config`: prints the settings that `natscope serve` would use, and where each comes from. */
import { readSettingFlags, settingHelp } from "../exporter/settings/command-line.ts";
import { describeSettings } from "../exporter/settings/effective.ts";
import { gatherSettings } from "../exporter/settings/gather.ts";
import { prepare } from "../exporter/settings/prepare.ts";
import { COMMANDS } from "./commands.ts";
import { DONE, WRONG_INPUT } from "./exit-codes.ts";
import { TERMINAL } from "./terminal.ts";

/** @param argv arguments after `config` @returns the exit code */
export async function config(argv: readonly string[]): Promise<number> {
  const flags = readSettingFlags("natscope config", argv);
  if (flags.wantsHelp) {
    await TERMINAL.print(settingHelp("natscope config", COMMANDS.config));
    return DONE;
  }
  const resolved = await gatherSettings(flags, process.env);
  const { problems } = prepare(resolved);
  if (problems.length > 0) {
    await TERMINAL.printErrors(problems);
    return WRONG_INPUT;
  }
  await TERMINAL.print(describeSettings(resolved));
  return DONE;
}
