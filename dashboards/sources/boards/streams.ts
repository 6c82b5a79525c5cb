/** Streams and consumers: who is behind and does not catch up, what is delivered again, what will be full. */
import { CONSUMER_MATCHERS, perConsumer, perStream, STREAM_MATCHERS, top } from "../expressions.ts";
import { type Dashboard, table, timeSeries } from "../grafana/dashboard.ts";
import { ASSETS } from "./variables.ts";

const CONSUMER = "{{stream}} / {{consumer}}";
const deliveries = `sum by (account, stream, consumer) (rate(nats_consumer_deliveries_total{${CONSUMER_MATCHERS}}[$__rate_interval]))`;
const appended = `sum by (account, stream) (rate(nats_stream_appended_messages_total{${STREAM_MATCHERS}}[$__rate_interval]))`;

export const streams: Dashboard = {
  name: "streams",
  title: "Streams and consumers",
  description:
    "Lag that grows, consumers that stand still, messages delivered again, streams that fill. Every value is said by the leader, and once.",
  variables: ASSETS,
  rows: [
    {
      title: "Consumers",
      panels: [
        timeSeries({
          title: "Lag",
          description: "Messages that a consumer has yet to get. What matters is whether it grows.",
          unit: "short",
          width: 8,
          queries: [{ expr: top(perConsumer("nats_consumer_pending")), legend: CONSUMER }],
        }),
        timeSeries({
          title: "Lag grows by",
          description:
            "Messages a second, over five minutes; below 0 the consumer catches up. Those that fall behind fastest.",
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
            "Lag by the rate of deliveries: how long it would take at this pace if nothing new came. Absent where nothing is delivered.",
          unit: "s",
          width: 8,
          queries: [
            { expr: top(`${perConsumer("nats_consumer_pending")} / (${deliveries} > 0)`), legend: CONSUMER },
          ],
        }),
        timeSeries({
          title: "Deliveries",
          description: "Messages delivered in a second, again or for the first time.",
          unit: "mps",
          width: 8,
          queries: [{ expr: top(deliveries), legend: CONSUMER }],
        }),
        timeSeries({
          title: "Unacknowledged by the most allowed",
          description:
            "At 100 % the server delivers nothing more until something is acknowledged. A consumer that stays there has stuck workers, or too few.",
          unit: "percentunit",
          max: 1,
          width: 8,
          queries: [{ expr: top(perConsumer("nats_consumer_ack_pending_ratio")), legend: CONSUMER }],
        }),
        timeSeries({
          title: "Redelivered and not acknowledged",
          description:
            "Messages that were delivered more than once and are still not acknowledged: workers that fail, or take longer than the ack wait.",
          unit: "short",
          width: 8,
          queries: [{ expr: top(perConsumer("nats_consumer_redelivered")), legend: CONSUMER }],
        }),
        timeSeries({
          title: "Since the last delivery",
          description: "Of consumers that have messages waiting. One that only rises gets nothing.",
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
          title: "Since the last acknowledgement",
          description:
            "Of consumers that have unacknowledged messages. One that only rises has workers that hang.",
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
          description: "Pull requests that wait for messages: 0 with lag means that nobody asks.",
          unit: "short",
          width: 8,
          queries: [{ expr: top(perConsumer("nats_consumer_waiting_pulls")), legend: CONSUMER }],
        }),
        table({
          title: "Consumers",
          description: "Each consumer as its leader knows it now.",
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
          title: "Beside the teams' own thresholds",
          description:
            "Lag and unacknowledged messages as a multiple of the threshold in the consumer's metadata (io.nats.monitor.*): from 1 on an alert fires.",
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
          description:
            "Consumers that live as long as their client, by stream, counted together; and their lag.",
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
          description: "Messages appended to each stream in a second, counted once whatever the replicas.",
          unit: "mps",
          width: 8,
          queries: [{ expr: top(appended), legend: "{{stream}}" }],
        }),
        timeSeries({
          title: "Full",
          description:
            "Messages or bytes as a share of the stream's own limit, whichever is nearer. With discard new, publishes fail at 100 %; a stream that discards old messages may stay there.",
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
          title: "Bytes",
          description: "Bytes of one replica.",
          unit: "bytes",
          width: 8,
          queries: [{ expr: top(perStream("nats_stream_bytes")), legend: "{{stream}}" }],
        }),
        timeSeries({
          title: "Oldest message",
          description: "Age of the oldest message. In a work queue it is how long work waits.",
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
          title: "Replicas that may be lost",
          description:
            "Before the stream stops; below 0 it has. A stream of three replicas has 1 while all are well.",
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
          title: "Mirrors and sources behind",
          description: "Messages that a mirror, or a stream with sources, has yet to copy from its origin.",
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
          description: "Each stream as its leader knows it now.",
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
