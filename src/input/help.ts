/** Help texts: sections of terms and their explanations, wrapped to a terminal of 80 columns. */
import { defaultText, flagsOf, type Option } from "./option.ts";

const WIDTH = 80;
/** Explanations begin in this column; a longer term stands on a line of its own. */
const COLUMN = 28;

/** A heading, and under it terms with their explanations. */
interface HelpSection {
  readonly title: string;
  readonly rows: readonly (readonly [term: string, explanation: string])[];
}

interface Help {
  /** `natscope serve [flags]` */
  readonly usage: string;
  readonly summary: string;
  readonly sections: readonly HelpSection[];
  /** Paragraphs at the end; lines that begin with a blank are kept as they are. */
  readonly notes?: readonly string[];
}

/** The whole text, which ends with a line break. */
export function helpText({ usage, summary, sections, notes = [] }: Help): string {
  const parts = [`Usage: ${usage}`, wrapParagraph(summary)];
  for (const { title, rows } of sections) {
    if (rows.length > 0) parts.push(`${title}:\n${rows.map(helpRow).join("\n")}`);
  }
  return `${[...parts, ...notes.map(wrapParagraph)].join("\n\n")}\n`;
}

/** Term and explanation of an option. @param fallback the default if the row has none */
export function optionHelp(
  name: string,
  row: Option<unknown>,
  fallback: string | undefined = defaultText(row),
): readonly [string, string] {
  const flags = flagsOf(name, row).join(", ");
  const notes = [
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
    ...(row.repeats ? ["repeatable"] : []),
  ];
  const note = notes.length > 0 ? ` (${notes.join("; ")})` : "";
  return [row.isSwitch ? flags : `${flags} ${row.kind.placeholder}`, `${row.help}${note}`];
}

/** The row that every command has. */
export const HELP_ROW = ["-h, --help", "Print this help."] as const;

function helpRow([term, explanation]: readonly [string, string]): string {
  const indent = " ".repeat(COLUMN);
  const lines = wrap(explanation, WIDTH - COLUMN);
  const first = `  ${term}`;
  if (first.length > COLUMN - 2) return [first, ...lines.map((line) => indent + line)].join("\n");
  return lines.map((line, i) => (i === 0 ? first.padEnd(COLUMN) : indent) + line).join("\n");
}

function wrapParagraph(paragraph: string): string {
  return paragraph
    .split("\n")
    .flatMap((line) => (line.startsWith(" ") ? [line] : wrap(line, WIDTH)))
    .join("\n");
}

/** Lines of at most `width` characters, unless a single word is longer. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
