/** Alerts about single servers: down, unhealthy, saturated, connection problems. */
import type { AlertGroup } from "../prometheus/rule.ts";

export const serverAlerts: AlertGroup = {
  name: "natscope.server",
  title: "Servers",
  source: "server.ts",
  alerts: [
    {
      name: "NatsServerDown",
      severity: "critical",
      expr: "nats_up == 0",
      for: "2m",
      keepFiringFor: "2m",
      summary: "NATS server {{ $labels.server }} does not answer its monitoring port",
      dashboard: ["overview"],
      runbook: {
        meaning: "The monitoring port of the server has not answered natscope for two minutes.",
        impact:
          "Clients of the server are disconnected or have moved to other servers. Replicas on the server fall behind.",
        diagnosis: [
          "Read natscope's log: it names the reason of each failed request (refused, timeout, TLS, another server answered).",
          "Check the process or pod (`systemctl status nats-server`, `kubectl describe pod`): is it running, was it killed for its memory, does its log end in a panic?",
          "Open NATS / Overview: are streams leaderless, are other servers of the cluster affected?",
        ],
        mitigation: [
          "If the process is gone, start it and read the end of its log.",
          "If it runs but does not answer, take a goroutine dump (`/stacksz` or SIGQUIT) before you restart it.",
          "If it answers `curl http://HOST:8222/varz` but not natscope, check the network policy, and the address and TLS settings in natscope's configuration.",
          "If the server was decommissioned, remove it from natscope's configuration and from the meta group (`nats server raft peer-remove`).",
        ],
      },
    },
    {
      name: "NatsServerRestarting",
      severity: "warning",
      expr: "changes(nats_server_start_timestamp_seconds[30m]) > 2",
      for: "0s",
      keepFiringFor: "30m",
      summary: "NATS server {{ $labels.server }} started {{ $value }} times in 30 minutes",
      dashboard: ["server", "server"],
      runbook: {
        meaning: "The server keeps restarting.",
        impact:
          "After each start all its clients reconnect at once, leaders move to other servers, and its replicas have to catch up.",
        diagnosis: [
          "Read the end of the log before each start: panic, out of memory, configuration error, lame duck mode.",
          "In Kubernetes, run `kubectl describe pod`: what was the last state of the container, does a liveness probe kill it while JetStream recovers?",
          "Open NATS / Server, Memory: did it rise before each start?",
        ],
        mitigation: [
          "Find the reason of the last exit in the log and in the state of the container.",
          "Out of memory: raise the limit and set GOMEMLIMIT below it, or move streams to other servers.",
          "Killed by a probe: let it query `/healthz?js-server-only=true`, and allow more time for the start.",
          "Panic: keep the log, and return to the last release that worked.",
        ],
      },
    },
    {
      name: "NatsServerUnhealthy",
      severity: "warning",
      expr: "nats_healthy == 0",
      for: "10m",
      keepFiringFor: "5m",
      summary: "NATS server {{ $labels.server }} has reported itself unhealthy for 10 minutes",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "The server answers, but its health check fails. JetStream is behind its meta leader, or streams or consumers on the server are not recovered or not current.",
        impact: "Streams and consumers on this server may have one working replica less than configured.",
        diagnosis: [
          "Open NATS / Server, Health checks: which check fails? The server skips the checks after the first failure.",
          "Query `nats_health_asset_failing`: which streams and consumers?",
          "Run `curl 'http://HOST:8222/healthz?details=true'` for the server's own explanation.",
        ],
        mitigation: [
          "Wait as long as the number of failing assets falls: the server is recovering.",
          "If it does not fall, check the disk (full, slow, read-only) and the server's log.",
          "If one stream or consumer stays unhealthy, let its leader step down (`nats stream cluster step-down`), then restart this server alone.",
        ],
      },
    },
    {
      name: "NatsServerCpuSaturated",
      severity: "warning",
      expr: "nats_server_cpu_ratio / nats_server_gomaxprocs > 0.9",
      for: "15m",
      keepFiringFor: "5m",
      summary: "NATS server {{ $labels.server }} uses {{ $value | humanizePercentage }} of its cores",
      dashboard: ["server", "server"],
      runbook: {
        meaning: "The server has used more than 90 % of its processor time for 15 minutes.",
        impact: "Round-trip times grow. Slow consumers and leader elections follow.",
        diagnosis: [
          "Open NATS / Server: did messages, connections or subscriptions grow at the same time?",
          "Open NATS / JetStream, Leaders per server: does this server lead most streams and consumers?",
          "Open NATS / Server, Garbage collection: a memory limit that is too low costs processor time.",
        ],
        mitigation: [
          "Move leaders to other servers: `nats server cluster balance`, or let single streams step down.",
          "Find the client that causes the load in NATS / Server, Clients; a subscription to `>` costs the most.",
          "Give the server more cores, or the cluster more servers.",
        ],
      },
    },
    {
      name: "NatsServerMemoryNearLimit",
      severity: "warning",
      expr: "nats_server_memory_bytes / nats_server_memory_limit_bytes > 0.9",
      for: "15m",
      keepFiringFor: "5m",
      summary: "NATS server {{ $labels.server }} uses {{ $value | humanizePercentage }} of its memory limit",
      dashboard: ["server", "server"],
      runbook: {
        meaning: "The server's resident memory is above 90 % of GOMEMLIMIT.",
        impact:
          "The Go runtime collects garbage more and more often. Above the limit of the container the process is killed.",
        diagnosis: [
          "Open NATS / Server: connections, pending bytes, and memory over the last days.",
          "Open NATS / JetStream: memory streams, and streams with many subjects, whose index is kept in memory.",
        ],
        mitigation: [
          "Disconnect clients that read slowly (NATS / Server, Clients with the most pending bytes), or lower `max_pending`.",
          "Move memory streams to file storage; limit streams by age or by number of subjects.",
          "Raise the memory limit, and set GOMEMLIMIT to nine tenths of it.",
        ],
      },
    },
    {
      name: "NatsServerConnectionsNearLimit",
      severity: "warning",
      expr: "nats_server_connections / nats_server_connections_limit > 0.85",
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "NATS server {{ $labels.server }} uses {{ $value | humanizePercentage }} of its connection limit",
      dashboard: ["server", "server"],
      runbook: {
        meaning: "More than 85 % of the connections that `max_connections` allows are open.",
        impact:
          "At the limit the server refuses new clients, and clients that lose their connection cannot return.",
        diagnosis: [
          "Open NATS / Server, Connections: which account and client name has the most, and since when?",
          "Compare the other servers of the cluster. Clients that know only one address do not spread.",
        ],
        mitigation: [
          "If one client opens connections without closing them, restart it and fix it.",
          "Raise `max_connections` (and the limit of open files), then reload the server.",
        ],
      },
    },
    {
      name: "NatsConnectionChurn",
      severity: "info",
      expr: "60 * rate(nats_server_accepted_connections_total[10m]) > nats_server_connections and rate(nats_server_accepted_connections_total[10m]) > 1",
      for: "15m",
      keepFiringFor: "10m",
      summary:
        "NATS server {{ $labels.server }} accepts {{ $value | humanize }} connections per minute, more than it has open",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "Connections live less than a minute on average. Clients reconnect in a loop, or a program opens a connection for each message.",
        impact: "Each connection costs a handshake, and a TLS handshake costs far more than a message.",
        diagnosis: [
          "Open NATS / Server, Abnormal disconnects: refused, slow consumer or stale?",
          "Query `nats_client_newest_start_timestamp_seconds` by client name: which client is always new?",
        ],
        mitigation: [
          "If clients reconnect in a loop, repair what the close reason names (credentials, limits, message size).",
          "If a program connects for each message, let it keep one connection.",
        ],
        falsePositive: "Short-lived jobs, and scripts that call the `nats` command.",
      },
    },
    {
      name: "NatsSlowConsumers",
      severity: "warning",
      expr: "increase(nats_server_slow_consumers_total[5m]) > 0",
      for: "0s",
      keepFiringFor: "15m",
      summary:
        'NATS server {{ $labels.server }} disconnected slow consumers: {{ $value | printf "%.0f" }} in 5 minutes',
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "Connections did not read what the server sent them in time, or the server had too many bytes pending for them.",
        impact:
          "The server disconnects such a client. Messages that were pending for it are lost, unless it reads from a stream.",
        diagnosis: [
          "Open NATS / Server, Slow consumers by kind: clients, leaf nodes, routes or gateways?",
          'Query `nats_client_closed_connections{reason=~"Slow Consumer.*"}`: which client?',
          "Open NATS / Server, Clients with the most pending bytes: which client is next?",
        ],
        mitigation: [
          "Let the client process messages outside its callback, or share them with other instances in a queue group.",
          "If messages must not be lost, read them from a stream through a consumer.",
          "On slow networks raise `write_deadline` and `max_pending`; this only postpones the problem.",
        ],
      },
    },
    {
      name: "NatsServerLinkSlow",
      severity: "critical",
      expr: 'increase(nats_server_slow_consumers_by_kind_total{kind=~"route|gateway"}[5m]) > 0',
      for: "0s",
      keepFiringFor: "15m",
      summary:
        'NATS server {{ $labels.server }} closed {{ $labels.kind }} connections as slow consumers: {{ $value | printf "%.0f" }} in 5 minutes',
      dashboard: ["server", "server"],
      runbook: {
        meaning: "The server could not write to a route or gateway in time and closed it.",
        impact: "Core NATS messages that were pending on the link are lost. JetStream replicas catch up.",
        diagnosis: [
          "Open NATS / Server, Links to other servers: which peer has a long round trip or pending bytes?",
          "Check the CPU of that peer, and the network between the two servers (packet loss, bandwidth).",
        ],
        mitigation: [
          "If the peer is saturated, move load away from it.",
          "Compress routes (`compression: s2_auto`), or give busy accounts their own route (`accounts` under `cluster`).",
          "Remove traffic from the link: a subscription to `>` on the far side pulls every message across.",
        ],
      },
    },
    {
      name: "NatsStaleConnections",
      severity: "info",
      expr: "increase(nats_server_stale_connections_total[30m]) > 10",
      for: "0s",
      keepFiringFor: "30m",
      summary:
        'NATS server {{ $labels.server }} closed {{ $value | printf "%.0f" }} connections in 30 minutes because they did not answer PINGs',
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "Clients disappear without closing their connection. Machines sleep, networks drop idle connections, or processes hang.",
        impact: "Until the server notices, it keeps sending messages to clients that are gone.",
        diagnosis: [
          "Open NATS / Server, Abnormal disconnects: which client names have the reason `Stale Connection`?",
          "Look for a load balancer or NAT whose idle timeout is shorter than `ping_interval`.",
        ],
        mitigation: [
          "Set the clients' `pingInterval` below the idle timeout of the network.",
          "If a process hangs, find it by its client name and restart it.",
        ],
      },
    },
    {
      name: "NatsServerClockOff",
      severity: "warning",
      expr: "abs(nats_server_clock_timestamp_seconds - timestamp(nats_server_clock_timestamp_seconds)) > 10",
      for: "15m",
      keepFiringFor: "5m",
      summary: "The clock of NATS server {{ $labels.server }} is off by {{ $value | humanizeDuration }}",
      dashboard: ["server", "server"],
      runbook: {
        meaning: "The clocks of the server and of Prometheus differ by more than 10 seconds.",
        impact:
          "Message ages, the expiry of credentials and certificates, and every age in these dashboards are wrong by this much.",
        diagnosis: [
          "Compare both machines' clocks (`chronyc tracking`, `timedatectl`).",
          "Is one server affected, or all? If all are, the clock of Prometheus is wrong.",
        ],
        mitigation: [
          "Repair time synchronization, and let it slew the clock: a jump changes the age of all messages at once.",
        ],
      },
    },
  ],
};
