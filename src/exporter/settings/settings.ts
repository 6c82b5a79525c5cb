/**
 * Every setting, once: a row says what it is called, what it takes, what it is by default and what it does.
 * Flags, environment, configuration file, `--help`, `natscope config` and the reference are made of the rows.
 *
 * The name gives the three places: `metricsPath` is `--metrics-path`, `NATSCOPE_METRICS_PATH` and `metrics_path`.
 */

import type { Given, Source } from "../../input/given.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import {
  choice,
  duration,
  file,
  type Kind,
  listenAddress,
  namePattern,
  size,
  words,
} from "../../input/kinds.ts";
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
import { monitor, splitMonitors } from "./monitor.ts";

/** Headings of the settings in `--help` and the reference, in the order in which they are shown. */
export const GROUPS = [
  "What to watch",
  "Where to serve",
  "What to collect",
  "Names of prometheus-nats-exporter",
  "Limits and logs",
] as const;
export type Group = (typeof GROUPS)[number];

/** A row of the table: a setting, and how all that was given for it from one source becomes its value. */
export interface Setting<Value> {
  readonly group: Group;
  /** Stands for the value in `--help`. */
  readonly placeholder: string;
  /** One line, without its default. */
  readonly help: string;
  /** Texts that say the default, as somebody would write them; none where the setting is absent by default. */
  readonly default: readonly string[];
  /** May be given more than once. */
  readonly repeats: boolean;
  /** Cannot be said in the configuration file. */
  readonly notInFile?: true;
  /** Whether a text names a file; of a mapping, the text under a key. */
  readonly isPath: (key: string) => boolean;
  /** The texts in one text: several where the setting is a list that can be written with separators there. */
  readonly split: (text: string, source: Source) => readonly string[];
  /** The value of what is given; tells `refuse` what it cannot read. */
  readonly read: (given: readonly Given[], refuse: (given: Given, why: string) => void) => Value;
}

interface About {
  readonly group: Group;
  readonly help: string;
  readonly notInFile?: true;
}

type Split = Setting<unknown>["split"];
const whole: Split = (text) => [text];
const byComma: Split = (text) => text.split(",").map((part) => part.trim());

function many<Value>(
  kind: Kind<Value>,
  about: About & { readonly default?: readonly string[]; readonly split?: Split },
): Setting<readonly Value[]> {
  return {
    split: whole,
    default: [],
    isPath: kind.isPath ?? (() => false),
    ...about,
    placeholder: kind.placeholder,
    repeats: true,
    read(given, refuse) {
      return given.flatMap((one) => {
        const value = kind.parse(one);
        if (!(value instanceof InvalidValue)) return [value];
        refuse(one, value.why);
        return [];
      });
    },
  };
}

function optional<Value>(kind: Kind<Value>, about: About): Setting<Value | undefined> {
  const list = many(kind, about);
  return { ...list, repeats: false, read: (given, refuse) => list.read(given, refuse)[0] };
}

/** A setting that always has a value: where what is given cannot be read, its default stands in. */
function one<Value>(kind: Kind<Value>, about: About & { readonly default: string }): Setting<Value> {
  const value = kind.parse({ origin: { source: "default", place: "default" }, text: about.default });
  if (value instanceof InvalidValue) throw new Error(`The default ${about.default} ${value.why}`);
  const list = many(kind, { ...about, default: [about.default] });
  return { ...list, repeats: false, read: (given, refuse) => list.read(given, refuse)[0] ?? value };
}

/** Far above what a large server needs, far below what a Prometheus suffers from. */
const DEFAULT_SERIES_LIMIT = 200_000;

/** All but those that say more of the same. */
const EXPORTER_DEFAULTS = EXPORTER_WORDS.filter((word) => !word.includes("_"));

const watched: Group = "What to watch";
const served: Group = "Where to serve";
const collected: Group = "What to collect";
const compatible: Group = "Names of prometheus-nats-exporter";
const bounded: Group = "Limits and logs";

/**
 * The table, by name, in the order of `--help`. A setting is a list, or one value, or one that may be absent
 * (`many`, `one`, `optional`). Durations are in milliseconds, sizes in bytes.
 */
