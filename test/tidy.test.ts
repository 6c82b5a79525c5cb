/**
 * The rules of the house, each with its lock: which room may import which, and how a file reads. It looks at
 * text, which the formatter keeps regular; what a compiler or a linter checks is not repeated.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Rooms that a room may import, besides itself. Downward only: a lower room never knows who uses it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "index.ts": ["client.ts", "exporter", "metrics"],
  "client.ts": ["client", "nats"],
  "register.ts": ["client"],
  cli: ["exporter", "bench", "http", "nats", "metrics", "input", "time", "text"],
  // Three products, none of which knows another.
  exporter: ["http", "nats", "metrics", "input", "time", "text"],
  client: ["http", "nats", "metrics", "input", "time", "text"],
  bench: ["http", "nats", "threads", "metrics", "input", "time", "text"],
  // What the products share.
  http: ["threads", "metrics", "input", "time", "text"],
  nats: ["input", "time", "text"],
  input: ["time", "text"],
  metrics: ["text"],
  threads: [],
  time: [],
  text: [],
};

const MOST_LINES_OF_A_FILE = 400;
const MOST_LINES_OF_A_FUNCTION = 70;
/** They say nothing of what is in them. */
const NAMES_OF_NOTHING = /^(utils?|helpers?|common|types?|misc|index|shared|manager)$/i;

interface SourceFile {
  /** From the root of the project: `src/time/go-time.ts`. */
  readonly path: string;
  readonly lines: readonly string[];
}

function filesOf(directory: string): SourceFile[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      path: file.slice(ROOT.length).replaceAll("\\", "/"),
      lines: readFileSync(file, "utf8").split("\n"),
    }));
}

const sources = filesOf("src");
const everything = [
  ...sources,
  ...filesOf("tools"),
  ...filesOf("dashboards"),
  ...filesOf("test").filter(({ path }) => !/\/(golden|samples)\//.test(path)),
];

/** A test file says in its titles what it is about. */
const notTests = everything.filter(({ path }) => !path.endsWith(".test.ts"));

/** Each problem is a line `path:line what`; the rule is that there are none. */
function problemsIn(files: readonly SourceFile[], look: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => look(file).map((problem) => `${file.path}:${problem}`));
}

/** Paths of the project's own files that a file imports, as values or as types. */
function importsOf({ path, lines }: SourceFile): string[] {
  return [...lines.join("\n").matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, target]) =>
    normalize(join(dirname(path), target as string)),
  );
}

const roomOf = (path: string): string => path.split("/")[1] as string;

it("finds the sources", () => {
  expect(sources.map(({ path }) => path)).toContain("src/exporter/scrape/scraper.ts");
  expect(
    importsOf(sources.find(({ path }) => path === "src/exporter/scrape/scraper.ts") as SourceFile),
  ).toContain("src/metrics/family.ts");
});

