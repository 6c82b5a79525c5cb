/** Circles of imports among the folders inside a folder. Pure. */
import type { SourceFile } from "./project.ts";

/** Folders that import each other, directly or through others. */
export interface FolderCircle {
  /** The folder that they are in: `src/bench`. */
  readonly folder: string;
  /** Imports that are part of it: `runner -> result (runner/account.ts -> result/result.ts, 10 more)`. */
  readonly imports: readonly string[];
}

/**
 * Returns the circles inside every folder. The files that lie directly in a folder count as one more folder, called
 * `.`: they are either above its folders or below them.
 */
export function folderCircles(files: readonly SourceFile[]): FolderCircle[] {
  return [...new Set(files.flatMap(({ path }) => foldersAbove(path)))].sort().flatMap((folder) => {
    const edges = edgesWithin(folder, files);
    const circular = [...edges].filter(([, { from, to }]) => reaches(edges, to, from));
    if (circular.length === 0) return [];
    return {
      folder,
      imports: circular.map(
        ([edge, { examples }]) => `${edge} (${examples[0]}, ${examples.length - 1} more)`,
      ),
    };
  });
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly examples: string[];
}

/** `src/a`, `src` for `src/a/b.ts`. */
function foldersAbove(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join("/"));
}

function edgesWithin(folder: string, files: readonly SourceFile[]): Map<string, Edge> {
  const edges = new Map<string, Edge>();
  const inside = (path: string) => path.slice(folder.length + 1);
  const childOf = (path: string) => {
    if (!path.startsWith(`${folder}/`)) return undefined;
    const names = inside(path).split("/");
    return names.length > 1 ? names[0] : ".";
  };
  for (const { path, imports } of files)
    for (const target of new Set(imports.map(({ from }) => from))) {
      const [from, to] = [childOf(path), childOf(target)];
      if (from === undefined || to === undefined || from === to) continue;
      const key = `${from} -> ${to}`;
      if (!edges.has(key)) edges.set(key, { from, to, examples: [] });
      edges.get(key)?.examples.push(`${inside(path)} -> ${inside(target)}`);
    }
  return edges;
}

function reaches(edges: ReadonlyMap<string, Edge>, from: string, goal: string): boolean {
  const reached = new Set([from]);
  for (const one of reached) for (const edge of edges.values()) if (edge.from === one) reached.add(edge.to);
  return reached.has(goal);
}
