/** `natscope serve`: runs the exporter until a signal. NATS need not be up. */
import { openSync } from "node:fs";
import type { ExporterSettings } from "../exporter/prometheus-nats-exporter/arguments.ts";
import { failureLog } from "../exporter/server/failure-log.ts";
import { processMetrics } from "../exporter/server/process-metrics.ts";
import { type ExporterServer, startExporterServer } from "../exporter/server/server.ts";
import { readSettingFlags, settingHelp } from "../exporter/settings/command-line.ts";
import { gatherSettings } from "../exporter/settings/gather.ts";
import { prepare } from "../exporter/settings/prepare.ts";
import { settingsOfExporter, webConfigOfExporter } from "../exporter/settings/prometheus-nats-exporter.ts";
import type { Settings } from "../exporter/settings/settings.ts";
import { watchOf } from "../exporter/settings/watching.ts";
import type { Target } from "../exporter/sources/target.ts";
import { ListenFailure } from "../http/listener.ts";
import type { WebConfig } from "../http/web-config/config.ts";
import { fileProblem } from "../input/file-problem.ts";
import type { Log } from "../text/log.ts";
import { COMMANDS } from "./commands.ts";
import { DONE, FAILED, WRONG_INPUT } from "./exit-codes.ts";
import { keepHeapSmall } from "./heap.ts";
import { openLog } from "./log.ts";
import { firstSignal, TERMINAL } from "./terminal.ts";

/** @param argv arguments after `serve` @returns the exit code */
export async function serve(argv: readonly string[], version: string): Promise<number> {
  const flags = readSettingFlags("natscope serve", argv);
  if (flags.wantsHelp) return help();
  const { settings, targets, problems } = prepare(await gatherSettings(flags, process.env));
  if (problems.length > 0) return fail(problems, WRONG_INPUT);
  return serveUntilSignal({ settings, targets, log: openLog(settings), version });
}

/** The same with the arguments of prometheus-nats-exporter. */
export async function serveLikeExporter(exporter: ExporterSettings, version: string): Promise<number> {
  const { web, problems: webProblems } = webConfigOfExporter(exporter);
  const resolved = await gatherSettings(
    { given: [], problems: webProblems },
    process.env,
    settingsOfExporter(exporter),
  );
  const { settings, targets, problems } = prepare(resolved, web && { config: web });
  if (problems.length > 0) return fail(problems, WRONG_INPUT);
  let descriptor: number | undefined;
  try {
    if (exporter.log.file !== undefined) descriptor = openSync(exporter.log.file, "a");
  } catch (error) {
    return fail([`-log names ${exporter.log.file}, which ${fileProblem(error)}`], WRONG_INPUT);
  }
  const log = openLog(settings, descriptor);
  for (const warning of exporter.warnings) log.warn(warning);
  return serveUntilSignal({ settings, targets, ...(web && { web }), log, version });
}

/** Input of the exporter. */
interface Service {
  readonly settings: Settings;
  readonly targets: readonly Target[];
  /** TLS and users of natscope's own port if they are not in a file. */
  readonly web?: WebConfig;
  readonly log: Log;
  readonly version: string;
}

async function serveUntilSignal(service: Service): Promise<number> {
  const signal = firstSignal();
  keepHeapSmall();
  const { settings, targets, log } = service;
  const scraper = watchOf(settings, targets, failureLog(log));
  try {
    const server = await start(service, scraper);
    const servers = targets.map(({ name, url }) => `${name} at ${url.href}`).join(", ");
    log.info(
      `listening on ${server.addresses.join(", ")}, metrics at ${settings.metricsPath}, watching ${servers}`,
    );
    log.info(`stopping on ${await signal} after the scrapes in flight`);
    await server.close();
    return DONE;
  } catch (error) {
    if (!(error instanceof ListenFailure)) throw error;
    return fail([error.message], FAILED);
  } finally {
    scraper.close();
  }
}

function start(
  { settings, web, log, version }: Service,
  scraper: ReturnType<typeof watchOf>,
): Promise<ExporterServer> {
  return startExporterServer({
    scraper,
    listen: settings.listen,
    ...(settings.webConfig !== undefined && { webConfigFile: settings.webConfig }),
    ...(web && { web }),
    metricsPath: settings.metricsPath,
    defaultTimeoutMs: settings.scrapeTimeout,
    timeoutMarginMs: settings.timeoutMargin,
    log,
    version,
    extraFamilies: processMetrics(version),
  });
}

async function help(): Promise<number> {
  await TERMINAL.print(settingHelp("natscope serve", COMMANDS.serve));
  return DONE;
}

async function fail(problems: readonly string[], code: number): Promise<number> {
  await TERMINAL.printErrors(problems);
  return code;
}
