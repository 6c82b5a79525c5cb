/**
 * The style of everything that people read: comments and texts of the sources, titles and comments of the tests,
 * Markdown, YAML. The rules are in `prose/rules.ts`; each hit is printed with its line and with what to write instead.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Passage, passagesOf } from "./prose/passages.ts";
import { expressionOf, RULES, type Rule } from "./prose/rules.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Folders and files with prose, from the root of the project. */
const READ = [
  "src",
  "tools",
  "dashboards/sources",
  "dashboards/rules",
  "test",
  "examples",
  "docs",
  "k8s",
  "compose",
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "compose.yaml",
  "Dockerfile",
  ".ci/run",
];
const KINDS = /\.(?:[jt]s|md|ya?ml|conf)$|(?:^|\/)(?:\w+\.)?Dockerfile$|^\.ci\/run$/;
/** Data of other programs, and the rules themselves, which quote what they forbid. */
const NOT_READ = /\/(?:golden|samples|node_modules)\/|^test\/prose(?:\/|\.test)/;

const files = READ.flatMap((path) => filesUnder(path)).filter(
  (path) => KINDS.test(path) && !NOT_READ.test(path),
);

function filesUnder(path: string): string[] {
  if (path.includes(".") || path === "Dockerfile") return [path];
  return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).replaceAll("\\", "/"));
}

/** One line for each hit: `path:line rule: "text" (write: better words)`. */
function hitsIn(path: string, content: string): string[] {
  const passages = passagesOf(path, content);
  const code = /\.[jt]s$/.test(path) ? [{ text: content, offset: 0 }] : [];
  return RULES.flatMap((rule) =>
    (rule.inCode ? code : rule.inTitles ? passages.filter(({ isTitle }) => isTitle) : passages).flatMap(
      (passage) =>
        matchesOf(rule, passage).map(({ index, text }) => {
          const line = content.slice(0, passage.offset + index).split("\n").length;
          return `${path}:${line} ${rule.name}: "${text}" (write: ${rule.instead})`;
        }),
    ),
  );
}

/** Places in a passage that break a rule, each with some words around it. */
function matchesOf(rule: Rule, { text }: Pick<Passage, "text">): { index: number; text: string }[] {
  return [...text.matchAll(expressionOf(rule))]
    .filter((match) => !(rule.allowedInQuestions && isQuestion(text, match.index + match[0].length)))
    .map((match) => ({
      index: match.index + (/^[\s.;:!?"')*-]*/.exec(match[0])?.[0].length ?? 0),
      text: text
        .slice(Math.max(0, match.index - 15), match.index + match[0].length + 30)
        .replaceAll(/\s+/g, " ")
        .trim(),
    }));
}

const isQuestion = (text: string, from: number): boolean => /^[^.!?]*\?/.test(text.slice(from));

describe("a rule of style", () => {
  it.each(RULES)("$name: finds its wrong examples and leaves the right ones", (rule) => {
    expect(rule.wrong.filter((text) => matchesOf(rule, { text }).length === 0)).toEqual([]);
    expect(rule.right.filter((text) => matchesOf(rule, { text }).length > 0)).toEqual([]);
  });
});

describe("a passage", () => {
  const lineOfHit = (path: string, content: string) => hitsIn(path, content).map((hit) => hit.split(" ")[0]);

  it("is a comment over several lines, a string, a template or strings that are joined", () => {
    expect(lineOfHit("a.ts", "/**\n * It is\n * said.\n */\n")).toEqual(["a.ts:2"]);
    expect(lineOfHit("a.ts", "// It is\n// said.\n")).toEqual(["a.ts:1"]);
    expect(lineOfHit("a.ts", 'f("It is said.");\n')).toEqual(["a.ts:1"]);
    expect(lineOfHit("a.ts", ["f(`$", "{who({})} is said.`);\n"].join(""))).toEqual(["a.ts:1"]);
    expect(lineOfHit("a.ts", 'f("It is " +\n  "said.");\n')).toEqual(["a.ts:1"]);
  });

  it("is not code", () => {
    expect(lineOfHit("a.ts", "const he = anew / 2 > /is said/.source;\n")).toEqual([]);
    expect(lineOfHit("a.md", "```\nis said\n```\n\n`is said`\n")).toEqual([]);
  });

  it("is a paragraph, an item or a cell of Markdown", () => {
    expect(lineOfHit("a.md", "One.\n\n- It is\n  said.\n- Two\n\n| a | is said |\n")).toEqual([
      "a.md:3",
      "a.md:7",
    ]);
  });

  it("is a comment or a text of YAML", () => {
    expect(
      lineOfHit("a.yaml", "# It is\n# said.\na: b # is said\nc: it is said\nd: >-\n  is said\n"),
    ).toEqual(["a.yaml:1", "a.yaml:3", "a.yaml:4", "a.yaml:6"]);
  });
});

it("no sentence uses a construction that makes a reader stop", () => {
  const hits = files.flatMap((path) => hitsIn(path, readFileSync(join(ROOT, path), "utf8")));
  expect(hits).toEqual([]);
});
