/** Client: rate, errors and duration of an instrumented application, with links from slow points to traces. */

import { type Dashboard, heatmap, RED_ABOVE_ZERO, stat, timeSeries } from "../grafana/dashboard.ts";
import { buckets, INSTANCE_MATCHERS, observations, quantile, top } from "../promql/expressions.ts";
import { APPLICATIONS } from "./variables.ts";

const perSecond = (metric: string, by: string): string =>
  `sum by (${by}) (rate(${metric}{${INSTANCE_MATCHERS}}[$__rate_interval]))`;
/** 0 if an instrumented application is scraped and the query finds nothing. */
const ZERO = `0 * sum(nats_connection_status{${INSTANCE_MATCHERS}})`;

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
    "Instrumented applications: rate, errors and duration of their NATS operations. Points link to traces.",
  variables: APPLICATIONS,
  rows: [
    {
      title: "Is anything wrong?",
      panels: [
        stat({
          title: "Disconnected",
          description: "Instances whose NATS connection is down.",
          unit: "none",
          query: {
            expr: `count(nats_connection_status{${INSTANCE_MATCHERS}}) - sum(nats_connection_status{${INSTANCE_MATCHERS}})`,
            legend: "instances",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Failed requests",
          description:
            "Share of requests in the selected time without a reply, without a responder, or with an error.",
          unit: "percentunit",
          query: {
            expr: `(${observations("nats_request_seconds", `${INSTANCE_MATCHERS}, outcome!="ok"`, [], "$__range")} or ${ZERO}) / (${observations("nats_request_seconds", INSTANCE_MATCHERS, [], "$__range")} > 0)`,
            legend: "failed",
          },
          thresholds: [
            [0.01, "orange"],
            [0.05, "red"],
          ],
          noValue: "No requests",
        }),
        stat({
          title: "Failed publishes",
          description:
            "Share of publishes in the selected time that the client refused or JetStream did not acknowledge.",
          unit: "percentunit",
          query: {
            expr: `(sum(rate(nats_publish_errors_total{${INSTANCE_MATCHERS}}[$__range])) or ${ZERO}) / (sum(rate(nats_messages_published_total{${INSTANCE_MATCHERS}}[$__range])) > 0)`,
            legend: "failed",
          },
          thresholds: [
            [0.001, "orange"],
            [0.05, "red"],
          ],
          noValue: "No publishes",
        }),
        stat({
          title: "Dropped messages",
          description: "Messages published while the connection was down, which the NATS client discarded.",
          unit: "none",
          query: {
            expr: `round(sum(increase(nats_messages_dropped_total{${INSTANCE_MATCHERS}}[$__range])))`,
            legend: "messages",
          },
          thresholds: RED_ABOVE_ZERO,
        }),
        stat({
          title: "Handler errors",
          description: "Messages per second whose callback threw or returned a rejected promise.",
          unit: "mps",
          query: {
            expr: `sum(rate(nats_message_processing_errors_total{${INSTANCE_MATCHERS}}[$__rate_interval])) or ${ZERO}`,
            legend: "failed",
          },
          thresholds: [[0.001, "orange"]],
        }),
        stat({
          title: "Requests in flight",
          description: "Requests that are waiting for a reply.",
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
          description: "Requests per second by outcome.",
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
          title: "Request duration",
          description:
            "Median and 99th percentile of the request duration by subject. Points are sampled requests; click on a point to open its trace.",
          unit: "s",
          width: 8,
          exemplars: true,
          logarithmic: true,
          queries: durations("nats_request_seconds", ["subject"], "{{subject}}"),
        }),
        heatmap({
          title: "Request duration heatmap",
          description:
            "Number of requests by duration. Two bands are two kinds of replies, such as cache hits and misses.",
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
          description: "Messages published per second by subject.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: top(perSecond("nats_messages_published_total", "subject")), legend: "{{subject}}" },
          ],
        }),
        timeSeries({
          title: "Received",
          description: "Messages passed to the application per second by subject.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: top(perSecond("nats_messages_received_total", "subject")), legend: "{{subject}}" },
          ],
        }),
        timeSeries({
          title: "Processing time",
          description:
            "Median and 99th percentile of the time that the application takes to process a message, by subject. Points are sampled messages; click on a point to open its trace.",
          unit: "s",
          width: 8,
          exemplars: true,
          logarithmic: true,
          queries: durations("nats_message_processing_seconds", ["subject"], "{{subject}}"),
        }),
        timeSeries({
          title: "Errors",
          description: "Errors per second: failed publishes by error, failed handlers, denied permissions.",
          unit: "eps",
          width: 8,
          queries: [
            { expr: perSecond("nats_publish_errors_total", "error"), legend: "publish: {{error}}" },
            {
              expr: `sum(rate(nats_message_processing_errors_total{${INSTANCE_MATCHERS}}[$__rate_interval])) or ${ZERO}`,
              legend: "handlers",
            },
            {
              expr: `sum(rate(nats_permission_violations_total{${INSTANCE_MATCHERS}}[$__rate_interval])) or ${ZERO}`,
              legend: "permissions denied",
            },
          ],
        }),
        timeSeries({
          title: "Pending messages",
          description:
            "Messages that the client has received and the application has not taken. If it grows, the handler is too slow.",
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
          description: "Payload bytes published and received per second.",
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
          description: "1 if all connections of an instance are up, 0 otherwise.",
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
          title: "Disconnects and reconnects",
          description: "Connections lost, and connections restored, per interval.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `sum(increase(nats_disconnects_total{${INSTANCE_MATCHERS}}[$__rate_interval]))`,
              legend: "lost",
            },
            {
              expr: `sum(increase(nats_reconnects_total{${INSTANCE_MATCHERS}}[$__rate_interval]))`,
              legend: "restored",
            },
          ],
        }),
        timeSeries({
          title: "RTT to the server",
          description:
            "Round-trip time measured at each scrape, for the slowest connection of each instance.",
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
          title: "Publish ack latency",
          description:
            "Median and 99th percentile of the time from a JetStream publish to its acknowledgement, by subject.",
          unit: "s",
          width: 8,
          exemplars: true,
          logarithmic: true,
          queries: durations("nats_jetstream_publish_ack_seconds", ["subject"], "{{subject}}"),
        }),
        timeSeries({
          title: "Ack latency",
          description:
            "Median and 99th percentile of the time from a delivery to the application's ack, nak or term, by consumer. Near the ack wait, messages are redelivered.",
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
          title: "Acks, naks, terms",
          description: "Acks, naks and terms per second, and redelivered messages per second.",
          unit: "mps",
          width: 8,
          queries: [
            { expr: perSecond("nats_jetstream_acks_total", "ack"), legend: "{{ack}}" },
            {
              expr: `sum(rate(nats_jetstream_redeliveries_total{${INSTANCE_MATCHERS}}[$__rate_interval])) or ${ZERO}`,
              legend: "redelivered",
            },
          ],
        }),
        timeSeries({
          title: "Key-value and object stores",
          description: "Median and 99th percentile of the duration of operations, by bucket and operation.",
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
          description: "Median and 99th percentile of the time that a service endpoint takes for a request.",
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
