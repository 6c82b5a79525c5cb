/** How prometheus-nats-exporter names metrics, and what it writes as `server_id`. */
import type { ScrapeContext } from "../collect/collector.ts";

/**
 * What `server_id` is: the URL's scheme and host, the id of the running server process, or its configured
 * name. A target's own `serverId` wins over all three.
 */
export type ServerIdSource = "url" | "server-id" | "server-name";

export interface Naming {
  /** Full name of a metric of a core endpoint: `gnatsd_varz_connections`. */
  readonly core: (endpoint: string, name: string) => string;
  /** Full name of a metric of JetStream: `jetstream_stream_total_messages`. */
  readonly jetStream: (subject: string, name: string) => string;
  /** `server_id` of the server at hand; undefined where it is the server's word and the server is silent. */
  readonly serverId: (context: ScrapeContext) => string | undefined;
}

/** @param prefix instead of both `gnatsd` and `jetstream`; as in the exporter, empty is none */
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

/** Whether a text may begin the name of every metric. */
export function isMetricPrefix(text: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(text);
}

/**
 * A JSON path as the part of a metric name: joined by `_`, every character that a name cannot have replaced
 * by `_`, no two in a row, none at the ends. `["http_req_stats", "/varz"]` is `http_req_stats_varz`.
 */
export function nameOfPath(path: readonly string[]): string {
  return path
    .join("_")
    .replace(/[^a-zA-Z0-9:]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

/** A text as the end of a label name: every character that a label name cannot have becomes `_`. */
export function labelNamePart(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]/g, "_");
}