describe("imports", () => {
  it("run only downward", () => {
    expect(
      problemsIn(sources, (file) => {
        const room = roomOf(file.path);
        const allowed = MAY_IMPORT[room];
        if (!allowed) return ["1 is in a room without a rule"];
        return importsOf(file)
          .filter((target) => roomOf(target) !== room && !allowed.includes(roomOf(target)))
          .map((target) => `1 may not import ${target}`);
      }),
    ).toEqual([]);
  });

  it("go in no circle, not even of types", () => {
    const imports = new Map(sources.map((file) => [file.path, importsOf(file)]));
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
});

describe("a file", () => {
  it("says in its name what it is", () => {
    expect(
      problemsIn(everything, ({ path }) => {
        const name = (path.split("/").at(-1) as string).split(".")[0] as string;
        return NAMES_OF_NOTHING.test(name) && path !== "src/index.ts"
          ? ["1 has a name that says nothing"]
          : [];
      }),
    ).toEqual([]);
  });

  it("opens with what it is", () => {
    expect(
      problemsIn(notTests, ({ lines }) => {
        const first = lines[0]?.startsWith("#!") ? lines[1] : lines[0];
        return first?.startsWith("/**") ? [] : ["1 does not open with a comment"];
      }),
    ).toEqual([]);
  });

  it(`has at most ${MOST_LINES_OF_A_FILE} lines`, () => {
    expect(
      problemsIn(sources, ({ lines }) =>
        lines.length > MOST_LINES_OF_A_FILE ? [`${lines.length} lines`] : [],
      ),
    ).toEqual([]);
  });

  it("exports by name", () => {
    expect(
      problemsIn(sources, ({ lines }) =>
        linesThat(lines, (line) => /^export default|\bas default\b/.test(line)).map(
          (at) => `${at} exports a default`,
        ),
      ),
    ).toEqual([]);
  });

  it("knows no machine but the reader's", () => {
    expect(
      problemsIn(everything, ({ lines }) =>
        linesThat(lines, (line) => /["'`\s(](?:\/root|\/work|\/home|\/Users)\//.test(line)).map(
          (at) => `${at} names a path of one machine`,
        ),
      ),
    ).toEqual([]);
  });
});

describe("what a file exports", () => {
  const EXPORT =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|const|let) (\w+)/;
  /** Their help, item or summary is a sentence about them already. */
  const DATA_THAT_SAYS_WHAT_IT_IS = /^export const \w+: (?:Metric|Table<.*|Collector<.*) = /;

  it("is documented", () => {
    expect(
      problemsIn(sources, ({ lines }) =>
        linesThat(lines, (line, i) => EXPORT.test(line) && !isDocumented(lines, i)).map(
          (at) => `${at} ${EXPORT.exec(lines[at - 1] as string)?.[1]} has no docstring`,
        ),
      ),
    ).toEqual([]);
  });

  /** By a comment above it; by the file's own, where it is all that the file is about; or member by member. */
  function isDocumented(lines: readonly string[], at: number): boolean {
    const line = lines[at] as string;
    if (lines[at - 1]?.trimEnd().endsWith("*/") || DATA_THAT_SAYS_WHAT_IT_IS.test(line)) return true;
    if (lines.filter((other) => EXPORT.test(other)).length === 1) return true;
    return line.startsWith("export interface") && hasADocumentedMember(lines.slice(at + 1));
  }

  function hasADocumentedMember(following: readonly string[]): boolean {
    const end = following.findIndex((line) => line.startsWith("}"));
    return following.slice(0, end).some((line) => line.startsWith("  /**"));
  }
});

it(`a function has at most ${MOST_LINES_OF_A_FUNCTION} lines`, () => {
  const BEGINS =
    /^(\s*)(?:export |async |static |get |set |private )*(?:function\b.*|[#*]?[\w[\].#]+\(.*)\{$/;
  const NO_FUNCTION = /^\s*(?:if|for|while|switch|catch|return|describe|else|try)\b/;
  expect(
    problemsIn(sources, ({ lines }) =>
      lines.flatMap((line, i) => {
        const indent = NO_FUNCTION.test(line) ? undefined : BEGINS.exec(line)?.[1];
        if (indent === undefined) return [];
        const length = lines.slice(i).findIndex((later) => later.startsWith(`${indent}}`)) + 1;
        return length > MOST_LINES_OF_A_FUNCTION ? [`${i + 1} is a function of ${length} lines`] : [];
      }),
    ),
  ).toEqual([]);
});

/** Numbers, from 1, of the lines that are so. */
function linesThat(lines: readonly string[], look: (line: string, index: number) => boolean): number[] {
  return lines.flatMap((line, i) => (look(line, i) ? [i + 1] : []));
}

describe("a workload", () => {
  const FAMILIES = "src/bench/workloads/";
  const names = sources
    .filter(({ path }) => path.startsWith(FAMILIES))
    .flatMap(({ lines }) => [...lines.join("\n").matchAll(/workload\(\{\n\s+name: "([^"]+)"/g)])
    .map(([, name]) => name as string);
  const words = new Set(names.filter((name) => name.includes(" ")).flatMap((name) => name.split(" ")));

  /** A name of several words anywhere in a text; a single word, such as "request", only as a whole text. */
  function isNamedIn(text: string): boolean {
    return names.some((name) => (name.includes(" ") ? text.includes(name) : text === name));
  }

  it("is named only in src/bench/workloads: everything else reads its properties", () => {
    expect(names).toContain("js pub async");
    const readers = sources.filter(({ path }) => /^src\/(cli\/)?bench\//.test(path));
    expect(
      problemsIn(readers, ({ path, lines }) => {
        if (path.startsWith(FAMILIES)) return [];
        return linesThat(lines, (line) => {
          if (/^\s*(?:\/?\*|\/\/)/.test(line)) return false;
          const texts = [...line.matchAll(/"([^"]*)"|'([^']*)'|`([^`]*)`?/g)].map((found) =>
            found[0].slice(1, -1),
          );
          const partOf = /\.(?:startsWith|endsWith|includes)\(["'`] ?(\w+) ?["'`]\)/.exec(line)?.[1];
          return texts.some(isNamedIn) || (partOf !== undefined && words.has(partOf));
        }).map((at) => `${at} names a workload`);
      }),
    ).toEqual([]);
  });
});
