#!/usr/bin/env node
/**
 * The `natscope` command. How it ends is said in `exit-codes.ts`; wrong input is told on standard error, every
 * problem on its own line, before any work begins.
 */
import { openSync } from "node:fs";
import { constants } from "node:os";
import { COLLECTORS } from "../exporter/collectors.ts";
import type { ExporterSettings } from "../exporter/prometheus-nats-exporter/arguments.ts";
import { settingsOfExporter, webConfigOfExporter } from "../exporter/prometheus-nats-exporter/settings.ts";
import { describeSettings } from "../exporter/settings/effective.ts";
import { gatherSettings } from "../exporter/settings/gather.ts";
import { prepare } from "../exporter/settings/prepare.ts";
import { fileProblem } from "../input/file-problem.ts";
import type { Gathered } from "../input/given.ts";
import { readArguments } from "./arguments.ts";
import { DONE, FAILED, WRONG_INPUT } from "./exit-codes.ts";
import { openLog } from "./log.ts";
import { metricReference } from "./reference.ts";
import type { Service } from "./serve.ts";
import { packageVersion } from "./version.ts";

const version = packageVersion();

async function main(argv: readonly string[]): Promise<number> {
  const invocation = readArguments(argv, version);
  switch (invocation.command) {
    case "none":
      return complain(invocation.problems, WRONG_INPUT);
    case "print":
      return print(invocation.text);
    case "metrics":
      return reference(invocation);
    case "config":
      return config(invocation);
    case "healthcheck":
      return healthcheck(invocation);
    case "serve":
      return serve(invocation);
    case "bench":
      return bench(invocation.argv);
    case "report":
      return report(invocation.argv);
    case "serve-as-exporter":
      return serveAsExporter(invocation.exporter);
  }
}

async function reference({ problems }: Gathered): Promise<number> {
  if (problems.length > 0) return complain(problems, WRONG_INPUT);
  const { OWN_METRICS } = await import("./own-metrics.ts");
  return print(metricReference(COLLECTORS, OWN_METRICS));
}

async function config(given: Gathered): Promise<number> {
  const resolved = await gatherSettings(given, process.env);
  const { problems } = prepare(resolved);
  return problems.length > 0 ? complain(problems, WRONG_INPUT) : print(describeSettings(resolved));
}

/** Whoever runs health checks reserves other codes than 0 and 1. */
async function healthcheck(given: Gathered): Promise<number> {
  const { settings, problems } = await gatherSettings(given, process.env);
  if (problems.length > 0) return complain(problems, FAILED);
  const { checkHealth } = await import("./healthcheck.ts");
  const { isAlive, sentence } = await checkHealth(settings);
  return isAlive ? print(`${sentence}\n`) : complain([sentence], FAILED);
}

async function serve(given: Gathered): Promise<number> {
  const { settings, targets, problems } = prepare(await gatherSettings(given, process.env));
  if (problems.length > 0) return complain(problems, WRONG_INPUT);
  return serveUntilSignal({ settings, targets, log: openLog(settings), version });
}

async function bench(argv: readonly string[]): Promise<number> {
  // Before what takes a while: to be loaded.
  const stopped = firstSignal();
  const { benchCommand } = await import("./bench/command.ts");
  return benchCommand(argv, version, process.env, { ...TERMINAL, screen: process.stderr, stopped });
}

async function report(argv: readonly string[]): Promise<number> {
  const { reportCommand } = await import("./report/command.ts");
  return reportCommand(argv, TERMINAL);
}

async function serveAsExporter(exporter: ExporterSettings): Promise<number> {
  const { web, problems: webProblems } = webConfigOfExporter(exporter);
  const resolved = await gatherSettings(
    { given: [], problems: webProblems },
    process.env,
    settingsOfExporter(exporter),
  );
  const { settings, targets, problems } = prepare(resolved, web && { config: web });
  if (problems.length > 0) return complain(problems, WRONG_INPUT);
  let descriptor: number | undefined;
  try {
    if (exporter.log.file !== undefined) descriptor = openSync(exporter.log.file, "a");
  } catch (error) {
    return complain([`-log names ${exporter.log.file}, which ${fileProblem(error)}`], WRONG_INPUT);
  }
  const log = openLog(settings, descriptor);
  for (const warning of exporter.warnings) log.warn(warning);
  return serveUntilSignal({ settings, targets, ...(web && { web }), log, version });
}

async function serveUntilSignal(service: Service): Promise<number> {
  const signal = firstSignal();
  const { ListenFailure, startService } = await import("./serve.ts");
  try {
    const { stop } = await startService(service);
    service.log.info(`stopping on ${await signal}, after the scrapes in flight`);
    await stop();
    return DONE;
  } catch (error) {
    if (!(error instanceof ListenFailure)) throw error;
    return complain([error.message], FAILED);
  }
}

/** Resolves with the first signal to stop; the second ends the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (stopping) process.exit(128 + constants.signals[signal]);
        stopping = true;
        resolve(signal);
      });
    }
  });
}

const TERMINAL = {
  print: async (text: string) => void (await print(text)),
  complain: async (sentences: readonly string[]) => void (await complain(sentences, DONE)),
};

function print(text: string): Promise<number> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve(DONE)));
}

function complain(problems: readonly string[], code: number): Promise<number> {
  const text = problems.map((problem) => `natscope: ${problem}\n`).join("");
  return new Promise((resolve) => process.stderr.write(text, () => resolve(code)));
}

// Whoever reads the output has read enough: `natscope metrics | head`. How it ends may be known by then.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? (process.exitCode ?? DONE) : FAILED),
);

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`natscope: failed unexpectedly: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(FAILED);
}
