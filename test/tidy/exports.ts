/** Exports of `src` that no other file of the product or its tools needs. Pure. */
import type { SourceFile } from "./project.ts";

/** An export that is not needed. */
export interface IdleExport {
  readonly path: string;
  readonly name: string;
  /** Whether tests import it; otherwise no file does. */
  readonly usedByTests: boolean;
}

/** Public entry points: their exports are for users. */
const ENTRY_POINTS = ["src/index.ts", "src/client.ts", "src/register.ts"];

/** Types that other files' inferred types contain: the compiler needs their names in declaration files. */
const IN_INFERRED_TYPES = [
  "src/exporter/endpoints/jsz/asset.ts#Replica",
  "src/exporter/endpoints/jsz/threshold.ts#Threshold",
  "src/exporter/settings/kinds.ts#SeriesLimit",
];

/**
 * Returns exports of `src` that no file imports, and those that only tests import although their own file does not use
 * them either: they would be dead without their test. A part of a calculation may be exported for its test.
 */
export function idleExports(files: readonly SourceFile[]): IdleExport[] {
  const importers = new Map<string, Set<string>>();
  for (const { path, imports } of files)
    for (const { from, name } of imports) {
      const key = `${from}#${name}`;
      importers.set(key, (importers.get(key) ?? new Set()).add(path));
    }
  return files
    .filter(({ path }) => path.startsWith("src/") && !ENTRY_POINTS.includes(path))
    .flatMap(({ path, exports, code }) =>
      exports.flatMap((name) => {
        const users = [...(importers.get(`${path}#${name}`) ?? []), ...(importers.get(`${path}#*`) ?? [])];
        if (IN_INFERRED_TYPES.includes(`${path}#${name}`)) return [];
        if (users.some((user) => !user.startsWith("test/"))) return [];
        if (users.length > 0 && [...code.matchAll(new RegExp(`\\b${name}\\b`, "g"))].length > 1) return [];
        return { path, name, usedByTests: users.length > 0 };
      }),
    );
}
