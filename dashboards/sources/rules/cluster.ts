/** Alerts about servers together: routes, gateways, leaf nodes, versions. */
import { CLUSTER, inCluster, largest, SERVER } from "./recordings.ts";
import type { AlertGroup } from "./rule.ts";

export const clusterAlerts: AlertGroup = {
  name: "natscope.cluster",
  title: "Clusters and links",
  alerts: [
    {
      name: "NatsClusterPartitioned",
      severity: "critical",
      expr: `max by (${CLUSTER}, server) (${inCluster("nats_server_route_peers")})
< on (${CLUSTER}) group_left ()
count by (${CLUSTER}) (max by (${CLUSTER}, server) (${inCluster("(nats_up == 1)")})) - 1`,
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "NATS server {{ $labels.server }} has routes to {{ $value }} peers only: cluster {{ $labels.cluster }} is partitioned",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "More servers of the cluster are up than this one has routes to. Messages do not reach all subscribers, and raft groups lose members.",
        look: [
          "NATS / Server, Peers and Round trip of routes: which pair is not linked.",
          "The servers' logs: route errors, TLS, authorization, cluster name.",
        ],
        act: [
          "Check the network and its policies between the two on the cluster port (6222).",
          "Compare `cluster` of both configurations: name, credentials, TLS.",
          "A certificate that has expired refuses routes only when they are made anew.",
        ],
      },
    },
    {
      name: "NatsRouteSlow",
      severity: "info",
      expr: largest("server, peer", "min_over_time(nats_route_rtt_max_seconds[15m])").concat(" > 0.1"),
      for: "15m",
      keepFiringFor: "10m",
      summary:
        "From NATS server {{ $labels.server }} to {{ $labels.peer }} and back takes {{ $value | humanizeDuration }}",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "A round trip between two servers of a cluster takes more than 100 ms. Each replicated write waits for it, and elections begin when heartbeats are late.",
        look: [
          "NATS / Server, Round trip of routes: one pair, or all of one server?",
          "CPU of both servers; the network between them.",
        ],
        act: [
          "Relieve a saturated server.",
          "Servers that are far apart belong into clusters of their own with a gateway between, and streams into one of them with mirrors in the other.",
        ],
        harmless: "Clusters that are stretched over regions on purpose.",
      },
    },
    {
      name: "NatsGatewayDown",
      severity: "critical",
      expr: `max by (${SERVER}, gateway) (nats_server_gateway_remote_configured)
unless on (${SERVER}, gateway) nats_gateway_outbound_connected
unless on (${SERVER}, gateway) nats_server_info
and on (${SERVER}) natscope_collector_success{collector="gatewayz"} == 1`,
      for: "5m",
      keepFiringFor: "5m",
      summary: "NATS server {{ $labels.server }} has no connection to gateway {{ $labels.gateway }}",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "The configuration names a remote cluster that this server is not connected to. Messages do not cross from here.",
        look: [
          "NATS / Server, Gateways and leaf nodes: one server, or all of the cluster?",
          "The log: refused, TLS, authorization, unknown gateway name.",
        ],
        act: [
          "Check the address and port (7222) of the remote cluster, and that its name is the one in its own configuration.",
        ],
      },
    },
    {
      name: "NatsLeafRemoteDown",
      severity: "warning",
      expr: "nats_server_leaf_connections < nats_server_leaf_remotes_configured",
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "NATS server {{ $labels.server }} has {{ $value }} leaf node connections, fewer than it is configured to make",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "A leaf node is not connected to a hub that its configuration names. Its clients see only each other.",
        look: [
          "`nats_leaf_connections`: which account is missing.",
          "The log: refused, credentials, TLS, loop detected.",
        ],
        act: [
          "Check address, credentials and account of the remote.",
          "A loop: the same account is linked on two ways.",
        ],
      },
    },
    {
      name: "NatsVersionSkew",
      severity: "info",
      expr: `count by (${CLUSTER}) (count by (${CLUSTER}, version) (nats_server_info{cluster!=""})) > 1`,
      for: "12h",
      keepFiringFor: "15m",
      summary:
        "{{ $value }} releases of nats-server have run in cluster {{ $labels.cluster }} for half a day",
      dashboard: ["overview"],
      runbook: {
        meaning: "An upgrade has stopped half way. Streams can use only what the oldest server knows.",
        look: ["`nats_server_info` by version: which servers are left."],
        act: [
          "Finish the upgrade, one server after the other, each time waiting until all replicas are current; or go back.",
        ],
      },
    },
  ],
};