export const SETTINGS = {
  config: optional(file, {
    group: watched,
    help: "YAML file with any of these settings, each under its name with underscores; files that it names are relative to it.",
    notInFile: true,
  }),
  monitor: many(monitor, {
    group: watched,
    default: ["http://127.0.0.1:8222"],
    // Only a variable cannot be repeated; elsewhere a name may have blanks.
    split: (text, source) => (source === "environment" ? splitMonitors(text) : [text]),
    help: "Monitoring port of a server to watch, with its http_base_path; its name becomes the `server` label (host:port and path if none is given). In a file also a mapping: name, url, server_id, user, password or password_file, ca, certificate, key, server_name.",
  }),
  monitorCa: optional(file, {
    group: watched,
    help: "PEM file of the authorities to trust for https monitors, instead of the system's.",
  }),
  monitorCert: optional(file, {
    group: watched,
    help: "PEM file of the certificate to show to https monitors.",
  }),
  monitorKey: optional(file, { group: watched, help: "PEM file of that certificate's private key." }),
  monitorServerName: optional(words("NAME"), {
    group: watched,
    help: "Name to ask https monitors for and to verify, where it is not the URL's host.",
  }),

  listen: one(listenAddress, {
    group: served,
    default: ":7777",
    help: "Address to listen on; without a host every address of the machine, with port 0 any free port.",
  }),
  metricsPath: one(metricsPath, { group: served, default: "/metrics", help: "Path of the metrics." }),
  webConfig: optional(file, {
    group: served,
    help: "TLS and basic auth of the own port: a web-config.yml as of the Prometheus exporter-toolkit, re-read when it changes.",
  }),

  collect: many(collectorWord, {
    group: collected,
    default: DEFAULT_COLLECTORS.length === COLLECTOR_NAMES.length ? ["all"] : DEFAULT_COLLECTORS,
    split: byComma,
    help: `Collectors to run: ${COLLECTOR_NAMES.join(", ")}; \`all\`, or \`default\` for those that run where nothing is said.`,
  }),
  noCollect: many(collectorName, {
    group: collected,
    split: byComma,
    help: "Collectors to leave out of those.",
  }),
  includeAccounts: many(namePattern, {
    group: collected,
    help: "Accounts to speak of: regular expression for the whole name. Everything by default.",
  }),
  excludeAccounts: many(namePattern, {
    group: collected,
    help: "Accounts to leave out, even if included.",
  }),
  includeStreams: many(namePattern, { group: collected, help: "Streams to speak of." }),
  excludeStreams: many(namePattern, { group: collected, help: "Streams to leave out, even if included." }),
  includeConsumers: many(namePattern, { group: collected, help: "Consumers to speak of." }),
  excludeConsumers: many(namePattern, {
    group: collected,
    help: "Consumers to leave out, even if included.",
  }),
  ephemeralConsumers: one(choice(["fold", "each"]), {
    group: collected,
    default: "fold",
    help: "Ephemeral consumers: one series per stream for all together, or one for each.",
  }),
  raftGroups: one(choice(["meta", "all"]), {
    group: collected,
    default: "meta",
    help: "Raft groups of which raftz speaks: the meta group, or every stream's and consumer's too.",
  }),
  seriesLimit: many(seriesLimit, {
    group: collected,
    default: [String(DEFAULT_SERIES_LIMIT)],
    split: byComma,
    help: "Most series of a collector for one server, or of the named collector only; what is beyond is dropped and counted.",
  }),

  names: one(choice(["natscope", "prometheus-nats-exporter", "both"]), {
    group: compatible,
    default: "natscope",
    help: "Whose names the metrics have.",
  }),
  prefix: optional(metricPrefix, {
    group: compatible,
    help: "Beginning of those names instead of gnatsd and jetstream.",
  }),
  serverId: one(choice(["url", "server-id", "server-name"]), {
    group: compatible,
    default: "url",
    help: "What fills the label server_id.",
  }),
  exporterCollect: many(exporterCollectorWord, {
    group: compatible,
    default: EXPORTER_DEFAULTS,
    split: byComma,
    help: `Which of --collect also have those names, by the exporter's own flags: ${EXPORTER_WORDS.join(", ")}.`,
  }),
  jszDetail: one(choice(["accounts", "streams", "consumers"]), {
    group: compatible,
    default: "consumers",
    help: "How far down jsz goes: accounts only, their streams too, or their consumers too.",
  }),
  streamMetadata: many(words("KEY,..."), {
    group: compatible,
    split: byComma,
    help: "Metadata keys of streams that become labels stream_meta_KEY.",
  }),
  consumerMetadata: many(words("KEY,..."), {
    group: compatible,
    split: byComma,
    help: "Metadata keys of consumers that become labels consumer_meta_KEY.",
  }),

  scrapeTimeout: one(duration(100), {
    group: bounded,
    default: "10s",
    help: "Time for a scrape whose request does not name its own in X-Prometheus-Scrape-Timeout-Seconds.",
  }),
  timeoutMargin: one(duration(0), {
    group: bounded,
    default: "500ms",
    help: "How much earlier a scrape ends, to be answered in time with whatever has arrived.",
  }),
  maxBody: one(size, {
    group: bounded,
    default: "64MiB",
    help: "Largest reply that is read from a monitoring port; one that is small by nature may have 8 MiB at most.",
  }),
  logLevel: one(choice(["info", "warn", "error"]), {
    group: bounded,
    default: "info",
    help: "Least important messages that are logged.",
  }),
  logFormat: one(choice(["json", "text"]), {
    group: bounded,
    default: "json",
    help: "Logs, on standard error, as JSON or as text, one line each.",
  }),
} satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof SETTINGS;
export type Settings = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer Value> ? Value : never;
};

/** Names of the settings, in the order of the table. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The row of a setting, for those who treat all settings alike and do not care for the type of its value. */
export function settingOf(name: SettingName): Setting<unknown> {
  return SETTINGS[name];
}

const inParts = (name: SettingName, separator: string): string =>
  name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());

/** `--metrics-path` */
export const flagOf = (name: SettingName): string => `--${inParts(name, "-")}`;
/** `NATSCOPE_METRICS_PATH` */
export const variableOf = (name: SettingName): string => `NATSCOPE_${inParts(name, "_").toUpperCase()}`;
/** `metrics_path` */
export const keyOf = (name: SettingName): string => inParts(name, "_");

/** Names of the collectors that run, in their own order. */
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

/** Most series of a collector for one server: its own limit if it has one; of several the last. */
export function seriesLimitOf(
  { seriesLimit: limits }: Pick<Settings, "seriesLimit">,
  name: CollectorName,
): number {
  const own = limits.findLast(({ collector }) => collector === name);
  const general = limits.findLast(({ collector }) => collector === undefined);
  return (own ?? general)?.series ?? DEFAULT_SERIES_LIMIT;
}
