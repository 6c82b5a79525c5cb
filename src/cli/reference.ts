/** The reference of settings and metrics as Markdown, made of the tables that the program itself runs on. Pure. */

import type { Collector } from "../exporter/collect/collector.ts";
import type { Table } from "../exporter/collect/table.ts";
import {
  flagOf,
  GROUPS,
  keyOf,
  SETTING_NAMES,
  settingOf,
  variableOf,
} from "../exporter/settings/settings.ts";
import type { Metric } from "../metrics/family.ts";
import { code, markdownTable } from "../text/table.ts";

/** Every setting: a table for each group. */
export function settingReference(): string {
  const sections = GROUPS.map((group) => {
    const rows = SETTING_NAMES.filter((name) => settingOf(name).group === group).map((name) => {
      const { placeholder, help, default: texts, notInFile, repeats } = settingOf(name);
      return [
        code(`${flagOf(name)} ${placeholder}`) + (repeats ? " (repeatable)" : ""),
        code(variableOf(name)),
        notInFile ? "" : code(keyOf(name)),
        texts.map(code).join(", "),
        help,
      ];
    });
    return `**${group}**\n\n${markdownTable(["Flag", "Environment", "In the file", "Default", "What it does"], rows)}`;
  });
  return `${sections.join("\n\n")}\n`;
}

/** Every metric: natscope's own first, then a section for each collector with a table for each kind of item. */
export function metricReference(collectors: readonly Collector[], self: readonly Metric[]): string {
  const own = markdownTable(
    ["Metric", "Type", "Meaning"],
    self.map(({ name, type, help }) => [code(name), type, help]),
  );
  const sections = collectors.map(({ name, summary, tables }) =>
    [`## ${name}`, sentence(summary), ...tables.map(tableReference)].join("\n\n"),
  );
  return `${["# Metrics", SERIES_NOTE, "## natscope itself", own, ...sections].join("\n\n")}\n`;
}

const SERIES_NOTE =
  "Every series of a server has the label `server`: the name of its monitor. A metric whose server field is absent in a reply has no sample. Besides these there are `process_*` and `nodejs_*` of natscope's own process.";

function tableReference({ item, endpoint, labels, rows }: Table<never>): string {
  const heading = `Of each ${item}, from \`${endpoint}\`; labels: ${["server", ...labels].map(code).join(", ")}.`;
  const body = rows.map(({ name, type, help, field, since }) => [
    code(name),
    type,
    help,
    code(field),
    since ?? "",
  ]);
  return `${heading}\n\n${markdownTable(["Metric", "Type", "Meaning", "Server field", "Since"], body)}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith(".") ? "" : ".");
}
