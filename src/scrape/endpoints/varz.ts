/**
 * `/varz`: the server as a whole, what it has done since it started, and how it is configured.
 *
 * Deliberately absent: `jetstream` but for settings, since `/jsz` says the rest better; addresses and URLs;
 * `metadata`, which may hold anything. Text that identifies this run or this build is a label of an info metric and of nothing else.
 */
import type { Collector } from "../collector.ts";
import type { Document } from "../fetch/document.ts";
import { at, flag, instant, limit, list, nanoseconds, number, object, text } from "../json.ts";
import { from, type Row, type Table } from "../table.ts";

const traffic: readonly Row<unknown>[] = [
  {
    name: "nats_server_received_messages_total",
    type: "counter",
    help: "Messages received from clients, routes, gateways and leaf nodes.",
    ...from("in_msgs"),
  },
  {
    name: "nats_server_received_bytes_total",
    type: "counter",
    help: "Bytes of the messages received from clients, routes, gateways and leaf nodes.",
    ...from("in_bytes"),
  },
  {
    name: "nats_server_sent_messages_total",
    type: "counter",
    help: "Messages sent to clients, routes, gateways and leaf nodes.",
    ...from("out_msgs"),
  },
  {
    name: "nats_server_sent_bytes_total",
    type: "counter",
    help: "Bytes of the messages sent to clients, routes, gateways and leaf nodes.",
    ...from("out_bytes"),
  },
  {
    name: "nats_server_client_received_messages_total",
    type: "counter",
    help: "Messages received from clients alone.",
    since: "2.12.9, 2.14.1",
    ...from("in_client_msgs"),
  },
  {
    name: "nats_server_client_received_bytes_total",
    type: "counter",
    help: "Bytes of the messages received from clients alone.",
    since: "2.12.9, 2.14.1",
    ...from("in_client_bytes"),
  },
  {
    name: "nats_server_client_sent_messages_total",
    type: "counter",
    help: "Messages sent to clients alone.",
    since: "2.12.9, 2.14.1",
    ...from("out_client_msgs"),
  },
  {
    name: "nats_server_client_sent_bytes_total",
    type: "counter",
    help: "Bytes of the messages sent to clients alone.",
    since: "2.12.9, 2.14.1",
    ...from("out_client_bytes"),
  },
];

const connections: readonly Row<unknown>[] = [
  {
    name: "nats_server_connections",
    type: "gauge",
    help: "Client connections open now.",
    ...from("connections"),
  },
  {
    name: "nats_server_connections_limit",
    type: "gauge",
    help: "Most client connections that may be open. Absent where unlimited.",
    ...from("max_connections", limit),
  },
  {
    name: "nats_server_accepted_connections_total",
    type: "counter",
    help: "Client connections ever accepted.",
    ...from("total_connections"),
  },
  {
    name: "nats_server_route_connections",
    type: "gauge",
    help: "Route connections open now. With route pooling there are several to each peer.",
    ...from("routes"),
  },
  {
    name: "nats_server_route_peers",
    type: "gauge",
    help: "Servers of the cluster that this one has routes to.",
    ...from("remotes"),
  },
  {
    name: "nats_server_route_pool_size",
    type: "gauge",
    help: "Route connections that are made to each peer, besides one for each account pinned to its own.",
    since: "2.10.0",
    ...from("cluster.pool_size"),
  },
  {
    name: "nats_server_leaf_connections",
    type: "gauge",
    help: "Leaf node connections open now, whichever side made them; one for each account.",
    ...from("leafnodes"),
  },
  {
    name: "nats_server_leaf_remotes_configured",
    type: "gauge",
    help: "Leaf node connections that this server is configured to make. Absent where there are none.",
    field: "leaf.remotes",
    read: (varz) => list(at(varz, ["leaf", "remotes"])).length || undefined,
  },
  {
    name: "nats_server_subscriptions",
    type: "gauge",
    help: "Subscriptions known to the server: its clients', its own, and what its peers have told it of.",
    ...from("subscriptions"),
  },
  {
    name: "nats_server_subscriptions_per_connection_limit",
    type: "gauge",
    help: "Most subscriptions that one connection may have. Absent where unlimited.",
    ...from("max_subscriptions", limit),
  },
];

