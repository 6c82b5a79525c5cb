/** A report as plain text or as Markdown. */

import { markdownTable, plainTable } from "../../text/table.ts";
import { visible } from "../../text/visible.ts";
import type { Result } from "../result/schema.ts";
import { natsBenchLine } from "./nats-bench.ts";
import { environmentLine, type Section, type Shown, sectionsOf, titleOf } from "./sections.ts";

const COLUMNS = 100;

/** Plain text of at most 100 columns, except for tables and for the result line of `nats bench`, which comes last. */
export function text(result: Result, shown: readonly Shown[]): string {
  const scenarios = shown.map((one) =>
    [
      wrapped(titleOf(one.result.scenario), ""),
      ...sectionsOf(one).map(plainSection),
      natsBenchLine(one),
    ].join("\n\n"),
  );
  const head = interruptionOf(result).map((why) => wrapped(`INTERRUPTED: ${why}`, ""));
  return `${[...head, ...scenarios, wrapped(environmentLine(result), "")].join("\n\n")}\n`;
}

/** The same sections as Markdown. */
export function markdown(result: Result, shown: readonly Shown[]): string {
  const scenarios = shown.map((one) =>
    [
      `## ${escaped(titleOf(one.result.scenario))}`,
      ...sectionsOf(one).map(markdownSection),
      `\`\`\`text\n${natsBenchLine(one)}\n\`\`\``,
    ].join("\n\n"),
  );
  const head = [
    "# natscope bench",
    escaped(`${result.startedAt}: ${environmentLine(result)}`),
    ...interruptionOf(result).map((why) => `**Interrupted:** ${escaped(why)}`),
  ];
  return `${[...head, ...scenarios].join("\n\n")}\n`;
}

/** The reason of the interruption, if there was one. */
function interruptionOf({ interrupted }: Result): readonly string[] {
  return interrupted === undefined ? [] : [visible(interrupted)];
}

function plainSection({ title, sentences, table }: Section): string {
  const lines = sentences.map((sentence) => wrapped(sentence, "  "));
  return [title, ...(table ? [plainTable(table)] : []), ...lines].join("\n");
}

function markdownSection({ title, sentences, table }: Section): string {
  const list = sentences.map((sentence) => `- ${escaped(sentence)}`).join("\n");
  const escapedTable = table && {
    head: table.head.map(escaped),
    rows: table.rows.map((row) => row.map(escaped)),
  };
  return [
    `### ${title}`,
    ...(escapedTable ? [markdownTable(escapedTable.head, escapedTable.rows, "right")] : []),
    ...(list === "" ? [] : [list]),
  ].join("\n\n");
}

/** Wraps at spaces; a word longer than a line is not broken. Continuation lines are indented. */
function wrapped(sentence: string, indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of sentence.split(" ")) {
    const isFirst = line.trim() === "";
    if (!isFirst && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else line = isFirst ? line + word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

/** Escapes the characters that have a meaning in Markdown. */
function escaped(value: string): string {
  return value.replaceAll(/[\\`*_[\]<>#|~&]/g, (one) => `\\${one}`);
}
