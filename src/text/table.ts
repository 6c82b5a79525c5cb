/** Tables as text: with aligned columns for a terminal, or as Markdown. */

/** Rows of cells. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * A table for a terminal: the first column is text and aligned left, the others are numbers and aligned right,
 * with two spaces between columns.
 * @param indent written before each line
 */
export function plainTable({ head, rows }: Table, indent = "  "): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `${indent}${cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number),
      )
      .join("  ")}`.trimEnd();
  return [head, ...rows].map(line).join("\n");
}

/**
 * A Markdown table. Cells may contain Markdown; line breaks and pipes that are not escaped yet are replaced.
 * @param numbers "right" aligns all columns but the first right
 */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: "left" | "right" = "left",
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellOf).join(" | ")} |`;
  const rule = head.map((_, column) => (numbers === "right" && column > 0 ? "---:" : "---"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** Inline code in Markdown, in as many backticks as the text needs; empty if the text is. */
export function code(text: string): string {
  if (text === "") return "";
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function cellOf(text: string): string {
  return text.replaceAll(/\\.|\|/g, (one) => (one === "|" ? "\\|" : one)).replaceAll("\n", " ");
}
