/**
 * `npm run dashboards`: writes the observability pack of the rows in this room: dashboards, rules, runbooks. A test fails
 * while what is committed is something else.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DASHBOARDS } from "./boards/dashboards.ts";
import { grafanaJson } from "./boards/grafana.ts";
import { observabilityPage } from "./observability.ts";
import { prometheusRuleYaml, ruleFileYaml } from "./rules/prometheus.ts";
import { runbookPages } from "./rules/runbooks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Directories that hold nothing but what is made here. */
export const WHOLLY_MADE = ["docs/runbooks"];

/** Every file of the pack, by its path from the root of the project. */
export function packFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...DASHBOARDS.map(
      (dashboard) =>
        [
          `dashboards/${dashboard.name}.json`,
          `${JSON.stringify(grafanaJson(dashboard, DASHBOARDS), null, 2)}\n`,
        ] as const,
    ),
    ["dashboards/rules/natscope.yaml", ruleFileYaml()],
    ["k8s/components/prometheus-rule/prometheus-rule.yaml", prometheusRuleYaml()],
    ["docs/observability.md", observabilityPage()],
    ...[...runbookPages()].map(([name, text]) => [`docs/runbooks/${name}`, text] as const),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const files = packFiles();
  for (const directory of WHOLLY_MADE) {
    const made = await readdir(ROOT + directory).catch(() => []);
    for (const name of made) if (!files.has(`${directory}/${name}`)) await rm(`${ROOT}${directory}/${name}`);
  }
  for (const [path, text] of files) {
    await mkdir(dirname(ROOT + path), { recursive: true });
    await writeFile(ROOT + path, text);
  }
}
