/** Help of `natscope bench`: all workloads, or the options of one. */

import { HELP_ROW, helpText, optionHelp } from "../../input/help.ts";
import { ROW_NAMES, type RowName, rowOf } from "../../nats/connect/table.ts";
import { CONNECTION_DEFAULTS } from "../driver/driver.ts";
import { WORKLOAD_NAMES, WORKLOADS, workloadOf } from "../workloads/workloads.ts";
import { GROUPS } from "./option.ts";
import { appliesTo, FLAG_NAMES, optionOf, withDefaultFor } from "./options.ts";

const COMMAND = "natscope bench";

/** Rows of the connection whose flags take no value. */
export const IS_SWITCH: readonly RowName[] = ["handshakeFirst"];

/** @param words of the command line; the first words of a workload narrow the list */
export function benchHelp(words: string, workload: string | undefined): string {
  if (workload !== undefined) return workloadHelp(workload);
  const narrowed = WORKLOAD_NAMES.filter((name) => name.startsWith(`${words} `));
  const shown = narrowed.length > 0 ? narrowed : WORKLOAD_NAMES;
  return helpText({
    usage: `${COMMAND} WORKLOAD [SUBJECT] [flags]`,
    summary:
      "Loads NATS and measures throughput, response time and lost messages. A verdict states whether to trust the numbers.",
    sections: [
      {
        title: "Workloads",
        rows: [
          ...shown.map((name) => [name, capitalized(workloadOf(name).help)] as const),
          ["run FILE.yaml", "Several scenarios, together or one after another."],
        ],
      },
    ],
    notes: [`The flags of a workload: ${COMMAND} WORKLOAD --help`, EXAMPLES, EXIT_CODES],
  });
}

const EXAMPLES = `Examples:
${WORKLOADS.flatMap(({ name, example }) => (example === undefined ? [] : [`  ${COMMAND} ${name} ${example}`])).join("\n")}
  ${COMMAND} run scenarios.yaml`;

const EXIT_CODES = `Exit codes:
  0  done
  1  failed
  2  invalid input
  3  a threshold is not met
  5  the verdict is INVALID, or the run was interrupted`;

function workloadHelp(workload: string): string {
  const definition = workloadOf(workload);
  const names = FLAG_NAMES.filter((name) => appliesTo(name, workload));
  return helpText({
    usage: `${COMMAND} ${workload}${appliesTo("subject", workload) ? " [SUBJECT]" : ""} [flags]`,
    summary: capitalized(definition.help),
    sections: [
      ...GROUPS.map((group) => ({
        title: group,
        rows: names
          .filter((name) => optionOf(name).group === group)
          .map((name) => optionHelp(name, withDefaultFor(definition, optionOf(name)))),
      })),
      { title: "Connection, as in nats", rows: ROW_NAMES.flatMap(connectionHelp) },
      { title: "Other", rows: [HELP_ROW] },
    ],
  });
}

/** Defaults of connection settings that differ from the client's. */
const OWN_DEFAULTS: Readonly<Partial<Record<RowName, string | number>>> = CONNECTION_DEFAULTS;

function connectionHelp(name: RowName): readonly (readonly [string, string])[] {
  const { flags = [], help, kind, variables, default: byDefault } = rowOf(name);
  if (flags.length === 0) return [];
  const value = IS_SWITCH.includes(name) ? "" : ` ${kind.placeholder}`;
  const fallback = OWN_DEFAULTS[name] ?? byDefault;
  const notes = [...(fallback === undefined ? [] : [`default: ${fallback}`]), ...variables.slice(0, 1)];
  return [[`${flags[0]}${value}`, notes.length === 0 ? help : `${help} (${notes.join("; ")})`]];
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
