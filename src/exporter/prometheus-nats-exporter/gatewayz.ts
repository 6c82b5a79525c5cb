/** `gatewayz`: every connection to and from another cluster. */
import type { Collector } from "../collect/collector.ts";
import type { Table } from "../collect/table.ts";
import { isObject, type JsonObject, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import {
  count,
  durationMilliseconds,
  durationSeconds,
  flag,
  instantSeconds,
  objects,
  replyObject,
  shown,
} from "./decoding.ts";
import type { Naming } from "./naming.ts";

const PATH = "/gatewayz";

interface Gateway {
  readonly serverId: string;
  readonly ownName: string;
  readonly remoteName: string;
  readonly gateway: JsonObject;
  readonly connection: JsonObject;
}

export function gatewayz(naming: Naming): Collector<{ reply: Document }> {
  const outbound = gatewayConnection("outbound", naming);
  const inbound = gatewayConnection("inbound", naming);
  return {
    name: "gatewayz",
    summary: "each gateway connection",
    tables: [outbound, inbound],
    async fetch(ask) {
      return { reply: await ask({ path: PATH }) };
    },
    *read({ reply: document }, context, sink) {
      const serverId = naming.serverId(context);
      if (serverId === undefined) return;
      const reply = replyObject(document, PATH);
      const ownName = text(reply.name);
      const item = (remoteName: string, gateway: JsonObject): Gateway => ({
        serverId,
        ownName,
        remoteName,
        gateway,
        connection: object(gateway.connection),
      });
      for (const [remoteName, gateway] of Object.entries(object(reply.outbound_gateways))) {
        if (isObject(gateway)) sink.add(outbound, item(remoteName, gateway));
        yield;
      }
      for (const [remoteName, gateways] of Object.entries(object(reply.inbound_gateways))) {
        for (const gateway of objects(document, gateways)) {
          sink.add(inbound, item(remoteName, gateway));
          yield;
        }
      }
    },
  };
}

/** A duration truncated to milliseconds, in seconds; -1 if the string is invalid. */
function uptimeSeconds(value: unknown): number | undefined {
  const milliseconds = durationMilliseconds(value);
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

function gatewayConnection(direction: "outbound" | "inbound", { core }: Naming): Table<Gateway> {
  const row = (
    name: string,
    field: string,
    help: string,
    convert: (value: unknown) => number | undefined = count,
  ): Table<Gateway>["rows"][number] => ({
    name: core("gatewayz", `${direction}_gateway_${name}`),
    type: "gauge",
    help,
    field: `${direction}_gateways.connection.${field}`,
    read: ({ connection }) => convert(connection[field]),
  });
  return {
    item: `${direction} gateway connection`,
    endpoint: PATH,
    labels: ["gateway_name", "cid", "remote_gateway_name", "server_id"],
    identify: ({ serverId, ownName, remoteName, connection }) => [
      ownName,
      shown(connection.cid, "0"),
      remoteName,
      serverId,
    ],
    rows: [
      {
        name: core("gatewayz", `${direction}_gateway_configured`),
        type: "gauge",
        help: "Whether the remote cluster is in this server's configuration (1) or was discovered (0).",
        field: `${direction}_gateways.configured`,
        read: ({ gateway }) => flag(gateway.configured),
      },
      row(
        "conn_start_time_seconds",
        "start",
        "Time at which the connection opened, in seconds since 1970.",
        instantSeconds,
      ),
      row(
        "conn_last_activity_seconds",
        "last_activity",
        "Time of the last activity, in seconds since 1970.",
        instantSeconds,
      ),
      row("conn_uptime_seconds", "uptime", "Age of the connection in seconds.", uptimeSeconds),
      row("conn_idle_seconds", "idle", "Idle time in seconds.", uptimeSeconds),
      row("conn_rtt", "rtt", "Round-trip time in seconds.", durationSeconds),
      row("conn_pending_bytes", "pending_bytes", "Bytes buffered by the server."),
      row("conn_in_msgs", "in_msgs", "Messages received."),
      row("conn_out_msgs", "out_msgs", "Messages sent."),
      row("conn_in_bytes", "in_bytes", "Bytes received."),
      row("conn_out_bytes", "out_bytes", "Bytes sent."),
      row("conn_subscriptions", "subscriptions", "Subscriptions."),
    ],
  };
}
