/**
 * The client's metrics, one row each. The registered metrics, docs/client-metrics.md and the check of the
 * dashboards' queries are derived from this table.
 */

/** A metric of the client. */
export interface ClientMetric {
  /** Full name, with the base unit at the end, and `_total` after it for counters. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** A noun phrase with its unit, then a sentence about absence if it can be absent. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Boundaries of a histogram. */
  readonly boundaries?: keyof Boundaries;
}

/** Upper bounds of the histograms' buckets, ascending. */
export interface Boundaries {
  /** Durations in seconds. The default starts at 50 µs: a round trip on one machine takes 100 µs. */
  readonly seconds: readonly number[];
  /** Deliveries of one message, including the first. */
  readonly deliveries: readonly number[];
}

/** Default boundaries. OpenTelemetry's conventions start at 5 ms, where most NATS operations share one bucket. */
export const DEFAULT_BOUNDARIES: Boundaries = {
  seconds: [
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ],
  deliveries: [1, 2, 3, 5, 10, 20, 50, 100],
};

const counter = (name: string, help: string, ...labels: string[]) =>
  ({ name, type: "counter", help, labels }) as const;
const gauge = (name: string, help: string, ...labels: string[]) =>
  ({ name, type: "gauge", help, labels }) as const;
const seconds = (name: string, help: string, ...labels: string[]) =>
  ({ name, type: "histogram", help, labels, boundaries: "seconds" }) as const;

/**
 * All metrics. The label `subject` is never a raw subject (`labels/subject-folding.ts`). `outcome` is `ok`,
 * `timeout`, `no_responders` or `error`, for buckets also `conflict`. `error` is an error type
 * (`errors/failure.ts`).
 */
