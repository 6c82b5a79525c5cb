/**
 * The names of prometheus-nats-exporter 0.20: the same metrics, labels and values, so that dashboards and
 * alerts made for it go on working. It is a translation of replies, in its own tables beside natscope's: the
 * two name and count things differently too often for one to be made of the other.
 *
 * Where this differs, it is on purpose:
 *
 * - A server that does not answer has no series, where the exporter repeats its last values for ever. What
 *   stays is `healthz_status_value{value="unreachable"}`, under a `server_id` that is not the server's word.
 * - `server_id` follows a restart of the server; the exporter reads it once.
 * - Connection sums and `connz_num_connections` are over all connections, not the first 1,024, and
 *   `connz_detailed` tells all of them. `connz_limit` is the larger page that is asked for.
 * - Metadata labels together with a source or mirror work; the exporter ends its process. Characters that a
 *   label name cannot have become `_`.
 * - Ages of consumers on servers before 2.10, absent leaders, accounts beyond the first page: see `jsz.ts`.
 * - A reply that is wrong in one field loses that field, not the whole reply.
 * - The exporter's `go_*`, `process_*` and `promhttp_*` speak of its own process and are not repeated.
 * - HELP texts are natscope's own.
 *
 * Its types are kept, right or wrong: nearly everything is a gauge.
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

/** Collectors by the exporter's own flags; `-jsz` has options and stands beside them. */
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
  /** Begins every name instead of `gnatsd` and of `jetstream`; see `isMetricPrefix`. Empty is none. */
  readonly prefix?: string;
  /** Those wanted besides `jsz`. `connz_detailed` includes `connz`. */
  readonly collect: readonly ExporterCollectorName[];
  /** What is told of JetStream; nothing where absent. */
  readonly jsz?: JetStreamOptions;
  /** What `server_id` is, for targets without a `serverId` of their own. Default `url`. */
  readonly serverId?: ServerIdSource;
}

/**
 * Collectors under the exporter's names. They label every series by `server_id` themselves, so they are to
 * run without natscope's own `server` label.
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
  varz: (names) => wholeDocument("varz", "every number of /varz", names),
  connz: (names) => connz("sums", names),
  connz_detailed: (names) => connz("each", names),
  healthz: (names) => healthz("healthz", names),
  healthz_js_enabled_only: (names) => healthz("healthz_js_enabled_only", names),
  healthz_js_server_only: (names) => healthz("healthz_js_server_only", names),
  gatewayz: (names) => gatewayz(names),
  accstatz: (names) => accstatz(names),
  accountz: (names) => accountz(names),
  leafz: (names) => leafz(names),
  routez: (names) => wholeDocument("routez", "every number of /routez", names),
  subz: (names) => wholeDocument("subsz", "every number of /subsz", names),
};
