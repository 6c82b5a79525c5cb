/** From settings to a watch: which collectors run, under which names, over which targets. */

import type { Selection } from "../collect/selection.ts";
import { COLLECTORS } from "../collectors.ts";
import { exporterCollectors } from "../prometheus-nats-exporter/prometheus-nats-exporter.ts";
import { type NamedCollector, Scraper, type ScraperOptions } from "../scrape/scraper.ts";
import type { Target } from "../sources/target.ts";
import { chosenCollectors, type Settings, seriesLimitOf } from "./settings.ts";

/**
 * A watch over the targets. It opens no connection before the first scrape; the caller closes it.
 *
 * @param onFailure called for each collector that fails in a scrape
 */
export function watchOf(
  settings: Settings,
  targets: readonly Target[],
  onFailure: NonNullable<ScraperOptions["onFailure"]>,
): Scraper {
  return new Scraper({
    targets,
    collectors: collectorsOf(settings),
    selection: selectionOf(settings),
    seriesLimit: (name) => seriesLimitOf(settings, name),
    limits: { maxBodyBytes: settings.maxBody },
    onFailure,
  });
}

/**
 * The chosen collectors: natscope's own, then those with the names of prometheus-nats-exporter, which have the label
 * `server_id` instead of `server`.
 */
export function collectorsOf(settings: Settings): NamedCollector[] {
  const chosen = chosenCollectors(settings);
  const native = settings.names === "prometheus-nats-exporter" ? [] : COLLECTORS;
  const exporterNamed = settings.names === "natscope" ? [] : prometheusNatsExporterCollectors(settings);
  return [
    ...native.map((collector) => ({ collector, serverLabel: true })),
    ...exporterNamed.map((collector) => ({ collector, serverLabel: false })),
  ].filter(({ collector }) => chosen.includes(collector.name));
}

function prometheusNatsExporterCollectors(settings: Settings): ReturnType<typeof exporterCollectors> {
  const { prefix, serverId, exporterCollect, jszDetail, streamMetadata, consumerMetadata } = settings;
  return exporterCollectors({
    ...(prefix !== undefined && { prefix }),
    serverId,
    collect: exporterCollect.filter((name) => name !== "jsz"),
    ...(exporterCollect.includes("jsz") && {
      jsz: { detail: jszDetail, streamMetadataKeys: streamMetadata, consumerMetadataKeys: consumerMetadata },
    }),
  });
}

/** Accounts, streams, consumers and raft groups that the collectors report. */
function selectionOf(settings: Settings): Selection {
  return {
    accounts: { include: settings.includeAccounts, exclude: settings.excludeAccounts },
    streams: { include: settings.includeStreams, exclude: settings.excludeStreams },
    consumers: { include: settings.includeConsumers, exclude: settings.excludeConsumers },
    ephemeralConsumers: settings.ephemeralConsumers,
    raftGroups: settings.raftGroups,
  };
}
