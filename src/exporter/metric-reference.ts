/** The reference of metrics as Markdown, from the tables that the exporter runs on. Pure. */
import type { Metric } from "../metrics/family.ts";
import { code, markdownTable } from "../text/table.ts";
import type { Collector } from "./collect/collector.ts";
import type { Table } from "./collect/table.ts";

/** natscope's own metrics, then a section per collector with a table per kind of item. */
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
  "Every series of a server has the label `server`, the name of its monitor. A metric has no sample if its field is absent in the server's reply. natscope also serves `process_*` and `nodejs_*` metrics of its own process.";

function tableReference({ item, endpoint, labels, rows }: Table<never>): string {
  const heading = `Per ${item}, from \`${endpoint}\`; labels: ${["server", ...labels].map(code).join(", ")}.`;
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
