/**
 * Signs that something cannot keep up or is refused: slow and stale connections, stalled publishers, refused
 * logins, a busy disk, revoked certificates.
 */
import { nanoseconds, number } from "../../collect/conversions.ts";
import { from, type Row, type Table } from "../../collect/table.ts";
import { at } from "../../sources/json.ts";

/** Troubles of the server as a whole. */
export const trouble: readonly Row<unknown>[] = [
  {
    name: "nats_server_slow_consumers_total",
    type: "counter",
    help: "Times that a connection did not take what was sent to it in time or in size. Clients are closed for it.",
    ...from("slow_consumers"),
  },
  {
    name: "nats_server_stale_connections_total",
    type: "counter",
    help: "Connections closed because they answered no PING.",
    since: "2.12.0",
    ...from("stale_connections"),
  },
  {
    name: "nats_server_stalls_total",
    type: "counter",
    help: "Times that a publisher was held back because a receiver takes its messages too slowly.",
    since: "2.12.0",
    ...from("stalled_clients"),
  },
  {
    name: "nats_server_pinned_account_failures_total",
    type: "counter",
    help: "Logins refused because the issuing account is not among the pinned ones. Absent until there is one.",
    ...from("pinned_account_fails"),
  },
  {
    name: "nats_server_disk_io_waiters",
    type: "gauge",
    help: "Goroutines waiting for their turn at the disk.",
    since: "2.12.14, 2.14.4",
    ...from("disk_io_wait_stats.waiters"),
  },
  {
    name: "nats_server_disk_io_waits_total",
    type: "counter",
    help: "Times that a goroutine had to wait for its turn at the disk.",
    since: "2.12.14, 2.14.4",
    ...from("disk_io_wait_stats.waits"),
  },
  {
    name: "nats_server_disk_io_wait_seconds_total",
    type: "counter",
    help: "Time spent waiting for a turn at the disk.",
    since: "2.12.14, 2.14.4",
    ...from("disk_io_wait_stats.wait_time", nanoseconds),
  },
  {
    name: "nats_server_disk_io_wait_max_seconds",
    type: "gauge",
    help: "Longest wait for a turn at the disk since the start.",
    since: "2.12.14, 2.14.4",
    ...from("disk_io_wait_stats.max_wait_time", nanoseconds),
  },
  {
    name: "nats_server_ocsp_cache_hits_total",
    type: "counter",
    help: "OCSP responses found in the cache of client and leaf certificate checks. Absent until there is one.",
    since: "2.9.21",
    ...from("ocsp_peer_cache.cache_hits"),
  },
  {
    name: "nats_server_ocsp_cache_misses_total",
    type: "counter",
    help: "OCSP responses not found in the cache. Absent until there is one.",
    since: "2.9.21",
    ...from("ocsp_peer_cache.cache_misses"),
  },
  {
    name: "nats_server_ocsp_cache_responses",
    type: "gauge",
    help: "OCSP responses in the cache. Absent where there are none.",
    since: "2.9.21",
    ...from("ocsp_peer_cache.cached_responses"),
  },
  {
    name: "nats_server_ocsp_cache_revoked_responses",
    type: "gauge",
    help: "OCSP responses in the cache that say revoked. Absent where there are none.",
    since: "2.9.21",
    ...from("ocsp_peer_cache.cached_revoked_responses"),
  },
];

/** A kind of connection, and the `/varz` that counts its troubles in one object per trouble. */
export interface ConnectionKind {
  readonly kind: keyof typeof CONNECTION_KINDS;
  readonly varz: unknown;
}

/** Kinds by the word for them in the label, with the key that the server has for it. */
const CONNECTION_KINDS = { client: "clients", route: "routes", gateway: "gateways", leaf: "leafs" } as const;

/** One item for each kind that the server tells apart, whether or not it has counted anything. */
export function connectionKinds(varz: unknown): readonly ConnectionKind[] {
  const kinds = Object.keys(CONNECTION_KINDS) as (keyof typeof CONNECTION_KINDS)[];
  return kinds.map((kind) => ({ kind, varz }));
}

const ofKind = (stats: string): Pick<Row<ConnectionKind>, "field" | "read"> => ({
  field: `${stats}.${Object.values(CONNECTION_KINDS).join("|")}`,
  read: ({ kind, varz }) => number(at(varz, [stats, CONNECTION_KINDS[kind]])),
});

export const connectionKind: Table<ConnectionKind> = {
  item: "kind of connection",
  endpoint: "/varz",
  labels: ["kind"],
  identify: ({ kind }) => [kind],
  rows: [
    {
      name: "nats_server_slow_consumers_by_kind_total",
      type: "counter",
      help: "Slow consumers by kind of connection. A route counts once, the others each time.",
      since: "2.10.0",
      ...ofKind("slow_consumer_stats"),
    },
    {
      name: "nats_server_stale_connections_by_kind_total",
      type: "counter",
      help: "Connections closed because they answered no PING, by kind.",
      since: "2.12.0",
      ...ofKind("stale_connection_stats"),
    },
  ],
};
