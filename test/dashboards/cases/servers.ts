/** Test cases of the alerts about servers, clusters, certificates and credentials. */
import { type Cases, fires, silent } from "./case.ts";

const n1 = { server: "n1" };
const of1 = (metric: string, labels = ""): string => `${metric}{server="n1"${labels && `,${labels}`}}`;
const CERTIFICATE = of1("nats_server_listener_certificate_expiry_timestamp_seconds", 'listener="client"');
const closed = (reason: string): string =>
  of1("nats_closed_connections_last_timestamp_seconds", `reason="${reason}"`);
const threeUp = Object.fromEntries(["n1", "n2", "n3"].map((name) => [`nats_up{server="${name}"}`, "1x60"]));
const peers = (a: number, b: number, c: number) =>
  Object.fromEntries(
    [a, b, c].map((count, i) => [`nats_server_route_peers{server="n${i + 1}"}`, `${count}x60`]),
  );

export const SERVER_CASES: Cases = {
  NatsServerDown: {
    fires: [
      fires({ [of1("nats_up")]: "1 0x10" }, "5m", n1, "NATS server n1 does not answer its monitoring port"),
    ],
    silent: [
      silent("one failed scrape", { [of1("nats_up")]: "1x5 0 1x10" }, "7m"),
      silent("a server removed from the configuration", { [of1("nats_up")]: "1x5 stale" }, "10m"),
    ],
  },
  NatsServerRestarting: {
    fires: [
      fires(
        { [of1("nats_server_start_timestamp_seconds")]: "100x5 200x5 300x5 400x5" },
        "22m",
        n1,
        "NATS server n1 started 3 times in 30 minutes",
      ),
    ],
    silent: [
      silent("an upgrade", { [of1("nats_server_start_timestamp_seconds")]: "100x5 _x2 200x20" }, "20m"),
    ],
  },
  NatsServerUnhealthy: {
    fires: [
      fires(
        { [of1("nats_healthy")]: "1x2 0x20" },
        "15m",
        n1,
        "NATS server n1 has reported itself unhealthy for 10 minutes",
      ),
    ],
    silent: [silent("JetStream recovering after a start", { [of1("nats_healthy")]: "0x6 1x20" }, "12m")],
  },
  NatsServerCpuSaturated: {
    fires: [
      fires(
        { [of1("nats_server_cpu_ratio")]: "1.9x30", [of1("nats_server_gomaxprocs")]: "2x30" },
        "20m",
        n1,
        "NATS server n1 uses 95% of its cores",
      ),
    ],
    silent: [
      silent(
        "a busy server with free cores",
        { [of1("nats_server_cpu_ratio")]: "1.9x30", [of1("nats_server_gomaxprocs")]: "4x30" },
        "20m",
      ),
    ],
  },
  NatsServerMemoryNearLimit: {
    fires: [
      fires(
        { [of1("nats_server_memory_bytes")]: "95x30", [of1("nats_server_memory_limit_bytes")]: "100x30" },
        "20m",
        n1,
        "NATS server n1 uses 95% of its memory limit",
      ),
    ],
    silent: [silent("no limit", { [of1("nats_server_memory_bytes")]: "1e12x30" }, "20m")],
  },
  NatsServerConnectionsNearLimit: {
    fires: [
      fires(
        { [of1("nats_server_connections")]: "90x30", [of1("nats_server_connections_limit")]: "100x30" },
        "20m",
        n1,
        "NATS server n1 uses 90% of its connection limit",
      ),
    ],
    silent: [silent("no limit", { [of1("nats_server_connections")]: "64000x30" }, "20m")],
  },
  NatsConnectionChurn: {
    fires: [
      fires(
        {
          [of1("nats_server_accepted_connections_total")]: "0+120x60",
          [of1("nats_server_connections")]: "50x60",
        },
        "40m",
        n1,
        "NATS server n1 accepts 120 connections per minute, more than it has open",
      ),
    ],
    silent: [
      silent(
        "the same rate of new connections among many open ones",
        {
          [of1("nats_server_accepted_connections_total")]: "0+120x60",
          [of1("nats_server_connections")]: "9000x60",
        },
        "40m",
      ),
    ],
  },
  NatsSlowConsumers: {
    fires: [
      fires(
        { [of1("nats_server_slow_consumers_total")]: "0x10 1x10" },
        "13m",
        n1,
        "NATS server n1 disconnected slow consumers: 1 in 5 minutes",
      ),
      fires(
        { [of1("nats_server_slow_consumers_total")]: "0x10 1x40" },
        "25m",
        n1,
        "NATS server n1 disconnected slow consumers: 1 in 5 minutes",
      ),
    ],
    silent: [
      silent("a count that no longer rises", { [of1("nats_server_slow_consumers_total")]: "7x20" }, "13m"),
      silent("the end of keep_firing_for", { [of1("nats_server_slow_consumers_total")]: "0x10 1x60" }, "40m"),
      silent(
        "a counter reset by a restart",
        { [of1("nats_server_slow_consumers_total")]: "7x8 0x20" },
        "10m",
      ),
      silent("the first scrape", { [of1("nats_server_slow_consumers_total")]: "_x9 7x20" }, "11m"),
    ],
  },
  NatsServerLinkSlow: {
    fires: [
      fires(
        { [of1("nats_server_slow_consumers_by_kind_total", 'kind="route"')]: "0x10 1x10" },
        "13m",
        { ...n1, kind: "route" },
        "NATS server n1 closed route connections as slow consumers: 1 in 5 minutes",
      ),
    ],
    silent: [
      silent(
        "a client",
        { [of1("nats_server_slow_consumers_by_kind_total", 'kind="client"')]: "0x10 1x10" },
        "13m",
      ),
    ],
  },
  NatsStaleConnections: {
    fires: [
      fires(
        { [of1("nats_server_stale_connections_total")]: "0x10 20x20" },
        "20m",
        n1,
        "NATS server n1 closed 20 connections in 30 minutes because they did not answer PINGs",
      ),
    ],
    silent: [
      silent("one sleeping laptop", { [of1("nats_server_stale_connections_total")]: "0x10 1x20" }, "20m"),
    ],
  },
  NatsServerClockOff: {
    fires: [
      fires(
        { [of1("nats_server_clock_timestamp_seconds")]: "100+60x30" },
        "20m",
        n1,
        "The clock of NATS server n1 is off by 1m 40s",
      ),
    ],
    silent: [
      silent("the latency of a scrape", { [of1("nats_server_clock_timestamp_seconds")]: "-1+60x30" }, "20m"),
    ],
  },
  NatsClusterPartitioned: {
    fires: [
      fires(
        { ...threeUp, ...peers(1, 2, 2) },
        "10m",
        { ...n1, cluster: "C1" },
        "NATS server n1 has routes to 1 other servers of cluster C1, but more are up",
      ),
    ],
    silent: [
      silent(
        "a server that is down",
        { ...threeUp, 'nats_up{server="n3"}': "0x60", ...peers(1, 1, 2) },
        "10m",
      ),
      silent(
        "a server without a cluster",
        {
          'nats_up{server="solo"}': "1x60",
          'nats_server_info{server="solo"}': "1x60",
          'nats_server_route_peers{server="solo"}': "0x60",
        },
        "10m",
      ),
      silent(
        "a server that is joining",
        { ...threeUp, ...peers(2, 2, 2), 'nats_server_route_peers{server="n3"}': "1x3 2x60" },
        "6m",
      ),
    ],
  },
  NatsRouteSlow: {
    fires: [
      fires(
        { [of1("nats_route_rtt_max_seconds", 'peer="n2"')]: "0.2x60" },
        "40m",
        { ...n1, cluster: "C1", peer: "n2" },
        "The round trip from NATS server n1 to n2 takes 200ms",
      ),
    ],
    silent: [
      silent(
        "one slow PING",
        { [of1("nats_route_rtt_max_seconds", 'peer="n2"')]: "0.2x9 0.001 0.2x9" },
        "19m",
      ),
    ],
  },
  NatsGatewayDown: {
    fires: [
      fires(
        {
          'nats_server_info{server="n1",cluster="C1",gateway="C1"}': "1x60",
          [of1("nats_server_gateway_remote_configured", 'gateway="C1"')]: "1x60",
          [of1("nats_server_gateway_remote_configured", 'gateway="C2"')]: "1x60",
          [of1("natscope_collector_success", 'collector="gatewayz"')]: "1x60",
        },
        "10m",
        { ...n1, gateway: "C2" },
        "NATS server n1 has no connection to gateway C2",
      ),
    ],
    silent: [
      silent(
        "a connected gateway",
        {
          [of1("nats_server_gateway_remote_configured", 'gateway="C2"')]: "1x60",
          [of1("nats_gateway_outbound_connected", 'gateway="C2"')]: "1x60",
          [of1("natscope_collector_success", 'collector="gatewayz"')]: "1x60",
        },
        "10m",
      ),
      silent(
        "a failed gatewayz collector",
        {
          [of1("nats_server_gateway_remote_configured", 'gateway="C2"')]: "1x60",
          [of1("natscope_collector_success", 'collector="gatewayz"')]: "0x60",
        },
        "10m",
      ),
    ],
  },
  NatsLeafRemoteDown: {
    fires: [
      fires(
        {
          [of1("nats_server_leaf_connections")]: "1x20",
          [of1("nats_server_leaf_remotes_configured")]: "2x20",
        },
        "10m",
        n1,
        "NATS server n1 has 1 leaf node connections, fewer than its configuration names",
      ),
    ],
    silent: [silent("a hub without remotes", { [of1("nats_server_leaf_connections")]: "0x20" }, "10m")],
  },
  NatsVersionSkew: {
    fires: [
      fires(
        {
          'nats_server_info{server="n1",cluster="C1",version="2.15.2"}': "1x800",
          'nats_server_info{server="n2",cluster="C1",version="2.14.5"}': "1x800",
        },
        "13h",
        { cluster: "C1" },
        "Cluster C1 has run 2 releases of nats-server for 12 hours",
      ),
    ],
    silent: [
      silent(
        "an upgrade in progress",
        {
          'nats_server_info{server="n1",cluster="C1",version="2.15.2"}': "1x800",
          'nats_server_info{server="n2",cluster="C1",version="2.14.5"}': "1x100 stale",
        },
        "13h",
      ),
      silent(
        "servers outside of a cluster",
        {
          'nats_server_info{server="a",version="2.15.2"}': "1x800",
          'nats_server_info{server="b",version="2.14.5"}': "1x800",
        },
        "13h",
      ),
    ],
  },
  NatsCertificateExpiresSoon: {
    fires: [
      fires(
        { [CERTIFICATE]: "864000x200" },
        "2h",
        { ...n1, listener: "client" },
        "The certificate of listener client on NATS server n1 expires in 9d 22h 0m 0s",
      ),
    ],
    silent: [
      silent("a month left", { [CERTIFICATE]: "2592000x200" }, "2h"),
      silent("a certificate renewed every day", { [CERTIFICATE]: "86400x30 172800x200" }, "2h"),
    ],
  },
  NatsCertificateExpires: {
    fires: [
      fires(
        { [CERTIFICATE]: "172800x60" },
        "10m",
        { ...n1, listener: "client" },
        "The certificate of listener client on NATS server n1 expires in 1d 23h 50m 0s",
      ),
      fires(
        { [CERTIFICATE]: "60x5 120x60" },
        "12m",
        { ...n1, listener: "client" },
        "The certificate of listener client on NATS server n1 expires in -10m 0s",
      ),
    ],
    silent: [
      silent("ten days left", { [CERTIFICATE]: "864000x60" }, "10m"),
      silent("a certificate renewed every day", { [CERTIFICATE]: "86400x10 172800x60" }, "30m"),
    ],
  },
  NatsAccountClaimExpires: {
    fires: [
      fires(
        { 'nats_account_claim_expiry_timestamp_seconds{server="n1",account="APP"}': "259200x200" },
        "2h",
        { account: "APP" },
        "The claims of account APP expire in 2d 22h 0m 0s",
      ),
    ],
    silent: [
      silent(
        "a month left",
        { 'nats_account_claim_expiry_timestamp_seconds{server="n1",account="APP"}': "2592000x200" },
        "2h",
      ),
    ],
  },
  NatsAuthenticationFailures: {
    fires: [
      fires(
        { [closed("Authentication Failure")]: "0+60x30" },
        "20m",
        { ...n1, reason: "Authentication Failure" },
        "NATS server n1 refused clients at 15 scrapes in 15 minutes (Authentication Failure)",
      ),
    ],
    silent: [
      silent("one mistyped password", { [closed("Authentication Failure")]: "5x8 500x30" }, "20m"),
      silent("clients that close their connections", { [closed("Client Closed")]: "0+60x30" }, "20m"),
    ],
  },
  NatsLimitsReached: {
    fires: [
      fires(
        { [closed("Maximum Connections Exceeded")]: "0+60x30" },
        "20m",
        { ...n1, reason: "Maximum Connections Exceeded" },
        "NATS server n1 closed connections at a limit at 15 scrapes in 15 minutes: Maximum Connections Exceeded",
      ),
    ],
    silent: [
      silent("one closed connection", { [closed("Maximum Connections Exceeded")]: "5x8 500x30" }, "20m"),
    ],
  },
};
