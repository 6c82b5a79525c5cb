/** Tables of text: for a terminal, with columns that line up, and for Markdown. */

/** Rows of cells; the first column is text, the others are numbers and stand at the right. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** With two blanks between columns and `indent` before each line. */
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

/** As Markdown has it; cells hold Markdown, with no line's end and no bare `|`. */
export function markdownTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "---:"))), ...rows.map(line)].join(
    "\n",
  );
}
