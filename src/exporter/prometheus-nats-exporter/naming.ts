/** Metric names and `server_id` values of prometheus-nats-exporter. */
import type { ScrapeContext } from "../collect/collector.ts";

/**
 * Source of `server_id`: the URL's scheme and host, the id of the running server process, or its configured name. A
 * target's own `serverId` takes precedence.
 */
export type ServerIdSource = "url" | "server-id" | "server-name";

export interface Naming {
  /** Full name of a core metric: `gnatsd_varz_connections`. */
  readonly core: (endpoint: string, name: string) => string;
  /** Full name of a JetStream metric: `jetstream_stream_total_messages`. */
  readonly jetStream: (subject: string, name: string) => string;
  /** `server_id` of the scraped server; undefined if the server must provide it and did not answer. */
  readonly serverId: (context: ScrapeContext) => string | undefined;
}

/** @param prefix replaces both `gnatsd` and `jetstream`; empty means no replacement */
export function naming(prefix: string, source: ServerIdSource): Naming {
  return {
    core: (endpoint, name) => `${prefix || "gnatsd"}_${endpoint}_${name}`,
    jetStream: (subject, name) => `${prefix || "jetstream"}_${subject}_${name}`,
    serverId: ({ target, identity }) => {
      if (target.serverId !== undefined) return target.serverId;
      if (source === "url") return `${target.url.protocol}//${target.url.host}`;
      return source === "server-id" ? identity?.serverId : identity?.serverName;
    },
  };
}

/** Whether a text is a valid start of a metric name. */
export function isMetricPrefix(text: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(text);
}

/**
 * A JSON path as part of a metric name: joined by `_`, with invalid characters replaced by `_`, and no repeated,
 * leading or trailing `_`. `["http_req_stats", "/varz"]` becomes `http_req_stats_varz`.
 */
export function nameOfPath(path: readonly string[]): string {
  return path
    .join("_")
    .replace(/[^a-zA-Z0-9:]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

/** A text as the end of a label name: invalid characters become `_`. */
export function labelNamePart(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]/g, "_");
}
