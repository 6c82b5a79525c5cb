/** The page at `/`: what this is, where its metrics are, what it scrapers. No script, nothing loaded. */
import { createHash } from "node:crypto";
import type { Target } from "../sources/target.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; }
td { overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; }
`;

/** Nothing is loaded, framed or submitted; of styles only the page's own. */
export const LANDING_PAGE_CSP = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What the page tells. Of the targets it shows names and URLs, and no credentials. */
export interface LandingPage {
  readonly version: string;
  readonly metricsPath: string;
  readonly targets: readonly Target[];
}

/**
 * The page as HTML. Names and URLs are escaped, and sending LANDING_PAGE_CSP with it keeps what slips through
 * from running.
 */
export function renderLandingPage({ version, metricsPath, targets }: LandingPage): string {
  const rows = targets.map(({ name, url }) => {
    const probe = `/probe?target=${encodeURIComponent(name)}`;
    const cells = [escapeHtml(name), `<code>${escapeHtml(withoutCredentials(url))}</code>`, link(probe)];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>natscope</title>
<style>${STYLE}</style>
</head>
<body>
<h1>natscope ${escapeHtml(version)}</h1>
<p>Prometheus metrics of NATS servers.</p>
<ul>
<li>${link(metricsPath)} all servers; some of it with <code>?collect[]=varz&amp;collect[]=jsz</code></li>
<li>${link("/livez")} whether natscope runs</li>
<li>${link("/readyz")} whether it takes requests</li>
</ul>
<h2>Servers</h2>
<table>
<thead><tr><th>Name</th><th>Monitoring port</th><th>Alone</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</body>
</html>
`;
}

function link(path: string): string {
  return `<a href="${escapeHtml(path)}"><code>${escapeHtml(path)}</code></a>`;
}

function withoutCredentials(url: URL): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown.href;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
