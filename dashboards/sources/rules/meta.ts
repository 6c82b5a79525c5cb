/** Alerts about the meta group, which decides where streams and consumers are. */
import { CLUSTER, inCluster, largest } from "./recordings.ts";
import type { AlertGroup } from "./rule.ts";

export const metaAlerts: AlertGroup = {
  name: "natscope.meta",
  title: "Meta group",
  alerts: [
    {
      name: "NatsMetaLeaderless",
      severity: "critical",
      expr: `min by (${CLUSTER}) (${inCluster("nats_jetstream_meta_leaderless")}) == 1`,
      for: "2m",
      keepFiringFor: "2m",
      summary: "No server of cluster {{ $labels.cluster }} knows a leader of the meta group",
      dashboard: ["jetstream"],
      runbook: {
        meaning:
          "The meta group has no leader: no stream or consumer can be made, changed or deleted, and no leader is placed. Streams that have one go on.",
        look: [
          "NATS / Overview: how many servers are down? A majority of the group must be up.",
          "NATS / JetStream, Meta group may lose: and how large is the group (`nats_jetstream_meta_peers`)? Servers that are gone for good still count.",
          "The logs of the servers that are up: elections, disk errors.",
        ],
        act: [
          "Bring back servers until a majority runs.",
          "After the leader is back, remove servers that will not return: `nats server raft peer-remove`.",
          "If a majority is lost for good, follow the disaster recovery of your release before you change anything on disk.",
        ],
      },
    },
    {
      name: "NatsMetaLeaderDisputed",
      severity: "critical",
      expr: `sum by (${CLUSTER}) (max by (${CLUSTER}, server) (${inCluster("nats_jetstream_meta_leader")})) > 1`,
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "{{ $value }} servers of cluster {{ $labels.cluster }} call themselves leader of the meta group",
      dashboard: ["jetstream"],
      runbook: {
        meaning:
          "Two servers lead the meta group, which can only be if the cluster is partitioned or if two clusters have the same name. Changes may be lost.",
        look: [
          "NATS / Server, Peers: who is linked to whom.",
          "Do two installations use one cluster name, or one job in Prometheus?",
        ],
        act: [
          "Join the network again; the leader with the older term steps down by itself.",
          "Give the second installation another name.",
        ],
      },
    },
    {
      name: "NatsMetaLeaderFlapping",
      severity: "warning",
      expr: `sum by (${CLUSTER}) (max by (${CLUSTER}, server) (${inCluster("changes(nats_jetstream_meta_leader[1h])")})) > 8`,
      for: "0s",
      keepFiringFor: "30m",
      summary: "The meta leader of cluster {{ $labels.cluster }} keeps changing",
      dashboard: ["jetstream"],
      runbook: {
        meaning: "More than four elections in an hour. While one goes on, no stream can be made or moved.",
        look: [
          "NATS / JetStream, Elections and Meta peers last heard of: which server is lost each time?",
          "CPU, garbage collection and disk of that server; round trip of its routes.",
        ],
        act: [
          "Relieve or replace the server that is lost each time.",
          "Slow disks: put the store on a disk of its own.",
        ],
        harmless: "Upgrades of large clusters, server by server.",
      },
    },
    {
      name: "NatsMetaPeerLost",
      severity: "warning",
      expr: largest(
        "peer",
        "(nats_jetstream_meta_replica_offline == 1 or nats_jetstream_meta_replica_last_seen_seconds > 60)",
      ),
      for: "10m",
      keepFiringFor: "5m",
      summary:
        "The meta leader of cluster {{ $labels.cluster }} has not heard of {{ $labels.peer }} for ten minutes",
      dashboard: ["jetstream"],
      runbook: {
        meaning:
          "A member of the meta group is gone. It still counts for the majority: enough of them, and the group stops although all servers you see are well.",
        look: [
          "Is the server down, or was it taken away for good?",
          "NATS / JetStream, Meta group may lose: what is left.",
        ],
        act: [
          "Bring it back.",
          "If it was scaled away: `nats server raft peer-remove NAME`, then check that streams had no replica left on it.",
        ],
      },
    },
    {
      name: "NatsMetaBacklog",
      severity: "warning",
      expr: largest("server", "min_over_time(nats_jetstream_meta_pending[5m])").concat(" > 1000"),
      for: "10m",
      keepFiringFor: "5m",
      summary:
        "NATS server {{ $labels.server }} has {{ $value | humanize }} requests of the meta group waiting",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "Requests to make, change and look up streams and consumers come faster than the server works them off; clients time out.",
        look: [
          "NATS / JetStream, API requests by account: who asks.",
          "Many short-lived consumers? Clients that make one for each request, or loop over all streams.",
        ],
        act: [
          "Stop or slow down the client that asks most.",
          "Reuse consumers; let them expire by `inactive_threshold` instead of deleting them.",
        ],
      },
    },
  ],
};
