/** Alerts about a server: down, unhealthy, saturated, in trouble with its connections. */
import type { AlertGroup } from "./rule.ts";

export const serverAlerts: AlertGroup = {
  name: "natscope.server",
  title: "Servers",
  alerts: [
    {
      name: "NatsServerDown",
      severity: "critical",
      expr: "nats_up == 0",
      for: "2m",
      keepFiringFor: "2m",
      summary: "NATS server {{ $labels.server }} does not answer",
      dashboard: ["overview"],
      runbook: {
        meaning:
          "natscope has asked the server's monitoring port for two minutes and got no answer. Clients of the server are cut off or have moved to others; replicas on it fall behind.",
        look: [
          "natscope's log: it says why each request failed (refused, timed out, TLS, another server answered).",
          "The process or pod: does it run, was it killed for its memory, does its log end in a panic?",
          "NATS / Overview: are streams without a leader, are other servers of the cluster affected?",
        ],
        act: [
          "If the process is gone, start it and read the end of its log.",
          "If it runs and does not answer, take a goroutine dump (`/stacksz` or SIGQUIT) before you restart it.",
          "If it answers you and not natscope, look at the network policy, the address and the TLS settings in natscope's configuration.",
          "If it is never to come back, remove it from natscope's configuration, and from the meta group with `nats server raft peer-remove`.",
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
        meaning:
          "The server starts again and again. Each time its clients reconnect at once, leaders move away, and its replicas catch up from the others.",
        look: [
          "The end of the log before each start: panic, out of memory, configuration error, lame duck.",
          "In Kubernetes: the last state of the container, and whether a liveness probe kills it while JetStream recovers.",
          "NATS / Server: memory before each start.",
        ],
        act: [
          "Out of memory: raise the limit and set GOMEMLIMIT below it, or move streams away.",
          "A probe that is too impatient: let it ask `/healthz?js-server-only=true`, and give the start more time.",
          "A panic: keep the log, go back to the last release that ran.",
        ],
      },
    },
    {
      name: "NatsServerUnhealthy",
      severity: "warning",
      expr: "nats_healthy == 0",
      for: "10m",
      keepFiringFor: "5m",
      summary: "NATS server {{ $labels.server }} has called itself unhealthy for 10 minutes",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "The server answers and finds a fault in itself: JetStream is not current with its meta leader, or streams and consumers on it are not recovered or not current.",
        look: [
          "NATS / Server, Health checks: which check failed. Those behind it were not made.",
          "`nats_health_asset_failing`: which streams and consumers.",
          "`/healthz?details=true` of the server says the same in words.",
        ],
        act: [
          "Wait while it recovers or catches up: the number of failing assets falls.",
          "If it does not, look at the disk (full, slow, read only) and at the server's log.",
          "One consumer or stream that stays: let its leader step down (`nats stream cluster step-down`), then restart this server alone.",
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
        meaning:
          "The server has no processor time left. Round trips grow, then slow consumers and elections follow.",
        look: [
          "NATS / Server: did messages, connections or subscriptions grow with it?",
          "NATS / JetStream: does this server lead most streams and consumers?",
          "Garbage collection on NATS / Server: a memory limit that is too near costs processor time.",
        ],
        act: [
          "Move leaders: `nats server cluster balance`, or step down single streams.",
          "Find the client behind it: NATS / Server lists them; a subscription to `>` costs most.",
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
        meaning:
          "Resident memory is near GOMEMLIMIT. The Go runtime collects garbage ever more often; beyond the container's limit the process is killed.",
        look: [
          "NATS / Server: connections, bytes waiting to be written, memory over the last days.",
          "NATS / JetStream: memory streams; streams with very many subjects keep an index in memory.",
        ],
        act: [
          "Clients that read slowly hold memory: cut them, or lower `max_pending`.",
          "Move memory streams to file, limit streams by age or subjects.",
          "Raise the limit, and GOMEMLIMIT to nine tenths of it.",
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
        "NATS server {{ $labels.server }} has {{ $value | humanizePercentage }} of the connections that it allows",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "At `max_connections` the server refuses clients, and those that lose their connection cannot come back.",
        look: [
          "NATS / Server, Connections: which account and client name has most, and since when.",
          "Are the other servers of the cluster as full? Clients that know one address only do not spread.",
        ],
        act: [
          "A client that opens connections and does not close them: restart it, have it fixed.",
          "Raise `max_connections` (and the limit of open files), reload.",
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
        "Connections to NATS server {{ $labels.server }} live less than a minute: {{ $value | humanize }} new ones a minute",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "More connections are opened in a minute than are open. Either clients reconnect in a loop, or something connects for each message, which costs a handshake each time.",
        look: [
          "NATS / Server, Connections that ended badly: refused, slow, stale?",
          "`nats_client_newest_start_timestamp_seconds` by client name: who is always new.",
        ],
        act: [
          "A loop: the reason of the closes says what is wrong (credentials, limits, size).",
          "A connection for each message: keep one and share it.",
        ],
        harmless: "Jobs that are short by nature, and scripts that call the `nats` command.",
      },
    },
    {
      name: "NatsSlowConsumers",
      severity: "warning",
      expr: "increase(nats_server_slow_consumers_total[5m]) > 0",
      for: "0s",
      keepFiringFor: "15m",
      summary: "NATS server {{ $labels.server }} has new slow consumers",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "A connection did not take what was sent to it in time or in size. A client is cut for it, and has lost what was waiting for it, unless it reads from a stream.",
        look: [
          "NATS / Server, Slow consumers by kind: clients, leaf nodes, routes, gateways.",
          '`nats_client_closed_connections{reason=~"Slow Consumer.*"}`: which client.',
          "Clients with most bytes waiting: who is next.",
        ],
        act: [
          "Let the client do its work outside the callback, or share it by a queue group.",
          "If messages must not be lost, read them from a stream by a consumer.",
          "`write_deadline` and `max_pending` only move the moment; raise them for slow networks.",
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
        "A link of NATS server {{ $labels.server }} to another server is a slow consumer ({{ $labels.kind }})",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "A route or gateway could not be written to in time and was closed. What was waiting in it is lost for core NATS; JetStream catches up.",
        look: [
          "NATS / Server, Links to other servers: round trip and bytes waiting, and which peer.",
          "CPU of the peer, and the network between the two: loss, bandwidth.",
        ],
        act: [
          "Relieve the peer if it is saturated.",
          "Compress routes (`compression: s2_auto`), pin busy accounts to a route of their own.",
          "Take traffic off the link that need not cross it: interest in `>` on the far side pulls everything.",
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
        "NATS server {{ $labels.server }} closed more than 10 connections that answered no PING in 30 minutes",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "Clients vanish without a goodbye: machines that sleep, networks that drop idle connections, processes that hang.",
        look: [
          "NATS / Server, Connections that ended badly: the client names behind `Stale Connection`.",
          "Is there a load balancer or NAT with an idle timeout below `ping_interval`?",
        ],
        act: [
          "Ask clients for shorter pings (`pingInterval`) than the network's idle timeout.",
          "A process that hangs is found by its name among the clients.",
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
        meaning:
          "The server's clock and Prometheus's differ. Ages of messages, expiry of credentials and certificates, and everything that is told by a time is off by as much.",
        look: [
          "The clocks of both machines (`chronyc tracking`, `timedatectl`).",
          "Is it one server, or all? All is Prometheus.",
        ],
        act: ["Repair time synchronisation. Let it slew; a jump makes messages older or younger at once."],
      },
    },
  ],
};
