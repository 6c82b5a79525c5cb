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

/** Returns exports of `src` that only tests import, or none of the files given. */
export function idleExports(files: readonly SourceFile[]): IdleExport[] {
  const importers = new Map<string, Set<string>>();
  for (const { path, imports } of files)
    for (const { from, name } of imports) {
      const key = `${from}#${name}`;
      importers.set(key, (importers.get(key) ?? new Set()).add(path));
    }
  return files
    .filter(({ path }) => path.startsWith("src/") && !ENTRY_POINTS.includes(path))
    .flatMap(({ path, exports }) =>
      exports.flatMap((name) => {
        const users = [...(importers.get(`${path}#${name}`) ?? []), ...(importers.get(`${path}#*`) ?? [])];
        if (users.some((user) => !user.startsWith("test/"))) return [];
        return { path, name, usedByTests: users.length > 0 };
      }),
    );
}
