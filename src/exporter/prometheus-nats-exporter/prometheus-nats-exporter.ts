/**
 * Metrics of prometheus-nats-exporter 0.20: the same names, labels and values, so that existing dashboards and
 * alerts keep working. It translates replies with its own tables, because names and counts differ too often to
 * derive them from natscope's own.
 *
 * Intended differences:
 *
 * - A server that does not answer has no series; prometheus-nats-exporter repeats its last values forever. Only
 *   `healthz_status_value{value="unreachable"}` remains, with a `server_id` that does not come from the server.
 * - `server_id` follows a restart of the server; prometheus-nats-exporter reads it once.
 * - Connection sums and `connz_num_connections` cover all connections, not the first 1,024, and `connz_detailed`
 *   lists all of them. `connz_limit` is the larger page size of natscope.
 * - Metadata labels work together with a source or mirror; prometheus-nats-exporter crashes. Characters that a
 *   label name cannot contain become `_`.
 * - Ages of consumers on servers before 2.10, missing leaders, accounts beyond the first page: see `jsz.ts`.
 * - A wrong field in a reply loses that field, not the whole reply.
 * - `go_*`, `process_*` and `promhttp_*` describe prometheus-nats-exporter's own process and are not reproduced.
 * - HELP texts are natscope's own.
 *
 * Metric types are those of prometheus-nats-exporter, even if wrong: nearly everything is a gauge.
 */
import type { Collector } from "../collect/collector.ts";
import { accountz } from "./accountz.ts";
import { accstatz } from "./accstatz.ts";
import { connz } from "./connz.ts";
import { gatewayz } from "./gatewayz.ts";
import { healthz } from "./healthz.ts";
import { type JetStreamOptions, jsz } from "./jsz.ts";
import { leafz } from "./leafz.ts";
import { type Naming, naming, type ServerIdSource } from "./naming.ts";
import { wholeDocument } from "./whole-document.ts";

export type { JetStreamDetail, JetStreamOptions } from "./jsz.ts";
export { isMetricPrefix, type ServerIdSource } from "./naming.ts";

/** Collectors by their flags in prometheus-nats-exporter. `-jsz` has options and is separate. */
export const EXPORTER_COLLECTOR_NAMES = [
  "varz",
  "connz",
  "connz_detailed",
  "healthz",
  "healthz_js_enabled_only",
  "healthz_js_server_only",
  "gatewayz",
  "accstatz",
  "accountz",
  "leafz",
  "routez",
  "subz",
] as const;

export type ExporterCollectorName = (typeof EXPORTER_COLLECTOR_NAMES)[number];

export interface ExporterOptions {
  /**
   * Replaces `gnatsd` and `jetstream` at the start of every name; see `isMetricPrefix`. Empty means no replacement.
   */
  readonly prefix?: string;
  /** Collectors besides `jsz`. `connz_detailed` includes `connz`. */
  readonly collect: readonly ExporterCollectorName[];
  /** Options of JetStream metrics. Default: none are collected. */
  readonly jsz?: JetStreamOptions;
  /** Source of `server_id` for targets without a `serverId`. Default: `url`. */
  readonly serverId?: ServerIdSource;
}

/**
 * Collectors with prometheus-nats-exporter's names. They label every series by `server_id`, so they run without
 * natscope's `server` label.
 */
export function exporterCollectors(options: ExporterOptions): Collector[] {
  const names = naming(options.prefix ?? "", options.serverId ?? "url");
  const wanted = new Set(options.collect);
  if (wanted.has("connz_detailed")) wanted.delete("connz");
  return [
    ...[...wanted].map((name) => COLLECTORS[name](names)),
    ...(options.jsz ? [jsz(options.jsz, names)] : []),
  ];
}

const COLLECTORS: Readonly<Record<ExporterCollectorName, (names: Naming) => Collector>> = {
  varz: (names) => wholeDocument("varz", "every number in /varz", names),
  connz: (names) => connz("sums", names),
  connz_detailed: (names) => connz("each", names),
  healthz: (names) => healthz("healthz", names),
  healthz_js_enabled_only: (names) => healthz("healthz_js_enabled_only", names),
  healthz_js_server_only: (names) => healthz("healthz_js_server_only", names),
  gatewayz: (names) => gatewayz(names),
  accstatz: (names) => accstatz(names),
  accountz: (names) => accountz(names),
  leafz: (names) => leafz(names),
  routez: (names) => wholeDocument("routez", "every number in /routez", names),
  subz: (names) => wholeDocument("subsz", "every number in /subsz", names),
};
