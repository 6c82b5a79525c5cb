/** The reference of the settings of `natscope serve` as Markdown, from the table that the command runs on. Pure. */
import { GROUPS, SETTING_NAMES, SETTINGS } from "../../src/exporter/settings/settings.ts";
import { defaultsOf, flagsOf, isFrom, keyOf, type Option, variableOf } from "../../src/input/option.ts";
import { code, markdownTable } from "../../src/text/table.ts";

const HEAD = ["Flag", "Environment", "In the file", "Default", "Description"];

/** A table of settings for each group. */
export function settingReference(): string {
  const sections = GROUPS.map((group) => {
    const names = SETTING_NAMES.filter((name) => SETTINGS[name].group === group);
    return `**${group}**\n\n${markdownTable(
      HEAD,
      names.map((name) => rowOf(name, SETTINGS[name])),
    )}`;
  });
  return `${sections.join("\n\n")}\n`;
}

function rowOf(name: string, row: Option<unknown>): readonly string[] {
  const flags = flagsOf(name, row)
    .map((flag) => code(`${flag} ${row.kind.placeholder}`))
    .join("<br>");
  const defaults = defaultsOf(row).map((value) => code(row.kind.format(value)));
  return [
    flags + (row.repeats ? "<br>(repeatable)" : ""),
    code(variableOf(name)),
    isFrom("file", row) ? code(keyOf(name, row)) : "",
    defaults.length > 0 ? defaults.join(", ") : (row.defaultRule ?? ""),
    row.help,
  ];
}
