/** Runbooks and the list of alerts as Markdown. Pure. */
import { DASHBOARDS } from "../boards/dashboards.ts";
import { type Alert, AS_THE_THRESHOLD_SAYS } from "./rule.ts";
import { ALERT_GROUPS } from "./rules.ts";

const MADE = "<!-- Made by npm run dashboards: change src/pack/rules/, not this file. -->";

/** The page of each alert, by file name, and a page that lists them. */
export function runbookPages(): ReadonlyMap<string, string> {
  const alerts = ALERT_GROUPS.flatMap((group) => group.alerts);
  return new Map([
    ["README.md", `# Runbooks\n\n${MADE}\n\n${alertTables("")}\n`],
    ...alerts.map((alert) => [`${alert.name}.md`, runbookPage(alert)] as const),
  ]);
}

function runbookPage(alert: Alert): string {
  const { name, summary, expr, runbook, dashboard } = alert;
  const title = DASHBOARDS.find((board) => board.name === dashboard[0])?.title;
  return [
    `# ${name}`,
    MADE,
    `> ${readable(summary)}`,
    `Severity: ${severityOf(alert)}. ${timing(alert)} Dashboard: NATS / ${title}.`,
    `## What it means\n\n${runbook.meaning}`,
    ...(runbook.harmless ? [`It may fire although all is well: ${runbook.harmless}`] : []),
    `## What to look at\n\n${runbook.look.map((line) => `- ${line}`).join("\n")}`,
    `## What to do\n\n${runbook.act.map((line, i) => `${i + 1}. ${line}`).join("\n")}`,
    `## The rule\n\n\`\`\`promql\n${expr}\n\`\`\``,
  ]
    .join("\n\n")
    .concat("\n");
}

/** `{{ $labels.server }}` as `SERVER`. */
function readable(template: string): string {
  return template
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => label.toUpperCase())
    .replace(/\{\{ \$value[^}]*\}\}/g, "N");
}

function severityOf({ severity }: Alert): string {
  return severity === AS_THE_THRESHOLD_SAYS ? "warning or critical, as the threshold says" : severity;
}

function timing(alert: Alert): string {
  const after = alert.for === "0s" ? "Fires at once" : `Fires after ${alert.for}`;
  return `${after}, and goes on for ${alert.keepFiringFor} when it is over.`;
}

/**
 * A table of alerts for each group.
 *
 * @param path from the page to the runbooks, ending in a slash where it is not empty
 */
export function alertTables(path: string): string {
  return ALERT_GROUPS.map(({ title, alerts }) =>
    [
      `**${title}**`,
      "",
      "| Alert | Severity | When |",
      "| --- | --- | --- |",
      ...alerts.map(
        (alert) =>
          `| [${alert.name}](${path}${alert.name}.md) | ${severityOf(alert)} | ${readable(alert.summary)} |`,
      ),
    ].join("\n"),
  ).join("\n\n");
}
