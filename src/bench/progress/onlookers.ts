/** Who looks on while a benchmark goes on: somebody at a terminal, and Prometheus. Neither disturbs it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { GatheredBenchmark } from "../options/gather.ts";
import type { ProgressReporter } from "../runner/progress-reporter.ts";
import { reportToAll } from "../runner/progress-reporter.ts";
import { LiveMetrics } from "./live-metrics.ts";
import { serveLiveMetrics } from "./live-metrics-port.ts";
import { isProgressShown, Progress, type Screen } from "./progress.ts";

const LEAVE_MS = 1000;

/** See the file's comment. */
interface Onlookers {
  readonly listener: ProgressReporter;
  /** They have seen enough: nothing is drawn any more, no port is open. */
  leave(): Promise<void>;
}

/** @param complain told sentences, before and while it goes on @throws ListenFailure */
export async function gatherOnlookers(
  { scenarios, values }: GatheredBenchmark,
  screen: Screen,
  environment: Readonly<Record<string, string | undefined>>,
  complain: (sentence: string) => void,
): Promise<Onlookers> {
  const progress = isProgressShown(screen, environment, values.progress)
    ? new Progress(scenarios, screen)
    : undefined;
  const said = (sentence: string) => {
    progress?.erase();
    complain(sentence);
  };
  const metrics = values.metricsListen && new LiveMetrics(scenarios);
  const port =
    values.metricsListen &&
    metrics &&
    (await serveLiveMetrics(values.metricsListen, () => metrics.families(), said));
  if (port) said(`metrics of this run are at ${port.address}/metrics`);
  return {
    listener: reportToAll([...(progress ? [progress] : []), ...(metrics ? [metrics] : [])]),
    async leave() {
      progress?.erase();
      // Who hangs in the middle of an answer does not hold up the report.
      await Promise.race([port?.close(), sleep(LEAVE_MS, undefined, { ref: false })]);
    },
  };
}
