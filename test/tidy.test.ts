/**
 * Structure of the source: which room may import which, circles, idle exports, sizes and names of files, tests that
 * skip, and files that the documents name. The rules look at text that a formatter keeps regular and at parsed files;
 * the checks of the compiler and the linter are not repeated.
 */
import { Visitor } from "vite";
import { describe, expect, it } from "vitest";
import { WORKLOAD_NAMES } from "../src/bench/workloads/workloads.ts";
import { idleExports } from "./tidy/exports.ts";
import { folderCircles } from "./tidy/folders.ts";
import { filesOf, pathsOf, type SourceFile, textOf } from "./tidy/project.ts";

/** Rooms that a room may import, besides itself: only rooms further down, so a room never knows its users. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "index.ts": ["client.ts", "exporter", "metrics"],
  "client.ts": ["client", "nats"],
  "register.ts": ["client"],
  cli: ["exporter", "bench", "http", "nats", "metrics", "input", "time", "text"],
  // Three products, none of which knows another.
  exporter: ["http", "nats", "metrics", "input", "time", "text"],
  client: ["http", "nats", "metrics", "input", "time", "text"],
  bench: ["http", "nats", "threads", "metrics", "input", "time", "text"],
  // Shared by the products.
  http: ["threads", "metrics", "input", "time", "text"],
  nats: ["input", "time", "text"],
  input: ["time", "text"],
  metrics: ["text"],
  threads: [],
  time: [],
  text: [],
};

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 70;
/** Names that do not tell the purpose of a file. */
const VAGUE_NAMES = /^(utils?|helpers?|common|types?|misc|index|shared|manager)$/i;

const sources = filesOf("src");
const tools = filesOf("tools");
const dashboards = filesOf("dashboards");
const tests = filesOf("test").filter(({ path }) => !/\/(golden|samples)\//.test(path));
const everything = [...sources, ...tools, ...dashboards, ...tests];

/** The titles of a test file tell its purpose. */
const notTests = everything.filter(({ path }) => !path.endsWith(".test.ts"));

/** Problems of all files, each as `path:line problem`. */
function problemsIn(files: readonly SourceFile[], look: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => look(file).map((problem) => `${file.path}:${problem}`));
}

const roomOf = (path: string): string => path.split("/")[1] as string;

const importedFiles = ({ imports }: SourceFile): string[] => [...new Set(imports.map(({ from }) => from))];

it("reads the sources and their imports", () => {
  expect(sources.length).toBeGreaterThan(300);
  expect(importedFiles(sources.find(({ path }) => path === "src/index.ts") as SourceFile)).toContain(
    "src/client.ts",
  );
});

describe("imports", () => {
  it("run only downward", () => {
    expect(
      problemsIn(sources, (file) => {
        const room = roomOf(file.path);
        const allowed = MAY_IMPORT[room];
        if (!allowed) return ["1 is in a room without a rule"];
        return importedFiles(file)
          .filter((target) => roomOf(target) !== room && !allowed.includes(roomOf(target)))
          .map((target) => `1 may not import ${target}`);
      }),
    ).toEqual([]);
  });

  it("form no circle of files, not even of types", () => {
    const imports = new Map(sources.map((file) => [file.path, importedFiles(file)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" -> "));
      if (done.has(path) || way.includes(path)) return;
      for (const target of imports.get(path) ?? []) visit(target, [...way, path]);
      done.add(path);
    };
    for (const path of imports.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });

  it("form no circle of folders at any depth", () => {
    const circles = folderCircles([...sources, ...tools, ...dashboards]);
    expect(circles.map(({ folder, imports }) => `in ${folder}: ${imports.join("; ")}`)).toEqual([]);
  });
});

describe("an export", () => {
  it("is used outside its file, and not only by tests", () => {
    const users = [...everything, ...filesOf("examples"), ...filesOf("compose")];
    expect(
      idleExports(users).map(
        ({ path, name, usedByTests }) =>
          `${path}: ${name} ${usedByTests ? "is kept alive only by tests" : "is used only in its own file: remove `export`"}`,
      ),
    ).toEqual([]);
  });

  const EXPORT =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|const|let) (\w+)/;
  /** Data with a help, an item or a summary, which document it. */
  const DOCUMENTED_DATA = /^export const \w+: (?:Metric|Table<.*|Collector<.*) = /;

  it("is documented", () => {
    expect(
      problemsIn(sources, ({ lines }) =>
        linesThat(lines, (line, i) => EXPORT.test(line) && !isDocumented(lines, i)).map(
          (at) => `${at} ${EXPORT.exec(lines[at - 1] as string)?.[1]} has no docstring`,
        ),
      ),
    ).toEqual([]);
  });

  /** Whether a comment precedes it, or the file's comment is about this only export, or its members have comments. */
  function isDocumented(lines: readonly string[], at: number): boolean {
    const line = lines[at] as string;
    if (lines[at - 1]?.trimEnd().endsWith("*/") || DOCUMENTED_DATA.test(line)) return true;
    if (lines.filter((other) => EXPORT.test(other)).length === 1) return true;
    return line.startsWith("export interface") && hasADocumentedMember(lines.slice(at + 1));
  }

  function hasADocumentedMember(following: readonly string[]): boolean {
    const end = following.findIndex((line) => line.startsWith("}"));
    return following.slice(0, end).some((line) => line.startsWith("  /**"));
  }
});

