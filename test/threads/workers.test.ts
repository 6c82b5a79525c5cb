import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { WORKER_FILES } from "../../src/threads/workers.ts";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

it("lists exactly the files that run in a thread of their own", () => {
  const entryPoints = globSync("**/*.ts", { cwd: SRC }).filter((path) =>
    /^import \{[^}]*\bparentPort\b|^import \{[^}]*\bworkerData\b/m.test(
      readFileSync(`${SRC}${path}`, "utf8"),
    ),
  );
  expect(Object.values(WORKER_FILES).sort()).toEqual(entryPoints.sort());
});

it("is the only place that starts a worker", () => {
  const starters = globSync("**/*.ts", { cwd: SRC }).filter((path) =>
    /\bnew Worker\(\w/.test(readFileSync(`${SRC}${path}`, "utf8")),
  );
  expect(starters).toEqual(["threads/workers.ts"]);
});
