/**
 * The report as one file of HTML that asks for nothing from anywhere: text, tables, data, uPlot and the charts.
 * Its policy allows no script but the two whose hashes it names, and no connection at all.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Result } from "../../bench/result/result.ts";
import { environmentLine, type Section, type Shown, sectionsOf, titleOf } from "../sections.ts";
import { drawCharts } from "./charts.ts";
import { chartDataOf } from "./figure-data.ts";

const require = createRequire(import.meta.url);

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1150px; margin: 2rem auto; padding: 0 1.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1.5rem 0; background: #fff; color: #111; padding: .5rem; border-radius: 6px; }
figcaption { font-weight: 600; }
.verdict { border-left: 6px solid #1a7f37; padding: .25rem 1rem; }
.verdict.suspect { border-color: #bf8700; }
.verdict.invalid { border-color: #d1242f; }
.small { color: #777; }
`;

/** @param shown with their figures */
export function html(result: Result, shown: readonly Shown[]): string {
  const plot = readFileSync(require.resolve("uplot/dist/uPlot.iife.min.js"), "utf8");
  const style = readFileSync(require.resolve("uplot/dist/uPlot.min.css"), "utf8") + STYLE;
  const data = shown.map(({ result: one }) => chartDataOf(one, titleOf(one.scenario)));
  const draw = `(${drawCharts})(JSON.parse(document.getElementById("data").textContent), uPlot, document);`;
  const policy = [
    "default-src 'none'",
    `script-src ${[plot, draw].map(hashOf).join(" ")}`,
    // uPlot places its parts by style attributes.
    `style-src 'unsafe-inline'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width">
<title>natscope bench: ${escapeHtml(shown.map(({ result: one }) => one.scenario.name).join(", "))}</title>
<style>${style}</style>
</head>
<body>
<h1>natscope bench</h1>
<p class="small">${escapeHtml(result.startedAt)} &middot; ${escapeHtml(environmentLine(result))}</p>
${result.interrupted === undefined ? "" : `<p><strong>Interrupted:</strong> ${escapeHtml(result.interrupted)}</p>`}
${shown.map(scenario).join("\n")}
<script type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>
<script>${plot}</script>
<script>${draw}</script>
</body>
</html>
`;
}

function scenario(shown: Shown): string {
  const { result } = shown;
  return `<section>
<h2>${escapeHtml(titleOf(result.scenario))}</h2>
${sectionsOf(shown)
  .map((section, i) => part(section, i === 0 ? `verdict ${result.verdict.verdict}` : ""))
  .join("\n")}
<div class="charts"></div>
</section>`;
}

function part({ title, sentences, table }: Section, kind: string): string {
  const rows = table
    ? `<table><thead><tr>${table.head.map((cell) => `<th>${escapeHtml(cell)}</th>`).join("")}</tr></thead><tbody>${table.rows
        .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`)
        .join("")}</tbody></table>`
    : "";
  const list =
    sentences.length > 0 ? `<ul>${sentences.map((one) => `<li>${escapeHtml(one)}</li>`).join("")}</ul>` : "";
  return `<div class="${kind}"><h3>${escapeHtml(title)}</h3>${rows}${list}</div>`;
}

function hashOf(script: string): string {
  return `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}

function escapeHtml(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
