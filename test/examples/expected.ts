/**
 * Expected output of each example, and its metrics when it exits: all that are not zero, as `name label label`, without
 * buckets and sums.
 */
import { expect } from "vitest";

/** Expected behaviour of an example. */
export interface Example {
  /** Environment variables. Default: `NATS_URL` with the address of the server. */
  readonly environment?: (url: string) => Record<string, string>;
  /** All lines of its output. */
  readonly output: readonly (string | RegExp)[];
  /** Its metrics when it exits. */
  readonly metrics: Record<string, number>;
}

const some = expect.any(Number) as number;

/** The examples by name, sorted. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  connection: {
    output: [
      /^connected to 127\.0\.0\.1:\d+, nats-server 2\./,
      "largest payload: 1048576 bytes",
      "published 5 bytes to greetings.ada",
      "published 5 bytes to greetings.grace",
      "closed: true",
    ],
    metrics: {
      "nats_messages_published_total greetings.*": 2,
      "nats_published_bytes_total greetings.*": 10,
    },
  },
  environment: {
    environment: (url) => ({ NATS_SERVERS: url, NATS_CONNECT_TIMEOUT: "20s" }),
    output: [
      /^connected to 127\.0\.0\.1:\d+$/,
      "ping: pong",
      /^invalid: NATS_ALLOW_RECONNECT is "maybe": expected /,
      /^invalid: NATS_PING_INTERVAL is "soon": expected /,
    ],
    metrics: {
      "nats_messages_published_total _INBOX": 1,
      "nats_messages_published_total environment.ping": 1,
      "nats_published_bytes_total _INBOX": 4,
      "nats_messages_received_total environment.ping": 1,
      "nats_message_processing_seconds_count environment.ping": 1,
      "nats_replies_received_total environment.ping": 1,
      "nats_request_seconds_count environment.ping ok": 1,
    },
  },
  "jetstream-publish": {
    output: [
      "stored as message 1 of EXAMPLE_INVOICES",
      "stored up to message 4",
      "attempt 1: message 5",
      "attempt 2: message 5, a duplicate",
      "refused: wrong last sequence: 5",
    ],
    metrics: {
      "nats_messages_published_total example.invoices.paid": 5,
      "nats_messages_published_total example.invoices.sent": 2,
      "nats_published_bytes_total example.invoices.paid": 33,
      "nats_published_bytes_total example.invoices.sent": 2,
      "nats_publish_errors_total example.invoices.paid jetstream_10071": 1,
      "nats_jetstream_publish_ack_seconds_count example.invoices.paid ok": 4,
      "nats_jetstream_publish_ack_seconds_count example.invoices.paid error": 1,
      "nats_jetstream_publish_ack_seconds_count example.invoices.sent ok": 2,
      "nats_jetstream_duplicates_total example.invoices.sent": 1,
    },
  },
  "key-value": {
    output: [
      "theme is dark, revision 1",
      "another writer was faster: wrong last sequence: 3",
      "language had revision 2 by PUT",
      "language had revision 3 by PUT",
      "theme: PUT dark",
      "language: PUT de",
      "theme: PUT light",
      "language: DEL ",
      "key: theme",
    ],
    metrics: {
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS put ok": 2,
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS get ok": 1,
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS create ok": 1,
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS update ok": 1,
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS update conflict": 1,
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS history ok": 1,
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS watch ok": 1,
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS delete ok": 1,
      "nats_kv_operation_seconds_count EXAMPLE_SETTINGS keys ok": 1,
      "nats_kv_entries_received_total EXAMPLE_SETTINGS history": 2,
      "nats_kv_entries_received_total EXAMPLE_SETTINGS watch": 4,
      "nats_kv_entries_received_total EXAMPLE_SETTINGS keys": 1,
    },
  },
  monitoring: {
    environment: (url) => ({ NATS_URL: url, METRICS_PORT: "0" }),
    output: [
      /^metrics at http:\/\/localhost:\d+\/metrics$/,
      'nats_messages_published_total{subject="shop.price"} 5',
      'nats_messages_published_total{subject="_INBOX"} 5',
      'nats_messages_published_total{subject="shop.sold"} 5',
      'nats_messages_received_total{subject="shop.price"} 5',
      "nats_active_subscriptions 1",
      "nats_connection_status 1",
      "nats_messages_published_disconnected_total 0",
      "nats_messages_dropped_total 0",
      'nats_request_seconds_count{subject="shop.price",outcome="ok"} 5',
      "shop_sales_total 5",
    ],
    metrics: {
      "nats_messages_published_total _INBOX": 5,
      "nats_messages_published_total shop.price": 5,
      "nats_messages_published_total shop.sold": 5,
      "nats_published_bytes_total _INBOX": 20,
      "nats_published_bytes_total shop.price": 15,
      "nats_published_bytes_total shop.sold": 15,
      "nats_messages_received_total shop.price": 5,
      "nats_received_bytes_total shop.price": 15,
      "nats_message_processing_seconds_count shop.price": 5,
      "nats_replies_received_total shop.price": 5,
      "nats_request_seconds_count shop.price ok": 5,
      shop_sales_total: 5,
    },
  },
  "object-store": {
    output: [
      "greeting.txt: 5 bytes",
      /^large\.bin: 300000 bytes in 3 chunks, SHA-256=/,
      "read: hello",
      "read: 300000 bytes, digest is valid",
      "in the store: greeting.txt",
      "in the store: large.bin",
    ],
    metrics: {
      "nats_object_operation_seconds_count EXAMPLE_FILES put ok": 2,
      "nats_object_operation_seconds_count EXAMPLE_FILES get ok": 2,
      "nats_object_operation_seconds_count EXAMPLE_FILES list ok": 1,
      "nats_object_operation_seconds_count EXAMPLE_FILES delete ok": 1,
      "nats_object_bytes_total EXAMPLE_FILES put": 300_005,
      "nats_object_bytes_total EXAMPLE_FILES get": 300_005,
    },
  },
  "publish-subscribe": {
    output: ["callback: 2:1", "callback: 3:1", "loop: blue"],
    metrics: {
      "nats_messages_published_total news.politics": 1,
      "nats_messages_published_total news.sports": 2,
      "nats_messages_published_total news.weather": 1,
      "nats_published_bytes_total news.politics": 12,
      "nats_published_bytes_total news.sports": 6,
      "nats_published_bytes_total news.weather": 14,
      "nats_messages_received_total news.sports": 2,
      "nats_messages_received_total news.weather": 1,
      "nats_received_bytes_total news.sports": 6,
      "nats_received_bytes_total news.weather": 14,
      "nats_message_processing_seconds_count news.sports": 2,
      "nats_message_processing_seconds_count news.weather": 1,
    },
  },
  "pull-consumer": {
    output: [
      "next: order 1",
      "fetch: order 2",
      "fetch: order 3",
      "consume: order 4",
      "consume: order 5 fails",
      "consume: order 6",
      "consume: order 5",
    ],
    metrics: {
      "nats_messages_published_total example.orders.*": 6,
      "nats_published_bytes_total example.orders.*": 42,
      "nats_messages_received_total example.orders.*": 7,
      "nats_received_bytes_total example.orders.*": 49,
      "nats_message_processing_seconds_count example.orders.*": 6,
      "nats_jetstream_publish_ack_seconds_count example.orders.* ok": 6,
      "nats_jetstream_ack_latency_seconds_count EXAMPLE_ORDERS shipping": 7,
      "nats_jetstream_acks_total EXAMPLE_ORDERS shipping ack": 6,
      "nats_jetstream_acks_total EXAMPLE_ORDERS shipping nak": 1,
      "nats_jetstream_redeliveries_total EXAMPLE_ORDERS shipping": 1,
      "nats_jetstream_delivery_count_count EXAMPLE_ORDERS shipping": 7,
      "nats_jetstream_fetch_seconds_count EXAMPLE_ORDERS shipping ok": 2,
    },
  },
  "push-consumer": {
    output: ["reading 1: 20.5", "reading 2: 20.7", "reading 3: 21.0"],
    metrics: {
      "nats_messages_published_total example.readings.kitchen": 3,
      "nats_published_bytes_total example.readings.kitchen": 12,
      "nats_messages_received_total example.readings.*": 3,
      "nats_received_bytes_total example.readings.*": 12,
      "nats_message_processing_seconds_count example.readings.*": 3,
      "nats_jetstream_publish_ack_seconds_count example.readings.kitchen ok": 3,
      "nats_jetstream_ack_latency_seconds_count EXAMPLE_READINGS display": 3,
      "nats_jetstream_acks_total EXAMPLE_READINGS display ack": 3,
      "nats_jetstream_delivery_count_count EXAMPLE_READINGS display": 3,
    },
  },
  "queue-workers": {
    output: [
      /^\w+ finished \d+ jobs$/,
      /^\w+ finished \d+ jobs$/,
      /^\w+ finished \d+ jobs$/,
      "the auditor saw 12 jobs",
    ],
    metrics: {
      "nats_messages_published_total jobs.resize": 12,
      "nats_published_bytes_total jobs.resize": 111,
      "nats_messages_received_total jobs.>": 12,
      "nats_messages_received_total jobs.resize": 12,
      "nats_received_bytes_total jobs.>": 111,
      "nats_received_bytes_total jobs.resize": 111,
      "nats_message_processing_seconds_count jobs.>": 12,
      "nats_message_processing_seconds_count jobs.resize": 12,
    },
  },
  "request-reply": {
    output: ["7 squared is 49", "squares of 1,2,3,4,5: 1,4,9,16,25", "no responder for math.cube"],
    metrics: {
      "nats_messages_published_total _INBOX": 6,
      "nats_messages_published_total math.cube": 1,
      "nats_messages_published_total math.square": 6,
      "nats_published_bytes_total _INBOX": 9,
      "nats_published_bytes_total math.cube": 1,
      "nats_published_bytes_total math.square": 6,
      "nats_messages_received_total math.square": 6,
      "nats_received_bytes_total math.square": 6,
      "nats_message_processing_seconds_count math.square": 6,
      "nats_replies_received_total math.square": 6,
      "nats_request_seconds_count math.square ok": 6,
      "nats_request_seconds_count math.cube no_responders": 1,
    },
  },
  "resilient-client": {
    output: [
      "no responder yet, trying again",
      "rate: 1.08",
      "payment stored as message 1",
      "audit message published",
      "failed after 1 attempt: MAX_PAYLOAD_EXCEEDED",
      "failed after 3 attempts: 503",
    ],
    metrics: {
      "nats_messages_published_total _INBOX": 1,
      "nats_messages_published_total audit.payment": 1,
      "nats_messages_published_total example.payments.made": 1,
      // The number of attempts is random.
      "nats_messages_published_total rates.eur": some,
      "nats_messages_published_total rates.usd": 3,
      "nats_published_bytes_total _INBOX": 4,
      "nats_published_bytes_total audit.payment": 6,
      "nats_published_bytes_total example.payments.made": 6,
      "nats_publish_errors_total audit.payment max_payload_exceeded": 1,
      "nats_messages_received_total rates.eur": 1,
      "nats_message_processing_seconds_count rates.eur": 1,
      "nats_replies_received_total rates.eur": 1,
      "nats_request_seconds_count rates.eur no_responders": some,
      "nats_request_seconds_count rates.eur ok": 1,
      "nats_request_seconds_count rates.usd no_responders": 3,
      "nats_retries_total request rates.eur": some,
      "nats_retries_total request rates.usd": 2,
      "nats_jetstream_publish_ack_seconds_count example.payments.made ok": 1,
    },
  },
  "stream-setup": {
    output: [
      "EXAMPLE_EVENTS stores example.events.>",
      "mailer reads example.events.signup, 0 pending",
      "keeps at most 1000 messages",
      "found EXAMPLE_EVENTS in the list",
    ],
    // Stream management does not count as traffic.
    metrics: {},
  },
  wildcards: {
    output: ["sensors.*.temperature: 2 messages", "sensors.kitchen.>: 2 messages", "sensors.>: 9 messages"],
    metrics: {
      "nats_messages_published_total sensors.*.battery": 5,
      "nats_messages_published_total sensors.cellar.humidity.relative": 1,
      "nats_messages_published_total sensors.cellar.temperature": 1,
      "nats_messages_published_total sensors.kitchen.humidity.relative": 1,
      "nats_messages_published_total sensors.kitchen.temperature": 1,
      "nats_published_bytes_total sensors.*.battery": 10,
      "nats_published_bytes_total sensors.cellar.humidity.relative": 2,
      "nats_published_bytes_total sensors.cellar.temperature": 2,
      "nats_published_bytes_total sensors.kitchen.humidity.relative": 2,
      "nats_published_bytes_total sensors.kitchen.temperature": 2,
      "nats_messages_received_total sensors.*.temperature": 2,
      "nats_messages_received_total sensors.>": 9,
      "nats_messages_received_total sensors.kitchen.>": 2,
      "nats_received_bytes_total sensors.*.temperature": 4,
      "nats_received_bytes_total sensors.>": 18,
      "nats_received_bytes_total sensors.kitchen.>": 4,
      "nats_message_processing_seconds_count sensors.*.temperature": 2,
      "nats_message_processing_seconds_count sensors.>": 9,
      "nats_message_processing_seconds_count sensors.kitchen.>": 2,
    },
  },
};
