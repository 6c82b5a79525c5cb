/** The reference of the connection settings as Markdown, from the table that reads them. Pure. */
import { CONNECTION_DEFAULTS } from "../../src/bench/driver/driver.ts";
import { ROW_NAMES, rowOf } from "../../src/nats/connect/table.ts";
import { code, markdownTable } from "../../src/text/table.ts";

const INTRODUCTION = `Settings of a connection to NATS, for \`natscope bench\` and \`connectFromEnv()\` of \`natscope/client\`. A flag wins over a
variable, a variable over the context of the \`nats\` command that \`NATS_CONTEXT\` or \`--context\` names. \`natscope bench\`
also uses the selected context, as \`nats\` does; \`connectFromEnv()\` does not. Times without a unit are in milliseconds.

\`natscope bench\` has two defaults of its own: the connection name ${code(CONNECTION_DEFAULTS.name)}, and no limit of reconnect attempts
(${code(`${CONNECTION_DEFAULTS.maxReconnectAttempts}`)}).`;

/** The introduction and one table of all settings. */
export function connectionReference(): string {
  const rows = ROW_NAMES.map((name) => {
    const { variables, flags = [], contextKey, default: byDefault, help } = rowOf(name);
    return [
      variables.map(code).join("<br>"),
      flags.map(code).join("<br>"),
      contextKey === undefined ? "" : code(contextKey),
      byDefault === undefined ? "" : code(`${byDefault}`),
      help,
    ];
  });
  return `${INTRODUCTION}\n\n${markdownTable(["Environment", "Flag of bench", "In a context", "Default", "Description"], rows)}\n`;
}
