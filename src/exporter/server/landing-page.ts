/** The landing page at `/`: version, links, and the scraped servers. It has no script and loads nothing. */
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

/** Forbids loading, framing and submitting anything, and allows only the page's own style. */
export const LANDING_PAGE_CSP = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Content of the page. It shows names and URLs of the targets, without credentials. */
interface LandingPage {
  readonly version: string;
  readonly metricsPath: string;
  readonly targets: readonly Target[];
}

/** The page as HTML with escaped names and URLs. LANDING_PAGE_CSP must be sent with it as a second defence. */
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
<p>Prometheus exporter for NATS servers.</p>
<ul>
<li>${link(metricsPath)} metrics of all servers; select collectors with <code>?collect[]=varz&amp;collect[]=jsz</code></li>
<li>${link("/livez")} liveness: natscope is running</li>
<li>${link("/readyz")} readiness: natscope accepts scrapes</li>
</ul>
<h2>Servers</h2>
<table>
<thead><tr><th>Name</th><th>Monitoring port</th><th>This server only</th></tr></thead>
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
