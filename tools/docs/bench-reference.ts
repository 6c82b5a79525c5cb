/** The reference of `natscope bench` as Markdown, generated from the tables that the command uses. Pure. */

import { STAGES } from "../../src/bench/measure/stage.ts";
import { GROUPS } from "../../src/bench/options/option.ts";
import { appliesTo, defaultTextForAll, OPTION_NAMES, optionOf } from "../../src/bench/options/options.ts";
import { LIVE_METRICS } from "../../src/bench/progress/table.ts";
import { FORMATS } from "../../src/bench/report/formats.ts";
import { COUNT_NAMES, STATISTICS } from "../../src/bench/result/figures.ts";
import { WORKLOAD_NAMES, workloadOf } from "../../src/bench/workloads/workloads.ts";
import { flagsOf, isFrom, keyOf } from "../../src/input/option.ts";
import { code, markdownTable } from "../../src/text/table.ts";

const ALL = WORKLOAD_NAMES;

/** Sections on workloads, options, thresholds, report formats and metrics. */
export function benchReference(): string {
  return [
    "## Workloads",
    markdownTable(
      ["Workload", "Description", "Timed stages"],
      ALL.map((name) => {
        const { help, stages } = workloadOf(name);
        return [code(name), help, stages.join(", ")];
      }),
    ),
    "A stage is a part of an operation's duration, with its own histogram.",
    markdownTable(
      ["Stage", "From … to …"],
      Object.entries(STAGES).map(([name, { help }]) => [name, help]),
    ),
    "## Options",
    "Precedence: flag, key of a scenario in the file, the same key at the top of the file, default.",
    ...GROUPS.flatMap((group) => [`**${group}**`, optionTable(group)]),
    "The connection takes the flags, environment variables and contexts of `nats`: see `natscope bench WORKLOAD --help`.",
    "## Thresholds",
    `\`FIGURE OPERATOR VALUE\`, with one of \`<\` \`<=\` \`>\` \`>=\` \`==\` \`!=\`. Figures are ${code("rate")}, ${code("offered")} and ${code("bytesRate")} (per second), the counts ${COUNT_NAMES.map(code).join(", ")}, and for each stage ${["count", ...STATISTICS].map((one) => code(`STAGE.${one}`)).join(", ")}, whose values are durations. \`NAME/...\` applies to the scenario NAME only. A threshold fails if its figure was not measured or has too few samples.`,
    "## Reports",
    markdownTable(
      ["Form", "File", "Content"],
      Object.entries(FORMATS).map(([name, { extension, help }]) => [code(name), code(extension), help]),
    ),
    "## Metrics of a run",
    "Served at `/metrics` during the run with `--metrics-listen`; the values are those of the last full second of each scenario.",
    markdownTable(
      ["Metric", "Type", "Labels", "Meaning"],
      LIVE_METRICS.map(({ name, type, labels, help }) => [
        code(name),
        type,
        labels.map(code).join(", "),
        help,
      ]),
    ),
  ].join("\n\n");
}

function optionTable(group: (typeof GROUPS)[number]): string {
  const rows = OPTION_NAMES.filter((name) => optionOf(name).group === group).map((name) => {
    const row = optionOf(name);
    const owners = ALL.filter((workload) => appliesTo(name, workload));
    const flags = flagsOf(name, row).map(code).join(", ");
    const value = row.isSwitch ? "" : ` ${code(row.kind.placeholder)}`;
    return [
      isFrom("flag", row) ? `${flags}${value}${row.repeats ? " (repeatable)" : ""}` : "",
      isFrom("file", row) ? code(keyOf(name, row)) : "",
      defaultTextForAll(name) ?? "",
      row.scope === "run" ? "the run" : ownersText(owners),
      row.help,
    ];
  });
  return markdownTable(["Flag", "In a file", "Default", "Applies to", "Description"], rows);
}

const SENDERS = ALL.filter((name) => workloadOf(name).sends);

/** Names of workloads, `js` instead of all that begin with it. */
function ownersText(owners: readonly string[]): string {
  if (owners.length === ALL.length) return "all";
  const isOf = (group: readonly string[]) =>
    owners.length === group.length && group.every((one) => owners.includes(one));
  if (isOf(SENDERS)) return "all senders";
  const names = owners.map((name) => {
    const [family = name] = name.split(" ");
    return ALL.every((one) => !one.startsWith(`${family} `) || owners.includes(one)) ? family : name;
  });
  return [...new Set(names)].join(", ");
}
