/**
 * Passages of prose in a file: comments, strings, paragraphs. Each has the file's own text at the file's own offsets,
 * with everything else (marks of comments, code, expressions in templates) overwritten, so a sentence that runs over
 * several lines is one text and a hit in it still has its line.
 */
import { parseSync, Visitor } from "vite";
import { isScalar, parseAllDocuments, visit } from "yaml";

/** A text that is read as one: a comment, a string, a paragraph. */
export interface Passage {
  readonly text: string;
  /** Offset in the file at which `text` begins. */
  readonly offset: number;
  /** Whether it is the title of a test. */
  readonly isTitle?: boolean;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Returns the passages of a file, by the kind of its name. */
export function passagesOf(path: string, content: string): Passage[] {
  if (/\.[jt]s$/.test(path)) return ofScript(path, content);
  if (/\.md$/.test(path)) return ofMarkdown(content);
  if (/\.ya?ml$/.test(path)) return [...ofHashComments(content), ...ofYamlTexts(content)];
  return ofHashComments(content);
}

function ofScript(path: string, content: string): Passage[] {
  const { program, comments } = parseSync(path, content);
  const passages = joinedLineComments(content, comments).map((span) =>
    passage(content, span, (text) => text.replaceAll(/^\/\*+|\*+\/$|^\s*\*(?!\*)|^\s*\/\/+/gm, blank)),
  );
  const inLargerText = new Set<number>();
  const titles = new Set<number>();
  new Visitor({
    CallExpression: ({ callee, arguments: given }) => {
      const called = content.slice(callee.start, callee.end);
      if (/\.test\.ts$/.test(path) && /^(?:it|test)\b/.test(called) && given[0]) titles.add(given[0].start);
    },
    BinaryExpression: (node) => {
      if (node.operator !== "+" || inLargerText.has(node.start)) return;
      const texts = literalsIn(node);
      if (texts.length < 2) return;
      for (const { start } of texts) inLargerText.add(start);
      passages.push(passage(content, node, (text) => keepOnly(text, texts, node.start)));
    },
    Literal: (node) => {
      if (typeof node.value === "string" && !inLargerText.has(node.start))
        passages.push({ ...passage(content, inside(node), unescaped), isTitle: titles.has(node.start) });
    },
    TemplateLiteral: (node) => {
      if (!inLargerText.has(node.start))
        passages.push({
          ...passage(content, inside(node), (text) => unescaped(withoutExpressions(text))),
          isTitle: titles.has(node.start),
        });
    },
  }).visit(program);
  return passages.filter(({ text }) => /\w\s+\w/.test(text));
}

const inside = ({ start, end }: Span): Span => ({ start: start + 1, end: end - 1 });

/** Strings and templates that a chain of `+` joins. */
function literalsIn(node: { type: string; start: number; end: number }): Span[] {
  const { left, right, value } = node as unknown as Record<"left" | "right", typeof node> & {
    value: unknown;
  };
  if (node.type === "BinaryExpression") return [...literalsIn(left), ...literalsIn(right)];
  return node.type === "TemplateLiteral" || typeof value === "string" ? [node] : [];
}

function keepOnly(text: string, spans: readonly Span[], offset: number): string {
  let kept = blank(text);
  for (const span of spans) {
    const { start, end } = inside(span);
    const literal = unescaped(withoutExpressions(text.slice(start - offset, end - offset)));
    kept = kept.slice(0, start - offset) + literal + kept.slice(end - offset);
  }
  return kept;
}

/** Comments, with those that begin with `//` on lines that follow each other as one. */
function joinedLineComments(content: string, comments: readonly (Span & { type: string })[]): Span[] {
  const joined: (Span & { type: string })[] = [];
  for (const comment of comments) {
    const last = joined.at(-1);
    const between = last && content.slice(last.end, comment.start);
    if (last?.type === "Line" && comment.type === "Line" && /^\r?\n[ \t]*$/.test(between as string))
      joined[joined.length - 1] = { ...last, end: comment.end };
    else joined.push(comment);
  }
  return joined;
}

function ofMarkdown(content: string): Passage[] {
  const prose = content
    .replaceAll(/^(\s*)(```|~~~)[\s\S]*?^\s*\2.*$/gm, blank)
    .replaceAll(/<!--|-->|<[a-z/][^>]*>/gi, blank)
    .replaceAll(/`[^`\n]+`/g, (code) => "0".repeat(code.length))
    .replaceAll(/\]\([^)\s]*\)/g, blank)
    // A heading may be a question without its mark: "What is measured".
    .replaceAll(/^#+ .*$/gm, blank)
    .replaceAll(/[*_[\]]/g, " ");
  const passages: Passage[] = [];
  // A paragraph, an item of a list, a cell of a table.
  for (const match of prose.matchAll(/(?:(?!\n[ \t]*(?:\n|[-+>|]|\d+\.\s)|\||\n*$)[\s\S])+/g))
    passages.push({ text: match[0].replace(/^[\s\-+>|]+/, blank), offset: match.index });
  return passages.filter(({ text }) => /\w\s+\w/.test(text));
}

/** Comments of YAML, a Dockerfile, a shell script, a configuration of a nats-server. */
function ofHashComments(content: string): Passage[] {
  return [...content.matchAll(/(?:^[ \t]*#.*(?:\n|$))+|(?<=\S[ \t]+)#[ \t].*$/gm)].map(
    ({ 0: text, index }) => ({
      text: text.replaceAll(/^[ \t]*#+!?|^#/gm, blank),
      offset: index,
    }),
  );
}

function ofYamlTexts(content: string): Passage[] {
  const passages: Passage[] = [];
  for (const document of parseAllDocuments(content, { logLevel: "silent" }))
    visit(document, {
      Scalar: (_, node) => {
        if (!isScalar(node) || typeof node.value !== "string" || !node.range) return;
        if (/\w\s+\w/.test(node.value))
          passages.push(
            passage(content, { start: node.range[0], end: node.range[1] }, (text) =>
              text.replace(/^[>|][-+]?|^["']|["']$/g, blank),
            ),
          );
      },
    });
  return passages;
}

const passage = (content: string, { start, end }: Span, clean: (text: string) => string): Passage => ({
  text: clean(content.slice(start, end)),
  offset: start,
});

const blank = (text: string): string => text.replaceAll(/[^\n]/g, " ");

const unescaped = (text: string): string => text.replaceAll(/\\[nrt]/g, "  ").replaceAll("\\", " ");

/** The text of a template with `${…}` as a number of the same length: it is a word, and none that a rule knows. */
function withoutExpressions(text: string): string {
  let depth = 0;
  let clean = "";
  for (let i = 0; i < text.length; i++) {
    const opens = depth === 0 ? text.startsWith("${", i) : text[i] === "{";
    if (opens) depth++;
    clean += depth > 0 ? "0" : text[i];
    if (depth > 0 && text[i] === "}") depth--;
    else if (opens && text[i] === "$") {
      clean += "0";
      i++;
    }
  }
  return clean;
}
