/** Alerts about links between servers (routes, gateways, leaf nodes), and about their versions. */
import { CLUSTER, inCluster, largest, SERVER } from "../prometheus/recordings.ts";
import type { AlertGroup } from "../prometheus/rule.ts";

export const clusterAlerts: AlertGroup = {
  name: "natscope.cluster",
  title: "Clusters and links",
  source: "cluster.ts",
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
        "NATS server {{ $labels.server }} has routes to {{ $value }} other servers of cluster {{ $labels.cluster }}, but more are up",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "More servers of the cluster answer natscope than this server has routes to. The cluster is partitioned.",
        impact: "Messages do not reach all subscribers, and raft groups lose members.",
        diagnosis: [
          "Open NATS / Server, Route peers and Route RTT: which pair of servers is not linked?",
          "Search the servers' logs for route errors: TLS, authorization, cluster name.",
        ],
        mitigation: [
          "Check the network and its policies between the two servers on the cluster port (6222).",
          "Compare the `cluster` block of both configurations: name, credentials, TLS.",
          "Check the route certificates: an expired certificate only matters when a route reconnects.",
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
        "The round trip from NATS server {{ $labels.server }} to {{ $labels.peer }} takes {{ $value | humanizeDuration }}",
      dashboard: ["server", "server"],
      runbook: {
        meaning: "A route's round-trip time has been above 100 ms for 15 minutes.",
        impact: "Each replicated write waits for the round trip, and late heartbeats cause leader elections.",
        diagnosis: [
          "Open NATS / Server, Route RTT: one pair of servers, or all routes of one server?",
          "Check the CPU of both servers and the network between them (`ping`, `mtr`).",
        ],
        mitigation: [
          "If a server is saturated, move load away from it.",
          "If the servers are far apart, give each site its own cluster with a gateway between them. Keep a stream in one cluster, and mirror it in the other.",
        ],
        falsePositive: "A cluster that spans regions on purpose.",
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
        meaning: "The server's configuration names a remote cluster that the server is not connected to.",
        impact: "Messages from clients of this server do not reach that cluster.",
        diagnosis: [
          "Open NATS / Server, Gateways and leaf nodes: one server, or all servers of the cluster?",
          "Search the server's log: connection refused, TLS, authorization, unknown gateway name.",
        ],
        mitigation: [
          "Check the address and port (7222) of the remote cluster, and that its configuration uses the same gateway name.",
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
        "NATS server {{ $labels.server }} has {{ $value }} leaf node connections, fewer than its configuration names",
      dashboard: ["server", "server"],
      runbook: {
        meaning: "A leaf node is not connected to a hub that its configuration names.",
        impact: "Clients of the leaf node reach only each other, not the hub.",
        diagnosis: [
          "Query `nats_leaf_connections`: which account is missing?",
          "Search the server's log: connection refused, credentials, TLS, loop detected.",
        ],
        mitigation: [
          "Check the address, the credentials and the account of the remote.",
          "Loop detected: the same account is linked over two paths. Remove one.",
        ],
      },
    },
    {
      name: "NatsVersionSkew",
      severity: "info",
      expr: `count by (${CLUSTER}) (count by (${CLUSTER}, version) (nats_server_info{cluster!=""})) > 1`,
      for: "12h",
      keepFiringFor: "15m",
      summary: "Cluster {{ $labels.cluster }} has run {{ $value }} releases of nats-server for 12 hours",
      dashboard: ["overview"],
      runbook: {
        meaning: "An upgrade stopped half way.",
        impact: "Streams can use only the features of the oldest server.",
        diagnosis: ["Query `nats_server_info` by version: which servers are left?"],
        mitigation: [
          "Finish the upgrade or roll it back, one server at a time, and wait until all replicas are current before the next.",
        ],
      },
    },
  ],
};
