/**
 * The report as one HTML file without external resources: text, tables, data, uPlot and the charts. Its content
 * security policy allows only the scripts and the style sheet whose hashes it contains, and no connections.
 */
import { createHash } from "node:crypto";
import { bytes, count, duration } from "../../text/quantity.ts";
import { visible } from "../../text/visible.ts";
import type { Result } from "../result/schema.ts";
import { chartScript } from "./html/charts.ts";
import { chartDataOf } from "./html/figure-data.ts";
import { plotScript, plotStyle } from "./html/plot.ts";
import { STYLE } from "./html/style.ts";
import { natsBenchLine } from "./nats-bench.ts";
import { environmentLine, type Section, type Shown, sectionsOf, titleOf } from "./sections.ts";

/** Renders the page. */
export function html(result: Result, shown: readonly Shown[]): string {
  const plot = plotScript();
  const style = plotStyle() + STYLE;
  const data = shown.map(({ result: one }) => chartDataOf(one));
  const draw = chartScript();
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(plot)} ${hashOf(draw)}`,
    `style-src ${hashOf(style)}`,
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
  const [verdict, ...others] = sectionsOf(shown);
  return `<section>
<h2>${escapeHtml(titleOf(result.scenario))}</h2>
<div class="verdict ${result.verdict.verdict}">${verdict ? part(verdict) : ""}</div>
${glance(shown)}
${others.map((section) => `<div>${part(section)}</div>`).join("\n")}
<div class="charts"></div>
<pre>${escapeHtml(natsBenchLine(shown))}</pre>
</section>`;
}

/** The most important numbers, above everything else. */
function glance({
  result: {
    scenario: { load },
    account,
  },
  figures: { rate, bytesRate, stages },
}: Shown): string {
  const name = load.kind === "open" ? "response" : "service";
  const { [name]: stage } = stages;
  const failures = Object.values(account.failed).reduce((sum, one) => sum + one, 0);
  const numbers: readonly (readonly [what: string, value: string])[] = [
    ["operations/s", count(rate)],
    ["payload/s", bytes(bytesRate)],
    ...(stage
      ? (["p50", "p99", "p99.9", "max"] as const).map(
          (one) => [`${name} ${one}`, duration(stage[one])] as const,
        )
      : []),
    ["failed", count(failures)],
    ["lost", count(account.lost + account.dropped)],
  ];
  const shown = numbers.map(
    ([what, value]) => `<div><dt>${escapeHtml(what)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="figures">${shown.join("")}</dl>`;
}

function part({ title, sentences, table }: Section): string {
  const list = sentences.map((one) => `<li>${escapeHtml(one)}</li>`).join("");
  return `<h3>${escapeHtml(title)}</h3>${table ? tableOf(table) : ""}${list === "" ? "" : `<ul>${list}</ul>`}`;
}

function tableOf({ head, rows }: NonNullable<Section["table"]>): string {
  const line = (cells: readonly string[], cell: (text: string) => string) =>
    `<tr>${cells.map((text) => cell(escapeHtml(text))).join("")}</tr>`;
  const body = rows.map((row) => line(row, (text) => `<td>${text}</td>`)).join("");
  return `<div class="table"><table><thead>${line(head, (text) => `<th scope="col">${text}</th>`)}</thead><tbody>${body}</tbody></table></div>`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Escapes HTML, and makes invisible characters visible. */
function escapeHtml(value: string): string {
  return visible(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
