/**
 * Progress reporters of a running benchmark: the terminal and the metrics for Prometheus. They do not disturb
 * the run.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { GatheredBenchmark } from "../options/gather.ts";
import type { ProgressReporter } from "../runner/progress-reporter.ts";
import { reportToAll } from "../runner/progress-reporter.ts";
import { LiveMetrics } from "./live-metrics.ts";
import { serveLiveMetrics } from "./live-metrics-port.ts";
import { isProgressShown, Progress, type Screen } from "./progress.ts";

const CLOSE_MS = 1000;

/** The reporters of a benchmark. */
interface RunningReporters {
  readonly reporter: ProgressReporter;
  /** Stops drawing and closes the port. */
  close(): Promise<void>;
}

/** @param printError receives sentences before and during the run @throws ListenFailure */
export async function startReporters(
  { scenarios, values }: GatheredBenchmark,
  screen: Screen,
  environment: Readonly<Record<string, string | undefined>>,
  printError: (sentence: string) => void,
): Promise<RunningReporters> {
  const progress = isProgressShown(screen, environment, values.progress)
    ? new Progress(scenarios, screen)
    : undefined;
  const report = (sentence: string) => {
    progress?.erase();
    printError(sentence);
  };
  const metrics = values.metricsListen && new LiveMetrics(scenarios);
  const port =
    values.metricsListen &&
    metrics &&
    (await serveLiveMetrics(values.metricsListen, () => metrics.families(), report));
  if (port) report(`metrics of this run are at ${port.address}/metrics`);
  return {
    reporter: reportToAll([...(progress ? [progress] : []), ...(metrics ? [metrics] : [])]),
    async close() {
      progress?.erase();
      // A scraper that stops reading its response must not delay the report.
      await Promise.race([port?.close(), sleep(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}
