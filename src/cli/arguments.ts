/**
 * The command line: which command, and the settings among its flags. Commander knows the grammar and writes
 * the help; what it would refuse one at a time is gathered here, to be told all at once.
 */
import { Command, Option } from "commander";
import {
  type ExporterSettings,
  parseExporterArguments,
} from "../exporter/prometheus-nats-exporter/arguments.ts";
import { exporterUsage } from "../exporter/prometheus-nats-exporter/flags.ts";
import {
  flagOf,
  GROUPS,
  keyOf,
  SETTING_NAMES,
  settingOf,
  variableOf,
} from "../exporter/settings/settings.ts";
import type { Gathered, GivenSetting } from "../input/given.ts";
import { flagTerm } from "../input/help.ts";
import { unknownFlag } from "../input/unknown-flag.ts";
import { conceal, didYouMean, enumerate } from "../text/wording.ts";

/** Every command of natscope, with what it does as a sentence without its full stop. */
export const COMMANDS = {
  serve: "Watch NATS servers and serve their metrics to Prometheus",
  bench: "Load NATS, and say what it took and whether to believe it",
  report: "Make a report of a saved result of natscope bench",
  config: "Print the effective configuration and where each value came from",
  metrics: "Print the reference of all metrics as Markdown",
  healthcheck: "Ask the natscope that serves with the same settings here whether it lives",
} as const;
export type CommandName = keyof typeof COMMANDS;
const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** Commands that read their arguments themselves. */
const OWN_READERS = ["bench", "report"] as const satisfies readonly CommandName[];
type OwnReader = (typeof OWN_READERS)[number];

/** What to do: run a command, print a text and stop, or say what is wrong. */
export type Invocation =
  | ({ readonly command: Exclude<CommandName, OwnReader> } & Gathered)
  | { readonly command: OwnReader; readonly argv: readonly string[] }
  | { readonly command: "serve-as-exporter"; readonly exporter: ExporterSettings }
  | { readonly command: "print"; readonly text: string }
  | { readonly command: "none"; readonly problems: readonly string[] };

/** Commands without settings have no flags besides --help. */
const TAKES_SETTINGS: Readonly<Record<CommandName, "settings" | "nothing">> = {
  serve: "settings",
  bench: "nothing",
  report: "nothing",
  config: "settings",
  metrics: "nothing",
  healthcheck: "settings",
};

/** @param argv what follows the name of the program */
export function readArguments(argv: readonly string[], version: string): Invocation {
  const likeExporter = parseExporterArguments(argv);
  switch (likeExporter.kind) {
    case "settings":
      return { command: "serve-as-exporter", exporter: likeExporter.settings };
    case "problems":
      return { command: "none", problems: likeExporter.problems };
    case "version":
      return print(`natscope ${version}\n`);
    case "help":
      return print(exporterUsage());
    case "not-exporter-arguments":
      return readOwnArguments(argv, version);
  }
}

function readOwnArguments(argv: readonly string[], version: string): Invocation {
  const [first, ...others] = argv;
  if (first === undefined || first === "--help" || first === "-h")
    return print(program().helpInformation() + PROGRAM_EXAMPLES);
  if (first === "--version" || first === "-V") return print(`natscope ${version}\n`);
  if (first === "help") return readOwnArguments([...others.slice(0, 1), "--help"], version);
  const ownReader = OWN_READERS.find((command) => command === first);
  if (ownReader) return { command: ownReader, argv: others };
  const name = COMMAND_NAMES.find((command) => command === first);
  if (name) return readCommand(name as Exclude<CommandName, OwnReader>, others);
  if (first.startsWith("-")) {
    return {
      command: "none",
      problems: [`natscope needs a command before its flags: ${enumerate(COMMAND_NAMES)}`],
    };
  }
  const what = `${JSON.stringify(conceal(first))} is not a command`;
  return {
    command: "none",
    problems: [`${what}${didYouMean(first, COMMAND_NAMES) || `: natscope has ${enumerate(COMMAND_NAMES)}`}`],
  };
}

