/** The command line of the commands that take the settings of `natscope serve`, and their help. Pure. */
import { readArguments } from "../../input/argv.ts";
import type { Gathered } from "../../input/given.ts";
import { HELP_ROW, helpText, optionHelp } from "../../input/help.ts";
import { flagsOf, keyOf, variableOf } from "../../input/option.ts";
import { unknownFlag } from "../../input/problems.ts";
import { quote } from "../../text/wording.ts";
import { GROUPS, SETTING_NAMES, SETTINGS } from "./settings.ts";

const ROWS = SETTING_NAMES.map((name) => ({
  name,
  flags: flagsOf(name, SETTINGS[name]),
  placeholder: SETTINGS[name].kind.placeholder,
}));

/** @param command as in `natscope serve` @param argv arguments after the command */
export function readSettingFlags(
  command: string,
  argv: readonly string[],
): Gathered & { readonly wantsHelp: boolean } {
  const { given, positionals, unknown, problems, wantsHelp } = readArguments(argv, ROWS);
  const known = [...ROWS.flatMap(({ flags }) => flags), "--help"];
  return {
    given: given.map(({ row, given: one }) => ({ option: row.name, ...one })),
    wantsHelp,
    problems: [
      ...problems,
      ...unknown.map((written) => unknownFlag(command, written, known)),
      ...positionals.map((text) => unexpected(command, text)),
    ],
  };
}

function unexpected(command: string, text: string): string {
  const expected = /^[^=]*=?https?:/.test(text)
    ? "--monitor before a URL"
    : `flags only; see ${command} --help`;
  return `${command} has the argument ${quote(text)}: expected ${expected}`;
}

/** @param summary what the command does, a sentence */
export function settingHelp(command: string, summary: string): string {
  return helpText({
    usage: `${command} [flags]`,
    summary,
    sections: [
      ...GROUPS.map((group) => ({
        title: group,
        rows: SETTING_NAMES.filter((name) => SETTINGS[name].group === group).map((name) =>
          optionHelp(name, SETTINGS[name]),
        ),
      })),
      { title: "Other", rows: [HELP_ROW] },
    ],
    notes: [
      `Each flag is also an environment variable and a key of the --config file: --metrics-path is ${variableOf("metricsPath")} and ${keyOf("metricsPath")}.`,
      "Precedence: flag, environment variable, file, default. Values of a repeatable setting all come from the first of these that gives it.",
    ],
  });
}
