/**
 * `npm run reference`: writes the references in `docs/`. They are made of the tables that the programs run on; a
 * test fails while a file says something else.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { CLIENT_METRICS, type ClientMetric } from "../../src/client/metrics/table.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import { metricReference } from "../../src/exporter/metric-reference.ts";
import { OWN_METRICS } from "../../src/exporter/server/own-metrics.ts";
import { benchReference } from "./bench-reference.ts";
import { settingReference } from "./setting-reference.ts";

/** Where the references are. */
export const DOCS = new URL("../../docs/", import.meta.url);

/** Whole files, by name. */
export const REFERENCES: Readonly<Record<string, () => string>> = {
  "settings.md": () => page("Settings of `natscope serve`", settingReference()),
  "server-metrics.md": () =>
    page("Metrics of a server", metricReference(COLLECTORS, OWN_METRICS).replace(/^# Metrics\n/, "")),
  "bench.md": () => page("`natscope bench`", benchReference()),
  "client-metrics.md": () => page("Metrics of an instrumented client", clientReference()),
};

const MADE = "<!-- Made by npm run reference: change the tables in src/, not this file. -->";

function page(title: string, body: string): string {
  return `# ${title}\n\n${MADE}\n\n${body.trim()}\n`;
}

function clientReference(): string {
  const rows = Object.values<ClientMetric>(CLIENT_METRICS).map(({ name, type, help, labels }) => {
    const given = labels.length > 0 ? labels.map((label) => `\`${label}\``).join(", ") : "";
    return `| \`${name}\` | ${type} | ${given} | ${help.replaceAll("|", "\\|")} |`;
  });
  return [
    "`subject` is never a raw subject but a template, a subscription's subject, or a subject whose ids are folded;",
    "`outcome` is `ok`, `timeout`, `no_responders` or `error`; what is beyond a limit has the label value `_other`.",
    "",
    "| Metric | Type | Labels | Meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await mkdir(DOCS, { recursive: true });
  for (const [name, text] of Object.entries(REFERENCES)) await writeFile(new URL(name, DOCS), text());
}
