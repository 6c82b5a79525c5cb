/**
 * `connz`: open connections, individually (`connz_detailed`) and as sums. prometheus-nats-exporter sums only the
 * first page of 1,024; here every connection is read. The sums cover open connections and fall when one closes,
 * although prometheus-nats-exporter types them as counters. Four of them have the same name as the metric per
 * connection. Both quirks are kept for compatibility.
 */
import type { Collector } from "../collect/collector.ts";
import type { Row, Table } from "../collect/table.ts";
import { askOpenConnections } from "../endpoints/connz/pages.ts";
import { at, type JsonObject, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import {
  count,
  durationMicroseconds,
  durationMilliseconds,
  instantMilliseconds,
  objects,
  replyObject,
  shown,
} from "./decoding.ts";
import type { Naming } from "./naming.ts";

const PATH = "/connz";

const SUMMED = [
  ["pending_bytes", "gauge", "Bytes buffered by the server."],
  ["subscriptions", "gauge", "Subscriptions."],
  ["in_bytes", "counter", "Bytes received."],
  ["out_bytes", "counter", "Bytes sent."],
  ["in_msgs", "counter", "Messages received."],
  ["out_msgs", "counter", "Messages sent."],
] as const;

interface Connection {
  readonly serverId: string;
  readonly connection: JsonObject;
}

interface Connections {
  readonly serverId: string;
  readonly firstPage: JsonObject;
  listed: number;
  /** By position in `SUMMED`. */
  readonly sums: number[];
}

export function connz(detail: "sums" | "each", naming: Naming): Collector<readonly Document[]> {
  const each = connectionTable(naming);
  const all = sumTable(naming);
  return {
    name: "connz",
    summary: detail === "each" ? "each connection, and their sums" : "sums over all connections",
    tables: detail === "each" ? [each, all] : [all],
    fetch: askOpenConnections,
    *read(pages, context, sink) {
      const serverId = naming.serverId(context);
      const [first] = pages;
      if (serverId === undefined || !first) return;
      const sum: Connections = {
        serverId,
        firstPage: replyObject(first, PATH),
        listed: 0,
        sums: SUMMED.map(() => 0),
      };
      // If a connection closes between two pages, others move and can be listed twice.
      const seen = new Set<unknown>();
      for (const page of pages) {
        for (const connection of objects(page, at(page.root, ["connections"]))) {
          if (seen.has(connection.cid)) continue;
          seen.add(connection.cid);
          sum.listed++;
          for (let i = 0; i < SUMMED.length; i++) {
            const [field] = SUMMED[i] as (typeof SUMMED)[number];
            (sum.sums[i] as number) += count(connection[field]) ?? 0;
          }
          if (detail === "each") sink.add(each, { serverId, connection });
          yield;
        }
      }
      sink.add(all, sum);
    },
  };
}

function connectionTable({ core }: Naming): Table<Connection> {
  const row = (
    field: string,
    type: Row<unknown>["type"],
    help: string,
    convert: (value: unknown) => number | undefined = count,
  ): Row<Connection> => ({
    name: core("connz", field),
    type,
    help,
    field: `connections.${field}`,
    read: ({ connection }) => convert(connection[field]),
  });
  return {
    item: "connection",
    endpoint: PATH,
    labels: [
      "server_id",
      "cid",
      "kind",
      "type",
      "ip",
      "port",
      "name",
      "name_tag",
      "account",
      "account_id",
      "lang",
      "version",
      "tls_version",
      "tls_cipher_suite",
    ],
    identify: ({ serverId, connection }) => [
      serverId,
      shown(connection.cid, ""),
      text(connection.kind),
      text(connection.type),
      text(connection.ip),
      shown(connection.port, ""),
      text(connection.name),
      text(connection.name_tag),
      text(connection.account),
      text(connection.account),
      text(connection.lang),
      text(connection.version),
      text(connection.tls_version),
      text(connection.tls_cipher_suite),
    ],
    rows: [
      ...SUMMED.map(([field, type, help]) => row(field, type, help)),
      row(
        "start",
        "unknown",
        "Time at which the connection opened, in milliseconds since 1970.",
        instantMilliseconds,
      ),
      row(
        "last_activity",
        "unknown",
        "Time of the last activity, in milliseconds since 1970.",
        instantMilliseconds,
      ),
      row("rtt", "gauge", "Round-trip time in microseconds.", durationMicroseconds),
      row("uptime", "unknown", "Age of the connection in milliseconds.", durationMilliseconds),
      row("idle", "gauge", "Idle time in milliseconds.", durationMilliseconds),
    ],
  };
}

function sumTable({ core }: Naming): Table<Connections> {
  const ofReply = (field: string, help: string): Row<Connections> => ({
    name: core("connz", field),
    type: "gauge",
    help,
    field,
    read: ({ firstPage }) => count(firstPage[field]),
  });
  return {
    item: "server",
    endpoint: PATH,
    labels: ["server_id"],
    identify: ({ serverId }) => [serverId],
    rows: [
      {
        name: core("connz", "num_connections"),
        type: "gauge",
        help: "Open connections included in the sums.",
        field: "connections",
        read: ({ listed }) => listed,
      },
      ofReply("total", "Open connections as counted by the server."),
      ofReply("offset", "Offset of the first connection in the reply."),
      ofReply("limit", "Maximum connections per reply."),
      ...SUMMED.map(
        ([field, type, help], i): Row<Connections> => ({
          name: core("connz", field),
          type,
          help,
          field: `connections.${field}`,
          read: ({ sums }) => sums[i],
        }),
      ),
    ],
  };
}
