/**
 * Every setting of `natscope serve`, one row each. Flags, environment variables, YAML keys, `--help`,
 * `natscope config` and docs/settings.md are derived from the rows.
 */
import type { Source } from "../../input/given.ts";
import { choice, file, listenAddress, milliseconds, namePattern, size, text } from "../../input/kinds.ts";
import { type OptionRows, option, type ValuesOf } from "../../input/option.ts";
import { COLLECTOR_NAMES, type CollectorName } from "../collect/collector.ts";
import { DEFAULT_COLLECTORS } from "../collectors.ts";
import {
  collectorName,
  collectorWord,
  EXPORTER_WORDS,
  exporterCollectorWord,
  metricPrefix,
  metricsPath,
  seriesLimit,
} from "./kinds.ts";
import { LOCAL_MONITOR, monitor, splitMonitors } from "./monitor.ts";

/** Headings of the settings, in the order of `--help`. */
export const GROUPS = [
  "Servers",
  "Listening",
  "Collection",
  "prometheus-nats-exporter names",
  "Limits and logging",
] as const;
type Group = (typeof GROUPS)[number];

const servers: Group = "Servers";
const listening: Group = "Listening";
const collection: Group = "Collection";
const exporterNames: Group = "prometheus-nats-exporter names";
const limits: Group = "Limits and logging";

const byComma = (given: string): readonly string[] => given.split(",").map((part) => part.trim());
/** Only the environment cannot repeat a setting; elsewhere a name may have blanks. */
const monitors = (given: string, source: Source): readonly string[] =>
  source === "environment" ? splitMonitors(given) : [given];
const addresses = (given: string, source: Source): readonly string[] =>
  source === "environment" ? byComma(given) : [given];

/** Far above what a large server needs, far below what overloads a Prometheus. */
const DEFAULT_SERIES_LIMIT = 200_000;

const DEFAULT_COLLECT: readonly (CollectorName | "all")[] =
  DEFAULT_COLLECTORS.length === COLLECTOR_NAMES.length ? ["all"] : DEFAULT_COLLECTORS;

