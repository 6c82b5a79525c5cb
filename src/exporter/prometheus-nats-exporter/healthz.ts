/**
 * `healthz` with its two lighter variants. prometheus-nats-exporter reports health in two metrics with opposite
 * meaning, and `unreachable` without an answer: the only series of a server that is down.
 */
import type { Collector } from "../collect/collector.ts";
import type { Table } from "../collect/table.ts";
import { isObject, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";
import type { Naming } from "./naming.ts";

/** Also the middle part of the metric names. */
type HealthCheck = "healthz" | "healthz_js_enabled_only" | "healthz_js_server_only";

const PATH: Readonly<Record<HealthCheck, string>> = {
  healthz: "/healthz",
  healthz_js_enabled_only: "/healthz?js-enabled-only=true",
  healthz_js_server_only: "/healthz?js-server-only=true",
};

interface Health {
  readonly serverId: string;
  readonly status: string;
}

export function healthz(check: HealthCheck, naming: Naming): Collector<{ reply: Document | undefined }> {
  const path = PATH[check];
  const status: Table<Health> = {
    item: "server",
    endpoint: path,
    labels: ["server_id"],
    identify: ({ serverId }) => [serverId],
    rows: [
      {
        name: naming.core(check, "status"),
        type: "gauge",
        help: "Whether the server reports a fault (1) or is healthy (0). Absent if the server does not answer.",
        field: "status",
        read: ({ status }) => (status === "ok" ? 0 : 1),
      },
    ],
  };
  const statusValue: Table<Health> = {
    item: "server",
    endpoint: path,
    labels: ["server_id", "value"],
    identify: ({ serverId, status }) => [serverId, status],
    rows: [
      {
        name: naming.core(check, "status_value"),
        type: "gauge",
        help: "Whether the server reports that it is healthy (1) or not (0). `value` is the reported status, or `unreachable`.",
        field: "status",
        read: ({ status }) => (status === "ok" ? 1 : 0),
      },
    ],
  };
  return {
    name: "healthz",
    summary: "the server's own health check",
    tables: [status, statusValue],
    async fetch(ask) {
      try {
        // An unhealthy server answers with these statuses, and its reply is valid.
        return { reply: await ask({ path, statuses: [200, 400, 404, 500, 503] }) };
      } catch (error) {
        if (error instanceof CollectionFailure) return { reply: undefined };
        throw error;
      }
    },
    read({ reply }, context, sink) {
      const serverId = naming.serverId(context);
      if (serverId === undefined) return undefined;
      if (isObject(reply?.root)) {
        const health = { serverId, status: text(reply.root.status) };
        sink.add(status, health);
        sink.add(statusValue, health);
      } else {
        sink.add(statusValue, { serverId, status: "unreachable" });
      }
      return undefined;
    },
  };
}
