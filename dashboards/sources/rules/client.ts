/** Alerts about instrumented applications. */
import { observations } from "../expressions.ts";
import type { AlertGroup } from "./rule.ts";

const APPLICATION = "job, namespace";

/** A counter that appears with its first event, at once above 0: new within ten minutes, or risen. */
const anew = (counter: string): string =>
  `increase(${counter}[10m]) > 0 or (${counter} unless max_over_time(${counter}[1h] offset 10m))`;

export const clientAlerts: AlertGroup = {
  name: "natscope.client",
  title: "Instrumented applications",
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
        meaning:
          "A connection of the instance has been lost for five minutes. What it publishes meanwhile waits in memory, or is lost.",
        look: [
          "NATS / Client, Connections: one instance, or all?",
          "`nats_connection_errors_total` by error; the application's log.",
          "Are the servers up (NatsServerDown), does the address still lead to them?",
        ],
        act: [
          "Credentials or addresses that have changed: deploy them.",
          "A client that has given up reconnecting must be restarted: `maxReconnectAttempts: -1` keeps it trying.",
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
        "{{ $labels.instance }} of {{ $labels.job }} lost its connection to NATS more than 5 times in a quarter of an hour",
      dashboard: ["client", "job", "instance"],
      runbook: {
        meaning:
          "The connection comes and goes. Each time requests under way fail, and subscriptions miss what is published.",
        look: [
          "NATS / Server, Connections that ended badly: slow consumer, stale, refused?",
          "Is the event loop of the application held for long (`nodejs_eventloop_lag_p99_seconds`)? Then PINGs are not answered.",
        ],
        act: ["Slow consumer: see NatsSlowConsumers.", "Stale: take long work off the event loop."],
      },
    },
    {
      name: "NatsClientMessagesDropped",
      severity: "warning",
      expr: "increase(nats_messages_dropped_total[10m]) > 0",
      for: "0s",
      keepFiringFor: "15m",
      summary:
        "{{ $labels.instance }} of {{ $labels.job }} has lost messages that it published while disconnected",
      dashboard: ["client", "job", "instance"],
      runbook: {
        meaning:
          "Messages were given to the client while its connection was lost, and the client has thrown them away. It tells nobody; they are lost.",
        look: ["NATS / Client, Connections lost and made again: since when, how often."],
        act: [
          "Publish what must not be lost to a stream, and wait for the acknowledgement (`publishWithRetry`).",
          "Find why the connection was lost.",
        ],
      },
    },
    {
      name: "NatsClientPublishErrors",
      severity: "warning",
      expr: `sum by (${APPLICATION}) (rate(nats_publish_errors_total[5m])) / sum by (${APPLICATION}) (rate(nats_messages_published_total[5m])) > 0.05`,
      for: "5m",
      keepFiringFor: "5m",
      summary: "{{ $value | humanizePercentage }} of what {{ $labels.job }} publishes fails",
      dashboard: ["client", "job"],
      runbook: {
        meaning: "The client refuses to send messages, or JetStream does not acknowledge them.",
        look: [
          "NATS / Client, Errors: which error, which subject.",
          "`no_responders`: no stream takes the subject. `timeout`: the stream has no leader, or is slow. Refused: a limit.",
        ],
        act: [
          "Make the stream, or correct the subject.",
          "Look at the alerts of the stream: leader, limit, storage.",
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
          "More than a tenth of the requests on a subject got no reply in time, found nobody to answer, or got an error.",
        look: [
          "NATS / Client, Requests by outcome: `no_responders` is that nobody listens, `timeout` that somebody does and is slow or does not answer, `error` the service's own.",
          "The service that answers: its own dashboard.",
        ],
        act: [
          "Start the service, or give it more instances in the same queue group.",
          "Follow a trace of a failed request.",
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
        meaning: "Callbacks throw, or their promises are rejected, for more than a tenth of the messages.",
        look: [
          "The application's log and traces of `process` spans with an error.",
          "Did a new version of the application, or of the publisher, come with it?",
        ],
        act: ["Go back to the version that worked, of either side."],
      },
    },
    {
      name: "NatsClientPermissionsDenied",
      severity: "warning",
      expr: anew("nats_permission_violations_total"),
      for: "0s",
      keepFiringFor: "30m",
      summary: "{{ $labels.job }} may not {{ $labels.operation }} {{ $labels.subject }}",
      dashboard: ["client", "job"],
      runbook: {
        meaning:
          "The server denied a publish or a subscription. A publish that is denied is lost, and the application does not notice.",
        look: ["The labels `operation` and `subject`. Of inboxes: the permissions lack `_INBOX.>`."],
        act: ["Allow the subject to the user, or correct the subject."],
      },
    },
    {
      name: "NatsClientSlowSubscription",
      severity: "warning",
      expr: anew("nats_slow_consumers_total"),
      for: "0s",
      keepFiringFor: "15m",
      summary: "{{ $labels.job }} does not keep up with {{ $labels.subject }}",
      dashboard: ["client", "job"],
      runbook: {
        meaning:
          "More messages wait in the client for a subscription than the limit that the application gave. Memory grows, and soon the server cuts the connection.",
        look: ["NATS / Client, Waiting in the client, and Duration of processing."],
        act: [
          "Process in parallel, share by a queue group, or take the messages from a stream at your own pace.",
        ],
      },
    },
    {
      name: "NatsClientInstrumentationProblems",
      severity: "info",
      expr: anew("nats_client_instrumentation_problems_total"),
      for: "0s",
      keepFiringFor: "1h",
      summary: "natscope's instrumentation of {{ $labels.job }} has a problem in its {{ $labels.part }}",
      dashboard: ["client", "job"],
      runbook: {
        meaning:
          "A tracer, registry or hook threw, or a part of natscope's own. The application did not notice; some of its metrics or spans are missing.",
        look: ["The process warning that the application printed, once for each part."],
        act: ["Repair the hook or exporter that it names. If it is natscope's own, report it."],
      },
    },
  ],
};