/** The table, in the order of `--help`. Durations are in milliseconds, sizes in bytes. */
export const SETTINGS = {
  config: option(file, {
    group: servers,
    sources: ["flag", "environment"],
    help: "YAML file of settings. Relative paths in it start at its directory.",
  }),
  monitor: option(monitor, {
    group: servers,
    repeats: true,
    default: [LOCAL_MONITOR],
    split: monitors,
    help: "Monitoring port of a server, with its http_base_path. NAME becomes the `server` label; without it the label is host, port and path. In a file also a mapping: name, url, server_id, user, password or password_file, ca, certificate, key, server_name.",
  }),
  monitorCa: option(file, {
    group: servers,
    help: "PEM file of the certificate authorities for https monitors, instead of the system's.",
  }),
  monitorCert: option(file, {
    group: servers,
    help: "PEM file of the client certificate for https monitors. Needs --monitor-key.",
  }),
  monitorKey: option(file, {
    group: servers,
    help: "PEM file of the private key of --monitor-cert.",
  }),
  monitorServerName: option(text("NAME"), {
    group: servers,
    help: "Name in the certificate of https monitors, if it differs from the URL's host.",
  }),

  listen: option(listenAddress, {
    group: listening,
    aliases: ["--web.listen-address"],
    repeats: true,
    default: [{ port: 7777 }],
    split: addresses,
    help: "Address to listen on. Without HOST: all addresses of this machine. Port 0: any free port.",
  }),
  metricsPath: option(metricsPath, {
    group: listening,
    aliases: ["--web.telemetry-path"],
    default: "/metrics",
    help: "Path of the metrics.",
  }),
  webConfig: option(file, {
    group: listening,
    aliases: ["--web.config.file"],
    help: "TLS and basic auth for natscope's own port: a web-config.yml of the Prometheus exporter-toolkit. Reloaded when it changes.",
  }),

  collect: option(collectorWord, {
    group: collection,
    repeats: true,
    default: DEFAULT_COLLECT,
    split: byComma,
    help: `Collectors to run: ${COLLECTOR_NAMES.join(", ")}; \`all\` for every collector, \`default\` for those that run without this setting.`,
  }),
  noCollect: option(collectorName, {
    group: collection,
    repeats: true,
    split: byComma,
    help: "Collectors not to run.",
  }),
  includeAccounts: option(namePattern, {
    group: collection,
    repeats: true,
    defaultRule: "all",
    help: "Accounts to report, as an anchored regular expression.",
  }),
  excludeAccounts: option(namePattern, {
    group: collection,
    repeats: true,
    help: "Accounts not to report, even if included.",
  }),
  includeStreams: option(namePattern, {
    group: collection,
    repeats: true,
    defaultRule: "all",
    help: "Streams to report, as an anchored regular expression.",
  }),
  excludeStreams: option(namePattern, {
    group: collection,
    repeats: true,
    help: "Streams not to report, even if included.",
  }),
  includeConsumers: option(namePattern, {
    group: collection,
    repeats: true,
    defaultRule: "all",
    help: "Consumers to report, as an anchored regular expression.",
  }),
  excludeConsumers: option(namePattern, {
    group: collection,
    repeats: true,
    help: "Consumers not to report, even if included.",
  }),
  ephemeralConsumers: option(choice(["fold", "each"]), {
    group: collection,
    default: "fold",
    help: "Ephemeral consumers: `fold` reports the sum of a stream's as one series, `each` reports every one.",
  }),
  raftGroups: option(choice(["meta", "all"]), {
    group: collection,
    default: "meta",
    help: "Raft groups that raftz reports: the meta group, or those of streams and consumers too.",
  }),
  seriesLimit: option(seriesLimit, {
    group: collection,
    repeats: true,
    default: [{ series: DEFAULT_SERIES_LIMIT }],
    split: byComma,
    help: "Maximum series per collector and server (NAME=N for one collector). Excess series are dropped and counted in `natscope_series_dropped_total`.",
  }),

  names: option(choice(["natscope", "prometheus-nats-exporter", "both"]), {
    group: exporterNames,
    default: "natscope",
    help: "Metric names to serve. The settings of this group need prometheus-nats-exporter or both.",
  }),
  prefix: option(metricPrefix, {
    group: exporterNames,
    help: "Prefix of these names, instead of gnatsd and jetstream.",
  }),
  serverId: option(choice(["url", "server-id", "server-name"]), {
    group: exporterNames,
    default: "url",
    help: "Value of the label server_id.",
  }),
  exporterCollect: option(exporterCollectorWord, {
    group: exporterNames,
    repeats: true,
    // The other words report more of the same.
    default: EXPORTER_WORDS.filter((word) => !word.includes("_")),
    split: byComma,
    help: `Collectors of --collect to serve under these names, by prometheus-nats-exporter's flags: ${EXPORTER_WORDS.join(", ")}.`,
  }),
  jszDetail: option(choice(["accounts", "streams", "consumers"]), {
    group: exporterNames,
    default: "consumers",
    help: "Depth of jsz: accounts only, also streams, or also consumers.",
  }),
  streamMetadata: option(text("KEY,..."), {
    group: exporterNames,
    repeats: true,
    split: byComma,
    help: "Metadata keys of streams to serve as labels stream_meta_KEY.",
  }),
  consumerMetadata: option(text("KEY,..."), {
    group: exporterNames,
    repeats: true,
    split: byComma,
    help: "Metadata keys of consumers to serve as labels consumer_meta_KEY.",
  }),

  scrapeTimeout: option(milliseconds("100ms", "1h"), {
    group: limits,
    default: 10_000,
    help: "Time for a scrape without the header X-Prometheus-Scrape-Timeout-Seconds.",
  }),
  timeoutMargin: option(milliseconds("0ms", "1h"), {
    group: limits,
    default: 500,
    help: "Part of the scrape timeout kept for the response: endpoints that have not answered by then are reported as failed.",
  }),
  maxBody: option(size, {
    group: limits,
    default: 64 * 2 ** 20,
    help: "Maximum size of a reply from a monitoring port. Endpoints with small replies are limited to 8 MiB.",
  }),
  logLevel: option(choice(["debug", "info", "warn", "error"]), {
    group: limits,
    aliases: ["--log.level"],
    default: "info",
    help: "Minimum level of messages to log.",
  }),
  logFormat: option(choice(["json", "logfmt", "text"]), {
    group: limits,
    aliases: ["--log.format"],
    default: "json",
    help: "Format of the log on standard error, one line per message.",
  }),
} satisfies OptionRows;

export type SettingName = keyof typeof SETTINGS;
export type Settings = ValuesOf<typeof SETTINGS>;

/** Names of the settings, in the order of the table. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** Names of the collectors to run, in the order of their table. */
export function chosenCollectors({
  collect,
  noCollect,
}: Pick<Settings, "collect" | "noCollect">): CollectorName[] {
  return COLLECTOR_NAMES.filter(
    (name) =>
      !noCollect.includes(name) &&
      (collect.includes(name) ||
        collect.includes("all") ||
        (collect.includes("default") && DEFAULT_COLLECTORS.includes(name))),
  );
}

/** Maximum series of a collector for one server: its own limit if it has one; the last of several. */
export function seriesLimitOf(
  { seriesLimit: seriesLimits }: Pick<Settings, "seriesLimit">,
  name: CollectorName,
): number {
  const own = seriesLimits.findLast(({ collector }) => collector === name);
  const general = seriesLimits.findLast(({ collector }) => collector === undefined);
  return (own ?? general)?.series ?? DEFAULT_SERIES_LIMIT;
}
