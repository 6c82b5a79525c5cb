/** What `/varz` keeps as a map or list by name: remote gateways, monitoring endpoints, feature flags. */
import { flag, number } from "../../collect/conversions.ts";
import type { Table } from "../../collect/table.ts";
import { at, list, object, text } from "../../sources/json.ts";

/** An entry of such a map or list. */
export interface Named {
  readonly name: string;
  readonly value: unknown;
}

/** The entries of a map, as items of its table; none where it is not one. */
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
      help: "1 for each remote gateway of the configuration: where nats_gateway_outbound_connected lacks it, the link is down.",
      field: "gateway.gateways[].name",
      read: () => 1,
    },
  ],
};

/** The gateways of the configuration, as items of `gatewayRemote`; the server's own, which it lists too, is none. */
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
      help: "Requests to the monitoring port, natscope's own among them.",
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
      help: "1 if the feature flag is on, 0 if off.",
      since: "2.14.0",
      field: "feature_flags",
      read: ({ value }) => flag(value),
    },
  ],
};
