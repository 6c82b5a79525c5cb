/**
 * Signs of overload and rejection: slow and stale connections, stalled publishers, refused logins, a busy disk,
 * revoked certificates.
 */
import { nanoseconds, number } from "../../collect/conversions.ts";
import { from, type Row, type Table } from "../../collect/table.ts";
import { at } from "../../sources/json.ts";

/** Problems of the server as a whole. */
export const trouble: readonly Row<unknown>[] = [
  {
    name: "nats_server_slow_consumers_total",
    type: "counter",
    help: "Slow-consumer events: a connection did not read fast enough or exceeded its buffer. The server closes such clients.",
    ...from("slow_consumers"),
  },
  {
    name: "nats_server_stale_connections_total",
    type: "counter",
    help: "Connections closed because they did not answer PINGs.",
    since: "2.12.0",
    ...from("stale_connections"),
  },
  {
    name: "nats_server_stalls_total",
    type: "counter",
    help: "Times that the server stalled a publisher because a receiver reads too slowly.",
    since: "2.12.0",
    ...from("stalled_clients"),
  },
  {
    name: "nats_server_pinned_account_failures_total",
    type: "counter",
    help: "Logins refused because the issuing account is not pinned. Absent until the first one.",
    ...from("pinned_account_fails"),
  },
  {
    name: "nats_server_disk_io_waiters",
    type: "gauge",
    help: "Goroutines waiting for a disk slot.",
    since: "2.12.14, 2.14.4",
    ...from("disk_io_wait_stats.waiters"),
  },
  {
    name: "nats_server_disk_io_waits_total",
    type: "counter",
    help: "Times that a goroutine had to wait for a disk slot.",
    since: "2.12.14, 2.14.4",
    ...from("disk_io_wait_stats.waits"),
  },
  {
    name: "nats_server_disk_io_wait_seconds_total",
    type: "counter",
    help: "Total time that goroutines waited for a disk slot, in seconds.",
    since: "2.12.14, 2.14.4",
    ...from("disk_io_wait_stats.wait_time", nanoseconds),
  },
  {
    name: "nats_server_disk_io_wait_max_seconds",
    type: "gauge",
    help: "Longest wait for a disk slot since the start, in seconds.",
    since: "2.12.14, 2.14.4",
    ...from("disk_io_wait_stats.max_wait_time", nanoseconds),
  },
  {
    name: "nats_server_ocsp_cache_hits_total",
    type: "counter",
    help: "Cache hits when checking OCSP responses of client and leaf certificates. Absent until the first one.",
    since: "2.9.21",
    ...from("ocsp_peer_cache.cache_hits"),
  },
  {
    name: "nats_server_ocsp_cache_misses_total",
    type: "counter",
    help: "Cache misses when checking OCSP responses of client and leaf certificates. Absent until the first one.",
    since: "2.9.21",
    ...from("ocsp_peer_cache.cache_misses"),
  },
  {
    name: "nats_server_ocsp_cache_responses",
    type: "gauge",
    help: "OCSP responses in the cache. Absent if 0.",
    since: "2.9.21",
    ...from("ocsp_peer_cache.cached_responses"),
  },
  {
    name: "nats_server_ocsp_cache_revoked_responses",
    type: "gauge",
    help: 'Cached OCSP responses with status "revoked". Absent if 0.',
    since: "2.9.21",
    ...from("ocsp_peer_cache.cached_revoked_responses"),
  },
];

/** A type of connection, and the `/varz` document with an object of counts per problem. */
interface ConnectionKind {
  readonly kind: keyof typeof CONNECTION_KINDS;
  readonly varz: unknown;
}

/** Label values of connection types, and the server's key for each. */
const CONNECTION_KINDS = { client: "clients", route: "routes", gateway: "gateways", leaf: "leafs" } as const;

/** One item for each connection type that the server reports, even if nothing was counted. */
export function connectionKinds(varz: unknown): readonly ConnectionKind[] {
  const kinds = Object.keys(CONNECTION_KINDS) as (keyof typeof CONNECTION_KINDS)[];
  return kinds.map((kind) => ({ kind, varz }));
}

const ofKind = (stats: string): Pick<Row<ConnectionKind>, "field" | "read"> => ({
  field: `${stats}.${Object.values(CONNECTION_KINDS).join("|")}`,
  read: ({ kind, varz }) => number(at(varz, [stats, CONNECTION_KINDS[kind]])),
});

export const connectionKind: Table<ConnectionKind> = {
  item: "type of connection",
  endpoint: "/varz",
  labels: ["kind"],
  identify: ({ kind }) => [kind],
  rows: [
    {
      name: "nats_server_slow_consumers_by_kind_total",
      type: "counter",
      help: "Slow-consumer events by type of connection. A route counts once, others each time.",
      since: "2.10.0",
      ...ofKind("slow_consumer_stats"),
    },
    {
      name: "nats_server_stale_connections_by_kind_total",
      type: "counter",
      help: "Connections closed because they did not answer PINGs, by type of connection.",
      since: "2.12.0",
      ...ofKind("stale_connection_stats"),
    },
  ],
};
