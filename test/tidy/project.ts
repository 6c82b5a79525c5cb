/**
 * The project's own source files with their imports and exports, for the tests that look at the source text. Files
 * are parsed once; nothing is resolved that has no relative path, except the package's own name.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A file of TypeScript or JavaScript. */
export interface SourceFile {
  /** From the root of the project: `src/time/go-time.ts`. */
  readonly path: string;
  readonly lines: readonly string[];
  /** The text with blanks instead of comments. */
  readonly code: string;
  readonly program: ReturnType<typeof parseSync>["program"];
  /** Names that it imports or re-exports from other files of the project, as values or as types. */
  readonly imports: readonly Import[];
  /** Names that it declares and exports. */
  readonly exports: readonly string[];
}

/** A name that a file imports. */
export interface Import {
  /** Path of the file that exports the name. */
  readonly from: string;
  /** The name, or `*` for all of them. */
  readonly name: string;
}

/** Returns the files of a folder and of all folders in it. */
export function filesOf(folder: string): SourceFile[] {
  return pathsOf(folder)
    .filter((path) => /\.[jt]s$/.test(path))
    .map(parsed);
}

/** Returns the paths of all files of a folder, from the root of the project. */
export function pathsOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).replaceAll("\\", "/"));
}

/** Returns the text of a file. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function parsed(path: string): SourceFile {
  const text = textOf(path);
  const { program, module, comments } = parseSync(path, text);
  const fileOf = (specifier: string): string =>
    specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : (OWN_NAMES[specifier] ?? "");
  const imports: Import[] = [];
  for (const { moduleRequest, entries } of module.staticImports) {
    const from = fileOf(moduleRequest.value);
    if (entries.length === 0) imports.push({ from, name: "" });
    for (const { importName } of entries) imports.push({ from, name: importName.name ?? "*" });
  }
  const declared = module.staticExports.flatMap(({ entries }) => entries);
  for (const { moduleRequest, importName } of declared)
    if (moduleRequest) imports.push({ from: fileOf(moduleRequest.value), name: importName.name ?? "*" });
  for (const [, specifier] of text.matchAll(/\bimport\("([^"]+)"\)/g))
    imports.push({ from: fileOf(specifier as string), name: "*" });
  return {
    path,
    lines: text.split("\n"),
    code: comments.reduce((code, { start, end }) => blanked(code, start, end), text),
    program,
    imports: imports.filter(({ from }) => from !== ""),
    exports: declared
      .filter((entry) => !entry.moduleRequest)
      .map(({ exportName }) => exportName.name ?? "default"),
  };
}

function blanked(text: string, start: number, end: number): string {
  return text.slice(0, start) + " ".repeat(end - start) + text.slice(end);
}

/** The package by its public import paths, as examples use them. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  natscope: "src/index.ts",
  "natscope/client": "src/client.ts",
  "natscope/register": "src/register.ts",
};
