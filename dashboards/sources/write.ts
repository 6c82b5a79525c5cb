/**
 * `npm run dashboards`: writes everything that is generated from this folder: dashboards, rules, runbooks and
 * `docs/observability.md`. A test fails if a committed file differs.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ALERT_GROUPS } from "./alerts/alerts.ts";
import { DASHBOARDS } from "./boards/dashboards.ts";
import { grafanaJson } from "./grafana/grafana.ts";
import { observabilityPage } from "./pages/observability.ts";
import { runbookPages } from "./pages/runbooks.ts";
import { prometheusRuleYaml, ruleFile, ruleFileYaml } from "./prometheus/rule-file.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Directories that contain only generated files. */
export const GENERATED_DIRECTORIES = ["docs/runbooks"];

/** Text of every generated file, by its path from the root of the project. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const rules = ruleFile(ALERT_GROUPS);
  return new Map([
    ...DASHBOARDS.map(
      (dashboard) =>
        [
          `dashboards/${dashboard.name}.json`,
          `${JSON.stringify(grafanaJson(dashboard, DASHBOARDS), null, 2)}\n`,
        ] as const,
    ),
    ["dashboards/rules/natscope.yaml", ruleFileYaml(rules)],
    ["k8s/components/prometheus-rule/prometheus-rule.yaml", prometheusRuleYaml(rules)],
    ["docs/observability.md", observabilityPage()],
    ...[...runbookPages()].map(([name, text]) => [`docs/runbooks/${name}`, text] as const),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const files = generatedFiles();
  for (const directory of GENERATED_DIRECTORIES) {
    const existing = await readdir(ROOT + directory).catch(() => []);
    for (const name of existing)
      if (!files.has(`${directory}/${name}`)) await rm(`${ROOT}${directory}/${name}`);
  }
  for (const [path, text] of files) {
    await mkdir(dirname(ROOT + path), { recursive: true });
    await writeFile(ROOT + path, text);
  }
}