function readCommand(name: Exclude<CommandName, OwnReader>, argv: readonly string[]): Invocation {
  const command = commandOf(name);
  new Command("natscope").addCommand(command);
  const given: GivenSetting[] = [];
  const problems: string[] = [];
  let wantsHelp = false;
  for (const setting of SETTING_NAMES) {
    const place = flagOf(setting);
    command.on(`option:${place.slice(2)}`, (text: string | null) => {
      if (text !== null) given.push({ setting, text, origin: { source: "flag", place } });
      else problems.push(`${place} needs a value: ${place} ${settingOf(setting).placeholder}`);
    });
  }
  command.on("option:help", () => {
    wantsHelp = true;
  });
  const { operands, unknown } = command.parseOptions([...argv]);
  if (wantsHelp) {
    return print(command.helpInformation() + (TAKES_SETTINGS[name] === "settings" ? SETTINGS_NOTE : ""));
  }
  return { command: name, given, problems: [...problems, ...strangers(name, [...operands, ...unknown])] };
}

/** What is neither a flag nor a flag's value. What follows an unknown flag passes for its value. */
function strangers(name: CommandName, texts: readonly string[]): string[] {
  const flags = TAKES_SETTINGS[name] === "settings" ? [...SETTING_NAMES.map(flagOf), "--help"] : ["--help"];
  return texts.flatMap((text, i) => {
    if (text.startsWith("-")) return [unknownFlag(name, text, flags)];
    if (i > 0 && /^-[^=]*$/.test(texts[i - 1] as string)) return [];
    const hint = /^[^=]*=?https?:/.test(text) ? `: write --monitor before a URL` : "; see --help";
    return [`natscope ${name} takes flags only, not ${JSON.stringify(conceal(text))}${hint}`];
  });
}

function print(text: string): Invocation {
  return { command: "print", text };
}

function program(): Command {
  const command = new Command("natscope")
    .description("Watches NATS and loads NATS.")
    .usage("<command> [flags]")
    .helpOption("-h, --help", "Print this help, or that of a command")
    .helpCommand(false)
    .option("-V, --version", "Print the version");
  for (const name of COMMAND_NAMES) command.addCommand(commandOf(name));
  return formatted(command);
}

function commandOf(name: CommandName): Command {
  const command = new Command(name)
    .description(`${COMMANDS[name]}.`)
    .usage(TAKES_SETTINGS[name] === "settings" ? "[flags]" : "")
    .helpOption(false)
    .allowUnknownOption();
  if (TAKES_SETTINGS[name] === "settings") {
    for (const group of GROUPS) {
      for (const setting of SETTING_NAMES.filter((one) => settingOf(one).group === group)) {
        // The value is optional to commander only: it would stop at the first that is missing.
        const { placeholder, help, default: texts } = settingOf(setting);
        const preset = texts.length > 0 ? `default ${texts.join(", ")}; ` : "";
        const option = new Option(
          `${flagOf(setting)} [${placeholder}]`,
          `${help} (${preset}${variableOf(setting)})`,
        );
        command.addOption(option.helpGroup(`${group}:`));
      }
    }
  }
  return formatted(command.addOption(new Option("-h, --help", "Print this help").helpGroup("Other:")));
}

function formatted(command: Command): Command {
  return command.configureHelp({
    helpWidth: 100,
    optionTerm: flagTerm,
    subcommandTerm: (subcommand) => subcommand.name(),
  });
}

const PROGRAM_EXAMPLES = `
Examples:
  natscope serve                                        watch http://127.0.0.1:8222, serve :7777/metrics
  natscope serve --monitor a=http://a:8222 --monitor b=http://b:8222
  natscope config --config natscope.yaml                see what a file comes to
  natscope bench request --rate 1000                    requests at a rate, and what they took

The arguments of prometheus-nats-exporter are understood as they are:
  natscope -port=7777 -connz -varz -jsz=all -prefix=nats http://localhost:8222/
`;

const SETTINGS_NOTE = `
A flag goes before its environment variable, that before the configuration file, that before the default.
A setting of several values is repeated, or a list in the file; the source that goes first gives all of them.
In the file --${keyOf("metricsPath").replace("_", "-")} is called ${keyOf("metricsPath")}, and so on.
`;
