/** A report for a terminal, and for Markdown. */
import type { Result } from "../bench/result/result.ts";
import { environmentLine, type Section, type Shown, sectionsOf, titleOf } from "./sections.ts";
import { markdownTable, plainTable } from "./table.ts";

/** Plain text, 80 to 110 columns wide, the verdict first. */
export function text(result: Result, shown: readonly Shown[]): string {
  const scenarios = shown.map((one) =>
    [titleOf(one.result.scenario), ...sectionsOf(one).map(plainSection)].join("\n\n"),
  );
  const head = result.interrupted === undefined ? [] : [`INTERRUPTED: ${result.interrupted}`];
  return `${[...head, ...scenarios, environmentLine(result)].join("\n\n")}\n`;
}

/** The same as Markdown. */
export function markdown(result: Result, shown: readonly Shown[]): string {
  const scenarios = shown.map((one) =>
    [`## ${titleOf(one.result.scenario)}`, ...sectionsOf(one).map(markdownSection)].join("\n\n"),
  );
  const head = [
    "# natscope bench",
    `${result.startedAt}: ${environmentLine(result)}`,
    ...(result.interrupted === undefined ? [] : [`**Interrupted:** ${result.interrupted}`]),
  ];
  return `${[...head, ...scenarios].join("\n\n")}\n`;
}

function plainSection({ title, sentences, table }: Section): string {
  const lines = sentences.map((sentence) => `  ${sentence}`);
  return [title, ...(table ? [plainTable(table)] : []), ...lines].join("\n");
}

function markdownSection({ title, sentences, table }: Section): string {
  const list = sentences.map((sentence) => `- ${sentence}`).join("\n");
  return [`### ${title}`, ...(table ? [markdownTable(table)] : []), ...(list === "" ? [] : [list])].join(
    "\n\n",
  );
}