export const CLIENT_METRICS = {
  published: counter(
    "nats_messages_published_total",
    "Messages passed to the client for sending: publishes, requests, replies and JetStream publishes.",
    "subject",
  ),
  publishedBytes: counter(
    "nats_published_bytes_total",
    "Payload bytes of the messages passed to the client for sending, without headers.",
    "subject",
  ),
  publishErrors: counter(
    "nats_publish_errors_total",
    "Messages that the client refused to send, and JetStream publishes without an acknowledgement.",
    "subject",
    "error",
  ),
  received: counter(
    "nats_messages_received_total",
    "Messages delivered to the application, by a callback, an iterator or a JetStream consumer.",
    "subject",
  ),
  receivedBytes: counter(
    "nats_received_bytes_total",
    "Payload bytes of the messages delivered to the application, without headers.",
    "subject",
  ),
  processing: seconds(
    "nats_message_processing_seconds",
    "Processing time of a message in the application, in seconds: until its callback returned, its promise settled, or its loop requested the next message. Above 10,000 messages per second on a subscription, one message in eight is timed and counts for eight.",
    "subject",
  ),
  processingErrors: counter(
    "nats_message_processing_errors_total",
    "Messages whose callback threw or whose promise was rejected. A loop that ends with an exception is not included, because an iterator cannot tell it from break.",
    "subject",
  ),
  subscriptions: gauge(
    "nats_active_subscriptions",
    "Open subscriptions, JetStream consumers and bucket watches.",
  ),
  pending: gauge(
    "nats_subscription_pending_messages",
    "Messages that the client holds for a subscription and has not delivered to the application.",
    "subject",
  ),
  slowConsumers: counter(
    "nats_slow_consumers_total",
    "Slow-consumer events of subscriptions with the option slow. Absent for nats 2.x, which has no such option.",
    "subject",
  ),
  connected: gauge(
    "nats_connection_status",
    "Whether the connection is up (1) or not (0). If several connections share a registry, 1 if all that are not closed are up.",
  ),
  disconnects: counter("nats_disconnects_total", "Losses of a connection."),
  reconnects: counter("nats_reconnects_total", "Reconnects after the loss of a connection."),
  connectionErrors: counter(
    "nats_connection_errors_total",
    "Asynchronous errors of a connection, such as permission violations.",
    "error",
  ),
  permissionViolations: counter(
    "nats_permission_violations_total",
    "Publishes and subscriptions that the server denied.",
    "operation",
    "subject",
  ),
  publishedDisconnected: counter(
    "nats_messages_published_disconnected_total",
    "Messages passed to the client while its connection was down.",
  ),
  dropped: counter(
    "nats_messages_dropped_total",
    "Messages passed to the client while its connection was down and dropped by it, at the next attempt to connect or at the close.",
  ),
  roundTrip: gauge(
    "nats_connection_round_trip_seconds",
    "Round-trip time to the server, in seconds, measured at the scrape. Absent if the connection is down or the server did not answer within 0.25 s.",
  ),
  request: seconds(
    "nats_request_seconds",
    "Response time of a request, in seconds, until its reply or failure; for requestMany, until the last reply. An error reply of a service has the outcome error.",
    "subject",
    "outcome",
  ),
  replies: counter(
    "nats_replies_received_total",
    "Replies to requests, by the subject of the request.",
    "subject",
  ),
  requestsInFlight: gauge("nats_requests_in_flight", "Requests in flight."),
  retries: counter(
    "nats_retries_total",
    "Attempts of publishWithRetry and requestWithRetry after the first.",
    "operation",
    "subject",
  ),
  publishAck: seconds(
    "nats_jetstream_publish_ack_seconds",
    "Time from a JetStream publish to its acknowledgement or failure, in seconds.",
    "subject",
    "outcome",
  ),
  duplicates: counter(
    "nats_jetstream_duplicates_total",
    "JetStream publishes that the stream acknowledged as duplicates.",
    "subject",
  ),
  ackLatency: seconds(
    "nats_jetstream_ack_latency_seconds",
    "Time from the delivery of a message to its ack, nak or term, in seconds.",
    "stream",
    "consumer",
  ),
  acks: counter(
    "nats_jetstream_acks_total",
    "Acknowledgements of delivered messages, by kind: ack, nak, term, working or next.",
    "stream",
    "consumer",
    "ack",
  ),
  redeliveries: counter(
    "nats_jetstream_redeliveries_total",
    "Deliveries of messages that had been delivered before.",
    "stream",
    "consumer",
  ),
  deliveries: {
    name: "nats_jetstream_delivery_count",
    type: "histogram",
    help: "Deliveries of a message so far, observed at each delivery: 1 for the first.",
    labels: ["stream", "consumer"],
    boundaries: "deliveries",
  },
  fetch: seconds(
    "nats_jetstream_fetch_seconds",
    "Duration of next(), and of a fetch until its end, in seconds.",
    "stream",
    "consumer",
    "outcome",
  ),
  keyValue: seconds(
    "nats_kv_operation_seconds",
    "Duration of an operation on a key-value bucket, in seconds: keys and history until the last entry, watch until it is established. The outcome conflict is a revision other than the expected one.",
    "bucket",
    "operation",
    "outcome",
  ),
  keyValueEntries: counter(
    "nats_kv_entries_received_total",
    "Entries and keys delivered to the application by watch, history and keys.",
    "bucket",
    "operation",
  ),
  object: seconds(
    "nats_object_operation_seconds",
    "Duration of an operation on an object store, in seconds, until the whole object was sent or read, or its reader stopped. The outcome conflict is a revision other than the expected one.",
    "bucket",
    "operation",
    "outcome",
  ),
  objectBytes: counter(
    "nats_object_bytes_total",
    "Bytes of content written to and read from an object store.",
    "bucket",
    "operation",
  ),
  service: seconds(
    "nats_service_request_seconds",
    "Duration of a request in an endpoint of a service, in seconds, until its handler settled.",
    "service",
    "endpoint",
    "outcome",
  ),
  subjectOverflow: counter(
    "nats_client_label_overflow_total",
    "Label lookups above the limit, counted under the label _other.",
    "metric",
  ),
  contextNotSent: counter(
    "nats_client_context_not_sent_total",
    "Messages sent without their trace context, because the server does not support headers or the message would have been too large.",
    "reason",
  ),
  problems: counter(
    "nats_client_instrumentation_problems_total",
    "Failures of the instrumentation, of a tracer, a registry or a hook. None of them reached the application.",
    "part",
  ),
} as const satisfies Record<string, ClientMetric>;

/** Name of a metric in code. */
export type ClientMetricKey = keyof typeof CLIENT_METRICS;
