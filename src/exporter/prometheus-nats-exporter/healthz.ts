/**
 * `healthz`, with its two lighter variants. The exporter says health in two metrics of opposite sense, and
 * `unreachable` where it has no answer: the one thing that is said about a server that is down.
 */
import type { Collector } from "../collect/collector.ts";
import type { Table } from "../collect/table.ts";
import { isObject, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";
import type { Naming } from "./naming.ts";

/** Also the middle of the metric names. */
export type HealthCheck = "healthz" | "healthz_js_enabled_only" | "healthz_js_server_only";

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
        help: "0 if the server says that it is well, 1 if it says anything else; absent without an answer.",
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
        help: "1 if the server answers that it is well, else 0; `value` is its word, or `unreachable`.",
        field: "status",
        read: ({ status }) => (status === "ok" ? 1 : 0),
      },
    ],
  };
  return {
    name: "healthz",
    summary: "health as the server says it",
    tables: [status, statusValue],
    async fetch(ask) {
      try {
        // A sick server says so with these statuses, and its answer is the answer.
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
