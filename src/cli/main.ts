#!/usr/bin/env node
/**
 * The `natscope` command. Reports every problem of its input on standard error, one line each, before any work
 * begins. Loads only the code of the command that is called.
 */
import { parseExporterArguments } from "../exporter/prometheus-nats-exporter/arguments.ts";
import { exporterUsage } from "../exporter/prometheus-nats-exporter/flags.ts";
import { type CommandName, chooseCommand } from "./commands.ts";
import { DONE, FAILED, WRONG_INPUT } from "./exit-codes.ts";
import { endWithReader, TERMINAL } from "./terminal.ts";
import { packageVersion } from "./version.ts";

const version = packageVersion();

async function main(argv: readonly string[]): Promise<number> {
  const exporter = parseExporterArguments(argv);
  switch (exporter.kind) {
    case "settings":
      return (await import("./serve.ts")).serveLikeExporter(exporter.settings, version);
    case "problems":
      return fail(exporter.problems);
    case "version":
      return print(`natscope ${version}\n`);
    case "help":
      return print(exporterUsage());
    case "not-exporter-arguments":
      break;
  }
  const chosen = chooseCommand(argv, version);
  if ("text" in chosen) return print(chosen.text);
  if ("problem" in chosen) return fail([chosen.problem]);
  return run(chosen.command, chosen.argv);
}

async function run(command: CommandName, argv: readonly string[]): Promise<number> {
  switch (command) {
    case "serve":
      return (await import("./serve.ts")).serve(argv, version);
    case "bench":
      return (await import("./bench.ts")).bench(argv, version);
    case "report":
      return (await import("./report.ts")).report(argv);
    case "config":
      return (await import("./config.ts")).config(argv);
    case "metrics":
      return (await import("./metrics.ts")).metrics(argv);
    case "healthcheck":
      return (await import("./healthcheck.ts")).healthcheck(argv);
  }
}

async function print(text: string): Promise<number> {
  await TERMINAL.print(text);
  return DONE;
}

async function fail(problems: readonly string[]): Promise<number> {
  await TERMINAL.printErrors(problems);
  return WRONG_INPUT;
}

endWithReader();
try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`natscope: unexpected error: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(FAILED);
}
