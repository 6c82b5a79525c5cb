/** Alerts about the meta group, the raft group that places streams and consumers. */
import { CLUSTER, inCluster, largest } from "../prometheus/recordings.ts";
import type { AlertGroup } from "../prometheus/rule.ts";

export const metaAlerts: AlertGroup = {
  name: "natscope.meta",
  title: "Meta group",
  source: "meta.ts",
  alerts: [
    {
      name: "NatsMetaLeaderless",
      severity: "critical",
      expr: `min by (${CLUSTER}) (${inCluster("nats_jetstream_meta_leaderless")}) == 1`,
      for: "2m",
      keepFiringFor: "2m",
      summary: "Cluster {{ $labels.cluster }} has no meta leader",
      dashboard: ["jetstream"],
      runbook: {
        meaning: "No server that answers knows a leader of the JetStream meta group.",
        impact:
          "Streams and consumers cannot be created, changed or deleted. Streams that have a leader keep working.",
        diagnosis: [
          "Open NATS / Overview: how many servers are down? A majority of the meta group must be up.",
          "Open NATS / JetStream, Meta quorum margin, and query `nats_jetstream_meta_peers`: servers that were removed for good still count as members.",
          "Read the logs of the servers that are up: elections, disk errors.",
        ],
        mitigation: [
          "Start servers until a majority of the meta group is up.",
          "When there is a leader again, remove servers that will not return (`nats server raft peer-remove`).",
          "If a majority is lost for good, follow the disaster recovery instructions of your release before you change anything on disk.",
        ],
      },
    },
    {
      name: "NatsMetaLeaderDisputed",
      severity: "critical",
      expr: `sum by (${CLUSTER}) (max by (${CLUSTER}, server) (${inCluster("nats_jetstream_meta_leader")})) > 1`,
      for: "5m",
      keepFiringFor: "5m",
      summary: "{{ $value }} servers of cluster {{ $labels.cluster }} claim to be the meta leader",
      dashboard: ["jetstream"],
      runbook: {
        meaning:
          "Two servers lead the meta group. This happens only if the cluster is partitioned, or if two clusters have the same name.",
        impact: "Changes to streams and consumers may be lost.",
        diagnosis: [
          "Open NATS / Server, Route peers: which servers are linked?",
          "Do two installations use the same cluster name or the same Prometheus job?",
        ],
        mitigation: [
          "Repair the network between the servers; the leader with the older term then steps down.",
          "If these are two clusters, give one another name.",
        ],
      },
    },
    {
      name: "NatsMetaLeaderFlapping",
      severity: "warning",
      expr: `sum by (${CLUSTER}) (max by (${CLUSTER}, server) (${inCluster("changes(nats_jetstream_meta_leader[1h])")})) > 8`,
      for: "0s",
      keepFiringFor: "30m",
      summary:
        "Servers of cluster {{ $labels.cluster }} gained or lost the meta leadership {{ $value }} times in an hour",
      dashboard: ["jetstream"],
      runbook: {
        meaning: "The meta group elected a new leader more than four times in an hour.",
        impact: "During an election no stream or consumer can be created or moved.",
        diagnosis: [
          "Open NATS / JetStream, Elections and Time since contact with meta peers: which server is lost each time?",
          "Check the CPU, garbage collection and disk of that server, and the RTT of its routes.",
        ],
        mitigation: [
          "Move load away from the server that is lost each time, or replace it.",
          "If its disk is slow, put the JetStream store on its own disk.",
        ],
        falsePositive: "A rolling upgrade of a large cluster.",
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
        "The meta leader of cluster {{ $labels.cluster }} has not heard from {{ $labels.peer }} for 10 minutes",
      dashboard: ["jetstream"],
      runbook: {
        meaning: "A member of the meta group is gone.",
        impact:
          "It still counts for the majority. If more members are lost, the meta group stops, although all remaining servers are healthy.",
        diagnosis: [
          "Is the server down, or was it decommissioned?",
          "Open NATS / JetStream, Meta quorum margin: how many more servers may be lost?",
        ],
        mitigation: [
          "Start the server again.",
          "If it was scaled down, run `nats server raft peer-remove NAME`, then check that no stream had a replica on it.",
        ],
      },
    },
    {
      name: "NatsMetaBacklog",
      severity: "warning",
      expr: largest("server", "min_over_time(nats_jetstream_meta_pending[5m])").concat(" > 1000"),
      for: "10m",
      keepFiringFor: "5m",
      summary: "NATS server {{ $labels.server }} has {{ $value | humanize }} unprocessed meta group requests",
      dashboard: ["jetstream", "server"],
      runbook: {
        meaning:
          "Requests to create, change and look up streams and consumers arrive faster than the server processes them.",
        impact: "JetStream API requests time out.",
        diagnosis: [
          "Open NATS / JetStream, API requests by account: which account sends the most?",
          "Look for clients that create a consumer per request, or list all streams in a loop.",
        ],
        mitigation: [
          "Stop or slow down the client that sends the most requests.",
          "Reuse consumers, and let them expire by `inactive_threshold` instead of deleting them.",
        ],
      },
    },
  ],
};
