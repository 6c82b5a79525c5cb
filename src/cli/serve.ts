/**
 * `natscope serve`: from settings to a sidecar that runs until it is told to stop. NATS need not be up.
 * Signals are the caller's: this only says where it listens, and how to stop.
 */

import { startExporterServer } from "../exporter/server/server.ts";
import type { Settings } from "../exporter/settings/settings.ts";
import { watchOf } from "../exporter/settings/watching.ts";
import type { Target } from "../exporter/sources/target.ts";
import type { WebConfig } from "../http/web-config/config.ts";
import type { Log } from "../text/log.ts";
import { failureLog } from "./failure-log.ts";
import { keepHeapSmall } from "./heap.ts";
import { processMetrics } from "./process-metrics.ts";

export { ListenFailure } from "../http/listener.ts";

export interface Service {
  readonly settings: Settings;
  readonly targets: readonly Target[];
  /** TLS and users of the own port, where not a file says them. */
  readonly web?: WebConfig;
  readonly log: Log;
  readonly version: string;
}

/** Rejects with ListenFailure. */
export async function startService(service: Service): Promise<{ stop(): Promise<void> }> {
  const { settings, targets, web, log, version } = service;
  keepHeapSmall();
  const scraper = watchOf(settings, targets, failureLog(log));
  const sidecar = await startExporterServer({
    scraper,
    listen: [settings.listen],
    ...(settings.webConfig !== undefined && { webConfigFile: settings.webConfig }),
    ...(web && { web }),
    metricsPath: settings.metricsPath,
    defaultTimeoutMs: settings.scrapeTimeout,
    timeoutMarginMs: settings.timeoutMargin,
    log,
    version,
    extraFamilies: processMetrics(version),
  }).catch((error: unknown) => {
    scraper.close();
    throw error;
  });
  const watched = targets.map(({ name, url }) => `${name} at ${url.href}`).join(", ");
  log.info(
    `listening on ${sidecar.addresses.join(", ")}, metrics at ${settings.metricsPath}, watching ${watched}`,
  );
  return {
    async stop() {
      await sidecar.close();
      scraper.close();
    },
  };
}
