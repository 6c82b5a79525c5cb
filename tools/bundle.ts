/**
 * `npm run bundle`: bundles the command for the image into one file that needs only Node.js, with a file for each
 * kind of worker thread and the licenses of all bundled packages.
 */
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { bundledWorkerFile, WORKER_FILES, type WorkerName } from "../src/threads/workers.ts";

const PROJECT = fileURLToPath(new URL("../", import.meta.url));
const MAIN = "src/cli/main.ts";

/**
 * Files that read files of packages, or the text of their own functions. In the bundle there are no packages and no
 * such text, so each function that these export is called now, and becomes one that returns the same string.
 */
const EVALUATED = [
  "src/cli/version.ts",
  "src/bench/driver/nats/client-version.ts",
  "src/bench/report/html/plot.ts",
  "src/bench/report/html/charts.ts",
];

/** CommonJS packages ask for Node.js's own modules by `require`, which a module does not have by itself. */
const REQUIRE = 'import{createRequire as _r}from"node:module";const require=_r(import.meta.url);';

/** @param directory is emptied first */
export async function bundle(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: [{ in: MAIN, out: "natscope" }, ...workerEntryPoints()],
    define: { NATSCOPE_IS_BUNDLED: "true" },
    outdir: directory,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    // Names are kept for stack traces; without them the image is hardly smaller.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none", // LICENSES.txt has them whole
    banner: { js: REQUIRE },
    plugins: [evaluated],
    metafile: true,
    logLevel: "warning",
  });
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "LICENSES.txt"), licensesOf(metafile));
  await writeFile(join(directory, "package.json"), '{ "type": "module" }\n');
}

function workerEntryPoints(): { in: string; out: string }[] {
  return (Object.keys(WORKER_FILES) as WorkerName[]).map((name) => ({
    in: join("src", WORKER_FILES[name]),
    out: basename(bundledWorkerFile(name), ".js"),
  }));
}

const evaluated: Plugin = {
  name: "evaluated",
  setup(to) {
    to.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!EVALUATED.some((name) => path === join(PROJECT, name))) return undefined;
      const exported = Object.entries(
        (await import(pathToFileURL(path).href)) as Record<string, () => string>,
      );
      const functions = exported.map(([name, of]) => `export const ${name} = () => ${JSON.stringify(of())};`);
      return { contents: functions.join("\n") };
    });
  },
};

/** Licenses of natscope and of each bundled package, with name and version. */
function licensesOf({ inputs }: Metafile): string {
  const packages = Object.keys(inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [],
  );
  // Read as text, not imported.
  const all = new Set([".", ...packages, "node_modules/uplot"]);
  return [...all]
    .sort()
    .map((path) => {
      const folder = join(PROJECT, path);
      const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
      const text = file ? readFileSync(join(folder, file), "utf8").trim() : `License: ${license}`;
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await bundle(join(PROJECT, "dist-bundle"));
