/** Client: an instrumented application by rate, errors and duration; from a slow point to its trace. */
import { buckets, INSTANCE_MATCHERS, observations, quantile, top } from "../expressions.ts";
import { type Dashboard, heatmap, RED_ABOVE_ZERO, stat, timeSeries } from "../grafana/dashboard.ts";
import { APPLICATIONS } from "./variables.ts";

const perSecond = (metric: string, by: string): string =>
  `sum by (${by}) (rate(${metric}{${INSTANCE_MATCHERS}}[$__rate_interval]))`;
/** 0 where an instrumented application is scraped and nothing of the kind happened. */
const OR_ZERO = `or 0 * sum(nats_connection_status{${INSTANCE_MATCHERS}})`;

function durations(histogram: string, by: readonly string[], legend: string) {
  return [0.5, 0.99].map((share) => ({
    expr: top(`(${quantile(share, histogram, INSTANCE_MATCHERS, by)}) > 0`),
    legend: `${legend} p${share * 100}`,
  }));
}

export const client: Dashboard = {
  name: "client",
  title: "Client",
  description:
    "Applications that natscope instruments: rate, errors and duration of what they do with NATS. Points lead to traces.",
  variables: APPLICATIONS,
  rows: [
    {
      title: "Is anything wrong?",
      panels: [
        stat({
          title: "Disconnected",
          description: "Instances with a connection that is lost.",
          unit: "none",
          query: {
            expr: `count(nats_connection_status{${INSTANCE_MATCHERS}}) - sum(nats_connection_status{${INSTANCE_MATCHERS}})`,
            legend: "instances",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Requests that failed",
          description: "Of all in the time shown: no reply in time, nobody to answer, or an error.",
          unit: "percentunit",
          query: {
            expr: `(${observations("nats_request_seconds", `${INSTANCE_MATCHERS}, outcome!="ok"`, [], "$__range")} ${OR_ZERO}) / (${observations("nats_request_seconds", INSTANCE_MATCHERS, [], "$__range")} > 0)`,
            legend: "failed",
          },
          thresholds: [
            [0.01, "orange"],
            [0.05, "red"],
          ],
          noValue: "No requests",
        }),
        stat({
          title: "Publishes that failed",
          description: "Refused by the client or not acknowledged by JetStream, of all in the time shown.",
          unit: "percentunit",
          query: {
            expr: `(sum(rate(nats_publish_errors_total{${INSTANCE_MATCHERS}}[$__range])) ${OR_ZERO}) / (sum(rate(nats_messages_published_total{${INSTANCE_MATCHERS}}[$__range])) > 0)`,
            legend: "failed",
          },
          thresholds: [
            [0.001, "orange"],
            [0.05, "red"],
          ],
          noValue: "No publishes",
        }),
        stat({
          title: "Messages lost",
          description: "Given to the client while its connection was lost, and thrown away by it.",
          unit: "none",
          query: {
            expr: `round(sum(increase(nats_messages_dropped_total{${INSTANCE_MATCHERS}}[$__range])))`,
            legend: "messages",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Handlers that failed",
          description: "Messages whose callback threw, or whose promise was rejected, in a second.",
          unit: "mps",
          query: {
            expr: `sum(rate(nats_message_processing_errors_total{${INSTANCE_MATCHERS}}[$__rate_interval])) ${OR_ZERO}`,
            legend: "failed",
          },
          thresholds: [[0.001, "orange"]],
        }),
        stat({
          title: "Requests waiting",
          description: "Requests that wait for a reply now.",
          unit: "none",
          query: { expr: `sum(nats_requests_in_flight{${INSTANCE_MATCHERS}})`, legend: "requests" },
          thresholds: [],
        }),
      ],
    },
    {
      title: "Requests",
      panels: [
        timeSeries({
          title: "Requests",
          description: "In a second, by outcome.",
          unit: "reqps",
          width: 8,
          queries: [
            {
              expr: observations("nats_request_seconds", INSTANCE_MATCHERS, ["outcome"]),
              legend: "{{outcome}}",
            },
          ],
        }),
        timeSeries({
          title: "Duration of requests",
          description:
            "Half of them, and all but one in a hundred, were answered within this time, by subject. Points are sampled requests: click on one to see its trace.",
          unit: "s",
          width: 8,
          exemplars: true,
          logarithmic: true,
          queries: durations("nats_request_seconds", ["subject"], "{{subject}}"),
        }),
        heatmap({
          title: "Requests by duration",
          description:
            "How many requests took how long. Two bands are two kinds of answers: a cache that hits and misses, a server that is far.",
          unit: "s",
          width: 8,
          query: { expr: buckets("nats_request_seconds", INSTANCE_MATCHERS), legend: "{{le}}" },
        }),
      ],
    },
    {
      title: "Messages",
      panels: [
        timeSeries({
          title: "Published",
          description: "Messages given to the client in a second, by subject.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: top(perSecond("nats_messages_published_total", "subject")), legend: "{{subject}}" },
          ],
        }),
        timeSeries({
          title: "Received",
          description: "Messages handed to the application in a second, by subject.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: top(perSecond("nats_messages_received_total", "subject")), legend: "{{subject}}" },
          ],
        }),
        timeSeries({
          title: "Duration of processing",
          description:
            "Time that the application takes for a message, by subject. Points are sampled messages: click on one to see its trace.",
          unit: "s",
          width: 8,
          exemplars: true,
          logarithmic: true,
          queries: durations("nats_message_processing_seconds", ["subject"], "{{subject}}"),
        }),
        timeSeries({
          title: "Errors",
          description:
            "What went wrong in a second: publishes that failed by error, handlers that failed, permissions that were denied.",
          unit: "eps",
          width: 8,
          queries: [
            { expr: perSecond("nats_publish_errors_total", "error"), legend: "publish: {{error}}" },
            {
              expr: `sum(rate(nats_message_processing_errors_total{${INSTANCE_MATCHERS}}[$__rate_interval])) ${OR_ZERO}`,
              legend: "handlers",
            },
            {
              expr: `sum(rate(nats_permission_violations_total{${INSTANCE_MATCHERS}}[$__rate_interval])) ${OR_ZERO}`,
              legend: "permissions denied",
            },
          ],
        }),
        timeSeries({
          title: "Waiting in the client",
          description:
            "Messages that the client holds and the application has not taken: a handler that is too slow.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top(`sum by (subject) (nats_subscription_pending_messages{${INSTANCE_MATCHERS}})`),
              legend: "{{subject}}",
            },
          ],
        }),
        timeSeries({
          title: "Bytes",
          description: "Payload published and received in a second.",
          unit: "Bps",
          width: 8,
          queries: [
            {
              expr: `sum(rate(nats_published_bytes_total{${INSTANCE_MATCHERS}}[$__rate_interval]))`,
              legend: "published",
            },
            {
              expr: `sum(rate(nats_received_bytes_total{${INSTANCE_MATCHERS}}[$__rate_interval]))`,
              legend: "received",
            },
          ],
        }),
      ],
    },
    {
      title: "Connections",
      panels: [
        timeSeries({
          title: "Connected",
          description: "1 while all connections of an instance are up.",
          unit: "short",
          max: 1,
          width: 8,
          queries: [
            {
              expr: `min by (instance) (nats_connection_status{${INSTANCE_MATCHERS}})`,
              legend: "{{instance}}",
            },
          ],
        }),
        timeSeries({
          title: "Connections lost and made again",
          description: "In the time between two points.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum(increase(nats_disconnects_total{${INSTANCE_MATCHERS}}[$__rate_interval]))`,
              legend: "lost",
            },
            {
              expr: `sum(increase(nats_reconnects_total{${INSTANCE_MATCHERS}}[$__rate_interval]))`,
              legend: "made again",
            },
          ],
        }),
        timeSeries({
          title: "Round trip to the server",
          description: "Measured at each scrape, the longest of an instance's connections.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: `max by (instance) (nats_connection_round_trip_seconds{${INSTANCE_MATCHERS}})`,
              legend: "{{instance}}",
            },
          ],
        }),
      ],
    },
    {
      title: "JetStream",
      panels: [
        timeSeries({
          title: "Duration of publishes",
          description: "From a JetStream publish to its acknowledgement, by subject.",
          unit: "s",
          width: 8,
          exemplars: true,
          logarithmic: true,
          queries: durations("nats_jetstream_publish_ack_seconds", ["subject"], "{{subject}}"),
        }),
        timeSeries({
          title: "Until acknowledged",
          description:
            "From a delivery to the application's ack, nak or term, by consumer. Near the ack wait, messages are delivered again.",
          unit: "s",
          width: 8,
          logarithmic: true,
          queries: durations(
            "nats_jetstream_ack_latency_seconds",
            ["stream", "consumer"],
            "{{stream}} / {{consumer}}",
          ),
        }),
        timeSeries({
          title: "Answers to deliveries",
          description: "Acks, naks and terms in a second, and messages that had been delivered before.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: perSecond("nats_jetstream_acks_total", "ack"), legend: "{{ack}}" },
            {
              expr: `sum(rate(nats_jetstream_redeliveries_total{${INSTANCE_MATCHERS}}[$__rate_interval])) ${OR_ZERO}`,
              legend: "redelivered",
            },
          ],
        }),
        timeSeries({
          title: "Key-value and object stores",
          description:
            "Half of the operations, and all but one in a hundred, took at most this, by bucket and operation.",
          unit: "s",
          width: 12,
          logarithmic: true,
          queries: [
            ...durations("nats_kv_operation_seconds", ["bucket", "operation"], "kv {{bucket}} {{operation}}"),
            ...durations(
              "nats_object_operation_seconds",
              ["bucket", "operation"],
              "object {{bucket}} {{operation}}",
            ),
          ],
        }),
        timeSeries({
          title: "Services",
          description: "Time that a service's endpoint took for a request.",
          unit: "s",
          width: 12,
          logarithmic: true,
          queries: durations(
            "nats_service_request_seconds",
            ["service", "endpoint"],
            "{{service}} {{endpoint}}",
          ),
        }),
      ],
    },
  ],
};
