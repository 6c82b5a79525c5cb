/** Maps and lists of named entries in `/varz`: remote gateways, monitoring endpoints, feature flags. */
import { flag, number } from "../../collect/conversions.ts";
import type { Table } from "../../collect/table.ts";
import { at, list, object, text } from "../../sources/json.ts";

/** An entry of a map or list. */
interface Named {
  readonly name: string;
  readonly value: unknown;
}

/** The entries of a map as items of its table; empty if the value is no map. */
export function entries(map: unknown): readonly Named[] {
  return Object.entries(object(map)).map(([name, value]) => ({ name, value }));
}

export const gatewayRemote: Table<Named> = {
  item: "configured gateway",
  endpoint: "/varz",
  labels: ["gateway"],
  identify: ({ name }) => [name],
  rows: [
    {
      name: "nats_server_gateway_remote_configured",
      type: "gauge",
      help: "Remote gateway in this server's configuration (1). If nats_gateway_outbound_connected lacks it, the link is down.",
      field: "gateway.gateways[].name",
      read: () => 1,
    },
  ],
};

/**
 * The remote gateways in the configuration, as items of `gatewayRemote`. Omits the server's own gateway, which the
 * list includes.
 */
export function gatewayRemotes(varz: unknown): readonly Named[] {
  const own = text(at(varz, ["gateway", "name"]));
  return list(at(varz, ["gateway", "gateways"]))
    .map((value) => ({ name: text(at(value, ["name"])), value }))
    .filter(({ name }) => name !== "" && name !== own);
}

export const monitoringEndpoint: Table<Named> = {
  item: "monitoring endpoint",
  endpoint: "/varz",
  labels: ["path"],
  identify: ({ name }) => [name],
  rows: [
    {
      name: "nats_server_monitoring_requests_total",
      type: "counter",
      help: "Requests to the monitoring port, including those of natscope.",
      field: "http_req_stats",
      read: ({ value }) => number(value),
    },
  ],
};

export const feature: Table<Named> = {
  item: "feature flag",
  endpoint: "/varz",
  labels: ["feature"],
  identify: ({ name }) => [name],
  rows: [
    {
      name: "nats_server_feature_enabled",
      type: "gauge",
      help: "Whether the feature flag is on (1) or off (0).",
      since: "2.14.0",
      field: "feature_flags",
      read: ({ value }) => flag(value),
    },
  ],
};
