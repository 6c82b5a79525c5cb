/** Streams and consumers: growing lag, stalled consumers, redeliveries, streams near their limits. */

import { type Dashboard, table, timeSeries } from "../grafana/dashboard.ts";
import { CONSUMER_MATCHERS, perConsumer, perStream, STREAM_MATCHERS, top } from "../promql/expressions.ts";
import { ASSETS } from "./variables.ts";

const CONSUMER = "{{stream}} / {{consumer}}";
const deliveries = `sum by (account, stream, consumer) (rate(nats_consumer_deliveries_total{${CONSUMER_MATCHERS}}[$__rate_interval]))`;
const appended = `sum by (account, stream) (rate(nats_stream_appended_messages_total{${STREAM_MATCHERS}}[$__rate_interval]))`;

export const streams: Dashboard = {
  name: "streams",
  title: "Streams and consumers",
  description:
    "Growing lag, stalled consumers, redeliveries, streams near their limits. Every value comes from the leader.",
  variables: ASSETS,
  rows: [
    {
      title: "Consumers",
      panels: [
        timeSeries({
          title: "Lag",
          description:
            "Messages not yet delivered to each consumer. A growing lag is a problem, a large one need not be.",
          unit: "short",
          width: 8,
          queries: [{ expr: top(perConsumer("nats_consumer_pending")), legend: CONSUMER }],
        }),
        timeSeries({
          title: "Lag growth",
          description:
            "Growth of the lag in messages per second, over five minutes, for the fastest growing. Below 0 the consumer catches up.",
          unit: "mps",
          width: 8,
          queries: [
            {
              expr: top(
                `max by (account, stream, consumer) (deriv(nats_consumer_pending{${CONSUMER_MATCHERS}}[5m]))`,
              ),
              legend: CONSUMER,
            },
          ],
        }),
        timeSeries({
          title: "Time to catch up",
          description:
            "Lag divided by the delivery rate: the time to deliver the backlog if no new messages arrived. Absent if nothing is delivered.",
          unit: "s",
          width: 8,
          queries: [
            { expr: top(`${perConsumer("nats_consumer_pending")} / (${deliveries} > 0)`), legend: CONSUMER },
          ],
        }),
        timeSeries({
          title: "Deliveries",
          description: "Messages delivered per second, including redeliveries.",
          unit: "mps",
          width: 8,
          queries: [{ expr: top(deliveries), legend: CONSUMER }],
        }),
        timeSeries({
          title: "Ack pending ratio",
          description:
            "Unacknowledged messages as a share of max_ack_pending. At 100 % the server delivers nothing until a message is acknowledged: workers hang, or there are too few.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [{ expr: top(perConsumer("nats_consumer_ack_pending_ratio")), legend: CONSUMER }],
        }),
        timeSeries({
          title: "Redelivered, unacknowledged",
          description:
            "Messages delivered more than once and still not acknowledged. Workers fail, or take longer than the ack wait.",
          unit: "short",
          width: 8,
          queries: [{ expr: top(perConsumer("nats_consumer_redelivered")), legend: CONSUMER }],
        }),
        timeSeries({
          title: "Time since last delivery",
          description:
            "For consumers with undelivered messages. A line that only rises is a consumer that gets nothing.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: top(
                `time() - ${perConsumer("nats_consumer_last_delivery_timestamp_seconds")} and ${perConsumer("nats_consumer_pending")} > 0`,
              ),
              legend: CONSUMER,
            },
          ],
        }),
        timeSeries({
          title: "Time since last ack",
          description:
            "For consumers with unacknowledged messages. A line that only rises means that the workers hang.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: top(
                `time() - ${perConsumer("nats_consumer_last_ack_timestamp_seconds")} and ${perConsumer("nats_consumer_ack_pending")} > 0`,
              ),
              legend: CONSUMER,
            },
          ],
        }),
        timeSeries({
          title: "Waiting pulls",
          description:
            "Pull requests that wait for messages. 0 with a lag: no worker is pulling (down or hung).",
          unit: "short",
          width: 8,
          queries: [{ expr: top(perConsumer("nats_consumer_waiting_pulls")), legend: CONSUMER }],
        }),
        table({
          title: "Consumers",
          description: "Current state of each consumer, as its leader reports it.",
          unit: "short",
          keys: ["account", "stream", "consumer"],
          columns: [
            { title: "lag", expr: perConsumer("nats_consumer_pending"), unit: "short" },
            { title: "unacknowledged", expr: perConsumer("nats_consumer_ack_pending"), unit: "short" },
            { title: "redelivered", expr: perConsumer("nats_consumer_redelivered"), unit: "short" },
            { title: "waiting pulls", expr: perConsumer("nats_consumer_waiting_pulls"), unit: "short" },
            { title: "deliveries", expr: deliveries, unit: "mps" },
            {
              title: "last delivery",
              expr: `time() - ${perConsumer("nats_consumer_last_delivery_timestamp_seconds")}`,
              unit: "s",
            },
            { title: "paused", expr: perConsumer("nats_consumer_paused"), unit: "bool_yes_no" },
          ],
          sortBy: "lag",
          drillDown: "natscope-streams",
        }),
        timeSeries({
          title: "Metadata thresholds",
          description:
            "Lag and unacknowledged messages as a multiple of the threshold in the consumer's metadata (io.nats.monitor.*). At 1 and above an alert fires.",
          unit: "short",
          width: 12,
          queries: [
            {
              expr: `max by (account, stream, consumer, threshold) (nats_consumer_pending{${CONSUMER_MATCHERS}} / on (job, server, account, stream, consumer) group_right () (nats_consumer_threshold{${CONSUMER_MATCHERS}, threshold="unprocessed-critical"} > 0))`,
              legend: `${CONSUMER} lag`,
            },
            {
              expr: `max by (account, stream, consumer, threshold) (nats_consumer_ack_pending{${CONSUMER_MATCHERS}} / on (job, server, account, stream, consumer) group_right () (nats_consumer_threshold{${CONSUMER_MATCHERS}, threshold="outstanding-ack-critical"} > 0))`,
              legend: `${CONSUMER} unacknowledged`,
            },
          ],
        }),
        timeSeries({
          title: "Ephemeral consumers",
          description: "Number of ephemeral consumers of each stream, and their total lag.",
          unit: "short",
          width: 12,
          queries: [
            { expr: top(perStream("nats_ephemeral_consumers")), legend: "{{stream}} consumers" },
            { expr: top(perStream("nats_ephemeral_consumers_pending")), legend: "{{stream}} lag" },
          ],
        }),
      ],
    },
    {
      title: "Streams",
      panels: [
        timeSeries({
          title: "Messages stored",
          description: "Messages appended to each stream per second, not counting replicas.",
          unit: "mps",
          width: 8,
          queries: [{ expr: top(appended), legend: "{{stream}}" }],
        }),
        timeSeries({
          title: "Stream limits used",
          description:
            "Messages or bytes as a share of the stream's limit. With discard new, publishes fail at 100 %; a stream with discard old may stay there.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [
            {
              expr: top(`${perStream("nats_stream_bytes")} / ${perStream("nats_stream_size_limit_bytes")}`),
              legend: "{{stream}} bytes",
            },
            {
              expr: top(`${perStream("nats_stream_messages")} / ${perStream("nats_stream_messages_limit")}`),
              legend: "{{stream}} messages",
            },
          ],
        }),
        timeSeries({
          title: "Stream size",
          description: "Bytes of one replica of each stream.",
          unit: "bytes",
          width: 8,
          queries: [{ expr: top(perStream("nats_stream_bytes")), legend: "{{stream}}" }],
        }),
        timeSeries({
          title: "Oldest message",
          description: "Age of the oldest message. In a work queue this is how long work waits.",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: top(`time() - ${perStream("nats_stream_oldest_message_timestamp_seconds")}`),
              legend: "{{stream}}",
            },
          ],
        }),
        timeSeries({
          title: "Quorum margin",
          description:
            "Replicas that each stream can lose before it stops. Below 0 it has stopped. A healthy stream with three replicas has 1.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: `bottomk(15, min by (account, stream) (nats_stream_quorum_margin{${STREAM_MATCHERS}}))`,
              legend: "{{stream}}",
            },
          ],
        }),
        timeSeries({
          title: "Mirror and source lag",
          description:
            "Messages that a mirror, or a stream with sources, has not yet copied from its origin.",
          unit: "short",
          width: 8,
          queries: [
            {
              expr: top(`max by (account, stream, origin) (nats_stream_origin_lag{${STREAM_MATCHERS}})`),
              legend: "{{stream}} from {{origin}}",
            },
          ],
        }),
        table({
          title: "Streams",
          description: "Current state of each stream, as its leader reports it.",
          unit: "short",
          keys: ["account", "stream"],
          columns: [
            { title: "messages", expr: perStream("nats_stream_messages"), unit: "short" },
            { title: "bytes", expr: perStream("nats_stream_bytes"), unit: "bytes" },
            { title: "subjects", expr: perStream("nats_stream_subjects"), unit: "short" },
            { title: "consumers", expr: perStream("nats_stream_consumers"), unit: "short" },
            { title: "stored", expr: appended, unit: "mps" },
            {
              title: "replicas",
              expr: `count by (account, stream) (nats_stream_leader{${STREAM_MATCHERS}}) or 0 * ${perStream("nats_stream_messages")} + 1`,
              unit: "short",
            },
          ],
          sortBy: "bytes",
          drillDown: "natscope-streams",
        }),
      ],
    },
  ],
};