describe("a file", () => {
  it("has a name that tells its purpose", () => {
    expect(
      problemsIn(everything, ({ path }) => {
        const name = (path.split("/").at(-1) as string).split(".")[0] as string;
        return VAGUE_NAMES.test(name) && path !== "src/index.ts" ? ["1 has a vague name"] : [];
      }),
    ).toEqual([]);
  });

  it("opens with a comment that tells its purpose", () => {
    expect(
      problemsIn(notTests, ({ lines }) => {
        const first = lines[0]?.startsWith("#!") ? lines[1] : lines[0];
        return first?.startsWith("/**") ? [] : ["1 does not open with a comment"];
      }),
    ).toEqual([]);
  });

  it(`has at most ${MAX_FILE_LINES} lines`, () => {
    expect(
      problemsIn([...sources, ...tools, ...dashboards], ({ lines }) =>
        lines.length > MAX_FILE_LINES ? [`${lines.length} lines`] : [],
      ),
    ).toEqual([]);
  });

  it("exports by name, never a default", () => {
    expect(
      problemsIn(sources, ({ lines }) =>
        linesThat(lines, (line) => /^export default|\bas default\b/.test(line)).map(
          (at) => `${at} exports a default`,
        ),
      ),
    ).toEqual([]);
  });

  it("names no path of a single machine", () => {
    expect(
      problemsIn(everything, ({ lines }) =>
        linesThat(lines, (line) => /["'`\s(](?:\/root|\/work|\/home|\/Users)\//.test(line)).map(
          (at) => `${at} names a path of one machine`,
        ),
      ),
    ).toEqual([]);
  });
});

it(`a function has at most ${MAX_FUNCTION_LINES} lines`, () => {
  expect(
    problemsIn([...sources, ...tools, ...dashboards], (file) =>
      functionsOf(file)
        .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
        .map(({ at, lines }) => `${at} is a function of ${lines} lines`),
    ),
  ).toEqual([]);
});

function functionsOf({ program, lines }: SourceFile): { at: number; lines: number }[] {
  const text = lines.join("\n");
  const found: { at: number; lines: number }[] = [];
  const note = ({ start, end }: { start: number; end: number }): void => {
    found.push({ at: lineAt(text, start), lines: lineAt(text, end) - lineAt(text, start) + 1 });
  };
  new Visitor({
    FunctionDeclaration: note,
    FunctionExpression: note,
    ArrowFunctionExpression: note,
  }).visit(program);
  return found;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

it("a workload's name is a literal only in src/bench/workloads", () => {
  // Words of other meanings, such as the command "serve", may be literals outside the load tester.
  const areNames = (inBench: boolean) => WORKLOAD_NAMES.filter((name) => inBench || name.includes(" "));
  const outside = sources.filter(({ path }) => !path.startsWith("src/bench/workloads/"));
  expect(
    problemsIn(outside, (file) => {
      const names = areNames(roomOf(file.path) === "bench");
      return literalsOf(file)
        .filter(({ value }) => names.includes(value))
        .map(({ at, value }) => `${at} names the workload "${value}"`);
    }),
  ).toEqual([]);
});

it("a workload is not recognised by a part of its name", () => {
  const parts = new Set(
    WORKLOAD_NAMES.filter((name) => name.includes(" ")).flatMap((name) => name.split(" ")),
  );
  const TEST = /\.(?:startsWith|endsWith|includes)\("(\w+| \w+|\w+ )"\)/;
  expect(
    problemsIn(
      sources.filter(({ path }) => roomOf(path) === "bench" || roomOf(path) === "cli"),
      ({ lines }) =>
        linesThat(lines, (line) => parts.has((TEST.exec(line)?.[1] ?? "").trim())).map(
          (at) => `${at} tests a part of a workload's name`,
        ),
    ),
  ).toEqual([]);
});

function literalsOf({ program, lines }: SourceFile): { at: number; value: string }[] {
  const text = lines.join("\n");
  const found: { at: number; value: string }[] = [];
  new Visitor({
    Literal: ({ value, start }) => {
      if (typeof value === "string") found.push({ at: lineAt(text, start), value });
    },
  }).visit(program);
  return found;
}

it("a test skips what it cannot check instead of returning early", () => {
  const found = problemsIn(tests, (file) => {
    const text = file.lines.join("\n");
    return testBodiesOf(file).flatMap((body) =>
      body
        .flatMap(returnsOf)
        .map(({ start }) => `${lineAt(text, start)} returns early: use context.skip() or describe.skipIf()`),
    );
  });
  expect(found).toEqual([]);
});

interface Node {
  readonly type: string;
  readonly start: number;
}

/** Statements of the functions that are given to `it` or `test`, also with `.each` and the like in between. */
function testBodiesOf({ program }: SourceFile): Node[][] {
  const bodies: Node[][] = [];
  new Visitor({
    CallExpression: ({ callee, arguments: given }) => {
      let name: unknown = callee;
      while (hasA("object", name) || hasA("callee", name) || hasA("tag", name))
        name = name.object ?? name.callee ?? name.tag;
      if (!hasA("name", name) || !["it", "test"].includes(String(name.name))) return;
      for (const one of given as unknown[])
        if (hasA("body", one) && hasA("body", one.body) && Array.isArray(one.body.body))
          bodies.push(one.body.body as Node[]);
    },
  }).visit(program);
  return bodies;
}

function hasA<Key extends string>(key: Key, value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Boolean((value as Record<string, unknown>)[key]);
}

/** `return` without a value, as a statement or the only one of an `if`. */
function returnsOf(statement: Node): Node[] {
  if (statement.type === "ReturnStatement") return hasA("argument", statement) ? [] : [statement];
  if (statement.type === "BlockStatement")
    return (statement as unknown as { body: Node[] }).body.flatMap(returnsOf);
  if (statement.type !== "IfStatement") return [];
  const { consequent, alternate } = statement as unknown as { consequent: Node; alternate: Node | null };
  return [consequent, ...(alternate ? [alternate] : [])].flatMap(returnsOf);
}

it("every file that the documents name exists", () => {
  const paths = ["src", "tools", "dashboards", "test", "docs", "k8s", "compose", "examples"]
    .flatMap(pathsOf)
    .map((path) => `/${path}`);
  const exists = (name: string): boolean => {
    const pattern = new RegExp(
      `/${name.replaceAll(/[.+]/g, "\\$&").replaceAll("*", "[^/]*")}${name.endsWith("/") ? "" : "$"}`,
    );
    return paths.some((path) => pattern.test(path));
  };
  expect(
    ["CONTRIBUTING.md", "ARCHITECTURE.md"].flatMap((page) =>
      filesNamedIn(textOf(page))
        .filter((name) => !exists(name))
        .map((name) => `${page} names ${name}, which does not exist`),
    ),
  ).toEqual([]);
});

/** Folders and files of the source in backticks: `src/bench/`, `test/rig/*.ts`, `options.ts`. */
function filesNamedIn(markdown: string): string[] {
  const quoted = [...markdown.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name as string);
  return quoted.filter(
    (name) => /^[\w*./-]+$/.test(name) && /^[\w*-][\w*./-]*(?:\/|\.(?:[jt]s|ya?ml|sh))$/.test(name),
  );
}

it("every recipe of CONTRIBUTING.md names a file or a command", () => {
  const recipes = [...textOf("CONTRIBUTING.md").matchAll(/^\*\*(.+?)\*\*[\s\S]*?(?=\n\n|$(?![\s\S]))/gm)];
  expect(recipes.length).toBeGreaterThan(10);
  expect(
    recipes
      .filter(([text]) => filesNamedIn(text).length === 0 && !/`npm run [\w:]+`/.test(text))
      .map(([, title]) => title),
  ).toEqual([]);
});

/** Numbers, from 1, of the lines for which a condition holds. */
function linesThat(lines: readonly string[], look: (line: string, index: number) => boolean): number[] {
  return lines.flatMap((line, i) => (look(line, i) ? [i + 1] : []));
}
