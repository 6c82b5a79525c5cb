/** From settings to a watch: which collectors, under whose names, over which targets. */

import type { Selection } from "../collect/selection.ts";
import { COLLECTORS } from "../collectors.ts";
import { exporterCollectors } from "../prometheus-nats-exporter/prometheus-nats-exporter.ts";
import { type NamedCollector, Scraper, type ScraperOptions } from "../scrape/scraper.ts";
import type { Target } from "../sources/target.ts";
import { chosenCollectors, type Settings, seriesLimitOf } from "./settings.ts";

/**
 * A watch over the targets, which opens no connection before it is asked to scrape. The caller closes it.
 *
 * @param onFailure hears of each collector that failed in a scrape
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
 * The chosen collectors, natscope's own before those with the names of prometheus-nats-exporter. Those have no
 * `server` label: the exporter tells servers apart by `server_id`.
 */
export function collectorsOf(settings: Settings): NamedCollector[] {
  const chosen = chosenCollectors(settings);
  const native = settings.names === "prometheus-nats-exporter" ? [] : COLLECTORS;
  const compatible = settings.names === "natscope" ? [] : compatibleCollectors(settings);
  return [
    ...native.map((collector) => ({ collector, serverLabel: true })),
    ...compatible.map((collector) => ({ collector, serverLabel: false })),
  ].filter(({ collector }) => chosen.includes(collector.name));
}

function compatibleCollectors(settings: Settings): ReturnType<typeof exporterCollectors> {
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

/** Which accounts, streams, consumers and raft groups the collectors speak of. */
export function selectionOf(settings: Settings): Selection {
  return {
    accounts: { include: settings.includeAccounts, exclude: settings.excludeAccounts },
    streams: { include: settings.includeStreams, exclude: settings.excludeStreams },
    consumers: { include: settings.includeConsumers, exclude: settings.excludeConsumers },
    ephemeralConsumers: settings.ephemeralConsumers,
    raftGroups: settings.raftGroups,
  };
}
