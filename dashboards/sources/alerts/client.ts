/** Alerts about instrumented applications. */

import type { AlertGroup } from "../prometheus/rule.ts";
import { observations } from "../promql/expressions.ts";

const APPLICATION = "job, namespace";

/** Matches a counter that increased, or appeared, within ten minutes: such a counter starts at its first event, above 0. */
const newOrIncreased = (counter: string): string =>
  `increase(${counter}[10m]) > 0 or (${counter} unless max_over_time(${counter}[1h] offset 10m))`;

export const clientAlerts: AlertGroup = {
  name: "natscope.client",
  title: "Instrumented applications",
  source: "client.ts",
  alerts: [
    {
      name: "NatsClientDisconnected",
      severity: "warning",
      expr: "nats_connection_status == 0",
      for: "5m",
      keepFiringFor: "2m",
      summary: "{{ $labels.instance }} of {{ $labels.job }} has no connection to NATS",
      dashboard: ["client", "job", "instance"],
      runbook: {
        meaning: "A NATS connection of this instance has been down for five minutes.",
        impact: "Messages that the instance publishes wait in its memory or are lost. It receives nothing.",
        diagnosis: [
          "Open NATS / Client, Connected: one instance, or all?",
          "Query `nats_connection_errors_total` by error, and read the log of the application.",
          "Are the servers up (NatsServerDown), and does the address still lead to them?",
        ],
        mitigation: [
          "If credentials or addresses have changed, deploy them.",
          "If the client has given up reconnecting, restart it; `maxReconnectAttempts: -1` lets it retry forever.",
        ],
      },
    },
    {
      name: "NatsClientReconnecting",
      severity: "warning",
      expr: "increase(nats_reconnects_total[15m]) > 5",
      for: "0s",
      keepFiringFor: "15m",
      summary:
        '{{ $labels.instance }} of {{ $labels.job }} reconnected to NATS {{ $value | printf "%.0f" }} times in 15 minutes',
      dashboard: ["client", "job", "instance"],
      runbook: {
        meaning: "The connection breaks and comes back again and again.",
        impact:
          "Each time, requests in flight fail, and core NATS subscriptions miss the messages published in between.",
        diagnosis: [
          "Open NATS / Server, Abnormal disconnects: slow consumer, stale, or refused?",
          "Query `nodejs_eventloop_lag_p99_seconds`: an application that blocks its event loop does not answer PINGs.",
        ],
        mitigation: [
          "Find the reason of the disconnects (NATS / Server, Abnormal disconnects). Slow consumer: see NatsSlowConsumers.",
          "If the reason is stale, move long computations off the event loop.",
        ],
      },
    },
    {
      name: "NatsClientMessagesDropped",
      severity: "warning",
      expr: "increase(nats_messages_dropped_total[10m]) > 0",
      for: "0s",
      keepFiringFor: "15m",
      summary:
        '{{ $labels.instance }} of {{ $labels.job }} lost messages that it published while disconnected: {{ $value | printf "%.0f" }} in 10 minutes',
      dashboard: ["client", "job", "instance"],
      runbook: {
        meaning:
          "The application published messages while its connection was down, and the NATS client discarded them without an error.",
        impact: "These messages are lost.",
        diagnosis: ["Open NATS / Client, Disconnects and reconnects: since when, and how often?"],
        mitigation: [
          "Publish messages that must not be lost to a stream and wait for the acknowledgement (`publishWithRetry`).",
          "Find out why the connection was lost.",
        ],
      },
    },
    {
      name: "NatsClientPublishErrors",
      severity: "warning",
      expr: `sum by (${APPLICATION}) (rate(nats_publish_errors_total[5m])) / sum by (${APPLICATION}) (rate(nats_messages_published_total[5m])) > 0.05`,
      for: "5m",
      keepFiringFor: "5m",
      summary: "{{ $value | humanizePercentage }} of the publishes of {{ $labels.job }} fail",
      dashboard: ["client", "job"],
      runbook: {
        meaning: "The client refuses to send messages, or JetStream does not acknowledge them.",
        impact: "These messages are lost, unless the application retries.",
        diagnosis: [
          "Open NATS / Client, Errors: which error, on which subject?",
          "`no_responders`: no stream has the subject. `timeout`: the stream has no leader or is slow. A refusal: a limit of the stream.",
        ],
        mitigation: [
          "Create the stream, or correct the subject.",
          "Check the alerts of the stream: leader, limit, storage.",
        ],
      },
    },
    {
      name: "NatsClientRequestsFailing",
      severity: "warning",
      expr: `${observations("nats_request_seconds", 'outcome!="ok"', ["job", "namespace", "subject"], "5m")} / ${observations("nats_request_seconds", "", ["job", "namespace", "subject"], "5m")} > 0.1`,
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "{{ $value | humanizePercentage }} of the requests of {{ $labels.job }} to {{ $labels.subject }} fail",
      dashboard: ["client", "job"],
      runbook: {
        meaning:
          "More than a tenth of the requests on a subject got no reply in time, found no responder, or got an error.",
        impact: "Callers of the service see errors or timeouts.",
        diagnosis: [
          "Open NATS / Client, Requests by outcome. `no_responders`: no service listens. `timeout`: a service listens but is slow or does not reply. `error`: the service replied with an error.",
          "Open the dashboard of the service that responds.",
        ],
        mitigation: [
          "Start the service, or add instances to its queue group.",
          "Follow a trace of a failed request (click a point in Request duration).",
        ],
      },
    },
    {
      name: "NatsClientHandlersFailing",
      severity: "warning",
      expr: `sum by (job, namespace, subject) (rate(nats_message_processing_errors_total[5m])) / ${observations("nats_message_processing_seconds", "", ["job", "namespace", "subject"], "5m")} > 0.1`,
      for: "5m",
      keepFiringFor: "5m",
      summary:
        "{{ $value | humanizePercentage }} of the messages that {{ $labels.job }} gets on {{ $labels.subject }} make its handler fail",
      dashboard: ["client", "job"],
      runbook: {
        meaning: "Callbacks throw, or return a rejected promise, for more than a tenth of the messages.",
        impact: "These messages are not processed, or are redelivered if they come from a stream.",
        diagnosis: [
          "Read the application's log, and look for traces of `process` spans with an error.",
          "Was the application or the publisher deployed when it began?",
        ],
        mitigation: ["Roll back the application or the publisher to the last version that worked."],
      },
    },
    {
      name: "NatsClientPermissionsDenied",
      severity: "warning",
      expr: newOrIncreased("nats_permission_violations_total"),
      for: "0s",
      keepFiringFor: "30m",
      summary: "{{ $labels.job }} lacks the permission to {{ $labels.operation }} {{ $labels.subject }}",
      dashboard: ["client", "job"],
      runbook: {
        meaning: "The server denied a publish or a subscription.",
        impact: "A denied publish is lost, and the application gets no error.",
        diagnosis: [
          "The labels `operation` and `subject` name the missing permission. If the subject is an inbox, the user lacks `_INBOX.>`.",
        ],
        mitigation: ["Allow the subject for the user, or correct the subject in the application."],
      },
    },
    {
      name: "NatsClientSlowSubscription",
      severity: "warning",
      expr: newOrIncreased("nats_slow_consumers_total"),
      for: "0s",
      keepFiringFor: "15m",
      summary: "{{ $labels.job }} does not keep up with subject {{ $labels.subject }}",
      dashboard: ["client", "job"],
      runbook: {
        meaning:
          "More messages wait in the client for a subscription than the limit that the application set.",
        impact: "Memory grows, and soon the server disconnects the client as a slow consumer.",
        diagnosis: ["Open NATS / Client, Pending messages and Processing time."],
        mitigation: [
          "Process messages in parallel, share them in a queue group, or pull them from a stream.",
        ],
      },
    },
    {
      name: "NatsClientInstrumentationProblems",
      severity: "info",
      expr: newOrIncreased("nats_client_instrumentation_problems_total"),
      for: "0s",
      keepFiringFor: "1h",
      summary: "natscope's instrumentation of {{ $labels.job }} has a problem in its {{ $labels.part }}",
      dashboard: ["client", "job"],
      runbook: {
        meaning:
          "A tracer, a registry, a hook, or natscope's own code threw an error. The application did not notice.",
        impact: "Some metrics or spans are missing.",
        diagnosis: ["Read the log of the application: natscope prints one process warning for each part."],
        mitigation: [
          "Repair the hook or exporter that the warning names. If the error is natscope's own, report it.",
        ],
      },
    },
  ],
};
