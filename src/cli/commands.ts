/** The commands of natscope, and which of them a command line calls. Pure. */
import { helpText } from "../input/help.ts";
import { meant } from "../input/problems.ts";
import { enumerate, quote } from "../text/wording.ts";

/** Every command with its summary, a sentence. */
export const COMMANDS = {
  serve: "Collect metrics of NATS servers and serve them to Prometheus.",
  bench: "Load NATS, measure it, and judge whether the numbers can be trusted.",
  report: "Create a report from a saved result of natscope bench.",
  config: "Print the effective settings of natscope serve, each with its source.",
  metrics: "Print the reference of all metrics as Markdown.",
  healthcheck: "Check that natscope serve with the same settings answers on this machine.",
} as const;
export type CommandName = keyof typeof COMMANDS;

const NAMES = Object.keys(COMMANDS) as CommandName[];

/** A command with its own arguments, a text to print, or a problem. */
type Invocation =
  | { readonly command: CommandName; readonly argv: readonly string[] }
  | { readonly text: string }
  | { readonly problem: string };

/** @param argv arguments after the name of the program */
export function chooseCommand(argv: readonly string[], version: string): Invocation {
  const [first, ...others] = argv;
  if (first === undefined || first === "--help" || first === "-h") return { text: programHelp() };
  if (first === "--version" || first === "-V") return { text: `natscope ${version}\n` };
  if (first === "help") return chooseCommand([...others.slice(0, 1), "--help"], version);
  const command = NAMES.find((name) => name === first);
  if (command) return { command, argv: others };
  if (first.startsWith("-")) {
    return { problem: `natscope has a flag before its command: expected ${enumerate(NAMES)} first` };
  }
  const otherwise = `: expected ${enumerate(NAMES)}`;
  return { problem: `${quote(first)} is not a command${meant(first, NAMES) || otherwise}` };
}

function programHelp(): string {
  return helpText({
    usage: "natscope COMMAND [flags]",
    summary: "Monitoring and load testing for NATS.",
    sections: [
      { title: "Commands", rows: Object.entries(COMMANDS) },
      {
        title: "Flags",
        rows: [
          ["-h, --help", "Print this help, or after a command the help of that command."],
          ["-V, --version", "Print the version."],
        ],
      },
    ],
    notes: [EXAMPLES, EXPORTER_EXAMPLE],
  });
}

const EXAMPLES = `Examples:
  natscope serve                       http://127.0.0.1:8222 at :7777/metrics
  natscope serve --monitor a=http://a:8222 --monitor b=http://b:8222
  natscope config --config natscope.yaml
  natscope bench request --rate 1000`;

const EXPORTER_EXAMPLE = `natscope also takes the arguments of prometheus-nats-exporter:
  natscope -port=7777 -connz -varz -jsz=all -prefix=nats http://localhost:8222`;