const trouble: readonly Row<unknown>[] = [
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

const percent = (value: unknown): number | undefined => {
  const hundredths = number(value);
  return hundredths === undefined ? undefined : hundredths / 100;
};

const machine: readonly Row<unknown>[] = [
  {
    name: "nats_server_cpu_ratio",
    type: "gauge",
    help: "CPU used, as a share of one core: 1.5 is one core and a half. Measured by the server about once a second.",
    ...from("cpu", percent),
  },
  {
    name: "nats_server_cpu_cores",
    type: "gauge",
    help: "Cores that the server's process can use.",
    ...from("cores"),
  },
  {
    name: "nats_server_gomaxprocs",
    type: "gauge",
    help: "Threads that may run Go code at once.",
    ...from("gomaxprocs"),
  },
  {
    name: "nats_server_memory_bytes",
    type: "gauge",
    help: "Resident memory of the server's process.",
    ...from("mem"),
  },
  {
    name: "nats_server_memory_limit_bytes",
    type: "gauge",
    help: "Memory that the Go runtime tries to stay below (GOMEMLIMIT). Absent where unlimited.",
    since: "2.10.28, 2.11.2",
    ...from("gomemlimit", limit),
  },
  {
    name: "nats_server_start_timestamp_seconds",
    type: "gauge",
    help: "When the server started. Every counter of the server began at 0 then.",
    ...from("start", instant),
  },
  {
    name: "nats_server_config_load_timestamp_seconds",
    type: "gauge",
    help: "When the configuration was loaded or last reloaded.",
    ...from("config_load_time", instant),
  },
  {
    name: "nats_server_clock_timestamp_seconds",
    type: "gauge",
    help: "What the server's clock says: against the time of the scrape, how far it is off.",
    ...from("now", instant),
  },
];

const settings: readonly Row<unknown>[] = [
  {
    name: "nats_server_payload_limit_bytes",
    type: "gauge",
    help: "Largest message that a client may publish.",
    ...from("max_payload", limit),
  },
  {
    name: "nats_server_pending_limit_bytes",
    type: "gauge",
    help: "Most bytes that may be queued for one client, which is then closed as a slow consumer.",
    ...from("max_pending", limit),
  },
  {
    name: "nats_server_control_line_limit_bytes",
    type: "gauge",
    help: "Longest protocol line that a client may send.",
    ...from("max_control_line", limit),
  },
  {
    name: "nats_server_ping_interval_seconds",
    type: "gauge",
    help: "How often a PING is sent on a connection; round trip times are as old as that.",
    ...from("ping_interval", nanoseconds),
  },
  {
    name: "nats_server_unanswered_pings_limit",
    type: "gauge",
    help: "Unanswered PINGs after which a connection is closed as stale.",
    ...from("ping_max", limit),
  },
  {
    name: "nats_server_write_deadline_seconds",
    type: "gauge",
    help: "How long a write to a connection may take before it is a slow consumer.",
    ...from("write_deadline", nanoseconds),
  },
  {
    name: "nats_jetstream_sync_interval_seconds",
    type: "gauge",
    help: "How often streams are synced to disk.",
    since: "2.10.0",
    ...from("jetstream.config.sync_interval", nanoseconds),
  },
  {
    name: "nats_jetstream_stream_consumers_default_limit",
    type: "gauge",
    help: "Most consumers of a stream that sets no limit of its own. Absent where unlimited.",
    since: "2.11.0",
    ...from("jetstream.limits.default_max_consumers", limit),
  },
];

export const server: Table<unknown> = {
  item: "server",
  endpoint: "/varz",
  labels: [],
  identify: () => [],
  rows: [...traffic, ...connections, ...trouble, ...machine, ...settings],
};

export const serverInfo: Table<unknown> = {
  item: "run of a server",
  endpoint: "/varz",
  labels: [
    "server_name",
    "server_id",
    "version",
    "git_commit",
    "go",
    "protocol",
    "cluster",
    "gateway",
    "domain",
    "tags",
  ],
  identify: (varz) => [
    text(at(varz, ["server_name"])),
    text(at(varz, ["server_id"])),
    text(at(varz, ["version"])),
    text(at(varz, ["git_commit"])),
    text(at(varz, ["go"])),
    String(number(at(varz, ["proto"])) ?? ""),
    text(at(varz, ["cluster", "name"])),
    text(at(varz, ["gateway", "name"])),
    text(at(varz, ["jetstream", "config", "domain"])),
    list(at(varz, ["tags"]))
      .filter((tag) => typeof tag === "string")
      .join(","),
  ],
  rows: [
    {
      name: "nats_server_info",
      type: "info",
      help: "Which server this is: a run of it by server_id, which is another one after each start.",
      field:
        "server_id, server_name, version, git_commit, go, proto, cluster.name, gateway.name, jetstream.config.domain, tags",
      read: (varz) => (text(at(varz, ["server_id"])) === "" ? undefined : 1),
    },
  ],
};

export const serverConfig: Table<unknown> = {
  item: "configuration of a server",
  endpoint: "/varz",
  labels: ["digest"],
  identify: (varz) => [text(at(varz, ["config_digest"]))],
  rows: [
    {
      name: "nats_server_config_info",
      type: "info",
      help: "Digest of the configuration in use, to see servers of a cluster differ. Absent without a configuration file.",
      since: "2.11.0",
      field: "config_digest",
      read: (varz) => (text(at(varz, ["config_digest"])) === "" ? undefined : 1),
    },
  ],
};

/** Something of `/varz` under a name of its own: a listener, a kind of connection, an endpoint, a feature. */
interface Named {
  readonly name: string;
  readonly value: unknown;
}

const CONNECTION_KINDS = { client: "clients", route: "routes", gateway: "gateways", leaf: "leafs" } as const;

const ofKind = (stats: string): Pick<Row<Named>, "field" | "read"> => ({
  field: `${stats}.${Object.values(CONNECTION_KINDS).join("|")}`,
  read: ({ name, value }) =>
    number(at(value, [stats, CONNECTION_KINDS[name as keyof typeof CONNECTION_KINDS]])),
});

export const connectionKind: Table<Named> = {
  item: "kind of connection",
  endpoint: "/varz",
  labels: ["kind"],
  identify: ({ name }) => [name],
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

/** Where the port and the rest of each listener stand; `section` empty is the top level. */
const LISTENERS = [
  { name: "client", section: [], port: "port" },
  { name: "cluster", section: ["cluster"], port: "cluster_port" },
  { name: "gateway", section: ["gateway"], port: "port" },
  { name: "leaf", section: ["leaf"], port: "port" },
  { name: "mqtt", section: ["mqtt"], port: "port" },
  { name: "websocket", section: ["websocket"], port: "port" },
] as const;

const MONITORING_PORTS = { monitoring: "http_port", "monitoring-tls": "https_port" } as const;

interface Listener extends Named {
  readonly port: number | undefined;
}

function listeners(varz: unknown): readonly Listener[] {
  const all: Listener[] = LISTENERS.map(({ name, section, port }) => {
    const value = at(varz, section);
    return { name, value, port: number(at(value, [port])) };
  });
  for (const [name, port] of Object.entries(MONITORING_PORTS))
    all.push({ name, value: undefined, port: number(at(varz, [port])) });
  // A listener that is off has port 0 or none, but may hold a certificate for the connections it makes.
  return all.filter(({ value, port }) => port || instant(at(value, ["tls_cert_not_after"])) !== undefined);
}

const ofListener = (field: string, as = number): Pick<Row<Listener>, "field" | "read"> => ({
  field: `[cluster|gateway|leaf|mqtt|websocket.]${field}`,
  read: ({ value }) => as(at(value, [field])),
});

export const listener: Table<Listener> = {
  item: "listener",
  endpoint: "/varz",
  labels: ["listener"],
  identify: ({ name }) => [name],
  rows: [
    {
      name: "nats_server_listener_port",
      type: "gauge",
      help: "Port that the server listens on.",
      field: "port, cluster.cluster_port, gateway|leaf|mqtt|websocket.port, http_port, https_port",
      read: ({ port }) => port || undefined,
    },
    {
      name: "nats_server_listener_tls_required",
      type: "gauge",
      help: "1 if connections must use TLS. Absent where they need not, and where the server does not say.",
      ...ofListener("tls_required", flag),
    },
    {
      name: "nats_server_listener_certificate_expiry_timestamp_seconds",
      type: "gauge",
      help: "When the certificate that the server shows there expires.",
      since: "2.11.12, 2.12.4",
      ...ofListener("tls_cert_not_after", instant),
    },
    {
      name: "nats_server_listener_tls_timeout_seconds",
      type: "gauge",
      help: "How long a TLS handshake may take.",
      ...ofListener("tls_timeout"),
    },
    {
      name: "nats_server_listener_authentication_timeout_seconds",
      type: "gauge",
      help: "How long a new connection may take to authenticate.",
      ...ofListener("auth_timeout"),
    },
  ],
};

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

export const varz: Collector<{ varz: Document }> = {
  name: "varz",
  summary: "the server as a whole: connections, traffic, memory, limits, certificates",
  tables: [
    server,
    serverInfo,
    serverConfig,
    connectionKind,
    listener,
    gatewayRemote,
    monitoringEndpoint,
    feature,
  ],
  async fetch(ask) {
    return { varz: await ask({ path: "/varz" }) };
  },
  *read({ varz: { root } }, _scene, sink) {
    sink.add(server, root);
    sink.add(serverInfo, root);
    sink.add(serverConfig, root);
    for (const name of Object.keys(CONNECTION_KINDS)) sink.add(connectionKind, { name, value: root });
    for (const item of listeners(root)) sink.add(listener, item);
    for (const item of gatewayRemotes(root)) sink.add(gatewayRemote, item);
    for (const item of entries(at(root, ["http_req_stats"]))) {
      sink.add(monitoringEndpoint, item);
      yield;
    }
    for (const item of entries(at(root, ["feature_flags"]))) {
      sink.add(feature, item);
      yield;
    }
  },
};

/** The configuration lists the server's own gateway too: it is not a remote. */
function gatewayRemotes(varz: unknown): readonly Named[] {
  const own = text(at(varz, ["gateway", "name"]));
  return list(at(varz, ["gateway", "gateways"]))
    .map((value) => ({ name: text(at(value, ["name"])), value }))
    .filter(({ name }) => name !== "" && name !== own);
}

function entries(map: unknown): readonly Named[] {
  return Object.entries(object(map)).map(([name, value]) => ({ name, value }));
}
