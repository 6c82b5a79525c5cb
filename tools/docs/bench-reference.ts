/** The reference of `natscope bench` as Markdown, made of the tables that the command runs on. Pure. */

import { STAGES } from "../../src/bench/measure/stage.ts";
import { GROUPS } from "../../src/bench/options/option.ts";
import { appliesTo, flagOf, keyOf, OPTION_NAMES, optionOf } from "../../src/bench/options/options.ts";
import { LIVE_METRICS } from "../../src/bench/progress/table.ts";
import { FORMATS } from "../../src/bench/report/formats.ts";
import { COUNT_NAMES, STATISTICS } from "../../src/bench/result/figures.ts";
import { WORKLOAD_NAMES, workloadOf } from "../../src/bench/workloads/workloads.ts";
import { code, markdownTable } from "../../src/text/table.ts";

const ALL = WORKLOAD_NAMES;

/** Workloads, options, what thresholds may name, and forms of reports. */
export function benchReference(): string {
  return [
    "## Workloads",
    markdownTable(
      ["Workload", "What it does", "Timed stages"],
      ALL.map((name) => {
        const { help, stages } = workloadOf(name);
        return [code(name), help, stages.join(", ")];
      }),
    ),
    "A stage is a stretch of an operation's life; each is a histogram of its own.",
    markdownTable(
      ["Stage", "From where to where"],
      Object.entries(STAGES).map(([name, { help }]) => [name, help]),
    ),
    "## Options",
    "A flag goes before a scenario's own key in a file, that before the same key at the top of the file.",
    ...GROUPS.flatMap((group) => [`**${group}**`, optionTable(group)]),
    "Flags of the connection are those of `nats`, and so are its variables and contexts: see `--help`.",
    "## Thresholds",
    `\`FIGURE OPERATOR VALUE\`, with one of \`<\` \`<=\` \`>\` \`>=\` \`==\` \`!=\`. Figures are ${code("rate")}, ${code("offered")} and ${code("bytesRate")} (a second), the counts ${COUNT_NAMES.map(code).join(", ")}, and of each stage ${["count", ...STATISTICS].map((one) => code(`STAGE.${one}`)).join(", ")}, whose values are durations. \`NAME/...\` is about the scenario NAME alone. A figure that was not measured, or has too few samples, meets no threshold.`,
    "## Reports",
    markdownTable(
      ["Form", "File", "What it is"],
      Object.entries(FORMATS).map(([name, { extension, help }]) => [code(name), code(extension), help]),
    ),
    "## Metrics of a run",
    "With `--metrics-listen`, at `/metrics`, as long as the run lasts; as of the last second of each scenario.",
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
    const { kind, help, preset = "", aliases = [], isSwitch, repeats, only, of } = optionOf(name);
    const owners = ALL.filter((workload) => appliesTo(name, workload));
    const flags = [flagOf(name), ...aliases].map(code).join(", ");
    return [
      only === "file"
        ? ""
        : `${flags}${isSwitch ? "" : ` ${code(kind.placeholder)}`}${repeats ? " (repeatable)" : ""}`,
      only === "flag" ? "" : code(keyOf(name)),
      preset,
      of === "run" ? "the run" : ownersText(owners),
      help,
    ];
  });
  return markdownTable(["Flag", "In a file", "Default", "Of", "What it does"], rows);
}

const SENDERS = ALL.filter((name) => workloadOf(name).sends);

function ownersText(owners: readonly string[]): string {
  if (owners.length === ALL.length) return "all";
  const isOf = (group: readonly string[]) =>
    owners.length === group.length && group.every((one) => owners.includes(one));
  return isOf(SENDERS) ? "all that send" : owners.join(", ");
}
