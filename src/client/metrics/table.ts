/**
 * The client's metrics: one row each. The registry's bridge, the reference in the README and the names that
 * dashboards may use come from here.
 */

/** What a metric of the client is. */
export interface ClientMetric {
  /** Full name: base unit at the end, `_total` after it for counters. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** One sentence. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Which boundaries a histogram has: see `Boundaries`. */
  readonly boundaries?: keyof Boundaries;
}

/** Upper bounds of the histograms' buckets, ascending. */
export interface Boundaries {
  /** Seconds. From 50 us: a round trip in one machine takes a tenth of a millisecond. */
  readonly seconds: readonly number[];
  /** Deliveries of one message, the first included. */
  readonly deliveries: readonly number[];
}

/** The semantic conventions advise to begin at 5 ms, where most of what NATS does would be one bucket. */
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
 * All of them. `subject` is never a raw subject: see `subjects/fold.ts`. `outcome` is `ok`, `timeout`,
 * `no_responders` or `error`, of a bucket also `conflict`; `error` is the `error.type` of `failure.ts`.
 */
export const CLIENT_METRICS = {
  published: counter(
    "nats_messages_published_total",
    "Messages given to the client to send: publishes, requests, replies and JetStream publishes.",
    "subject",
  ),
  publishedBytes: counter(
    "nats_published_bytes_total",
    "Payload of the messages given to the client to send, without headers.",
    "subject",
  ),
  publishErrors: counter(
    "nats_publish_errors_total",
    "Messages that the client refused to send, and JetStream publishes that were not acknowledged.",
    "subject",
    "error",
  ),
  received: counter(
    "nats_messages_received_total",
    "Messages handed to the application: to a callback, by an iterator, or from a JetStream consumer.",
    "subject",
  ),
  receivedBytes: counter(
    "nats_received_bytes_total",
    "Payload of the messages handed to the application, without headers.",
    "subject",
  ),
  processing: seconds(
    "nats_message_processing_seconds",
    "Time the application took for a message: until its callback returned or its promise settled, or until its " +
      "loop asked for the next. Above 10,000 messages a second of a subscription one in eight is timed and " +
      "stands for the others.",
    "subject",
  ),
  processingErrors: counter(
    "nats_message_processing_errors_total",
    "Messages whose callback threw or whose promise was rejected. An iterator cannot tell a loop that was left by " +
      "a throw from one that was left by break: such a message is no error here.",
    "subject",
  ),
  subscriptions: gauge(
    "nats_active_subscriptions",
    "Subscriptions, JetStream consumptions and watches of buckets that are open.",
  ),
  pending: gauge(
    "nats_subscription_pending_messages",
    "Messages that the client holds for a subscription and has not handed to the application.",
    "subject",
  ),
  slowConsumers: counter(
    "nats_slow_consumers_total",
    "Times that the client called a subscription slow (a limit given to subscribe, @nats-io clients only).",
    "subject",
  ),
  connected: gauge(
    "nats_connection_status",
    "1 while connected, else 0; of several connections in one registry, 1 if all that are not closed are.",
  ),
  disconnects: counter("nats_disconnects_total", "Times that a connection was lost."),
  reconnects: counter("nats_reconnects_total", "Times that a connection was made again."),
  connectionErrors: counter(
    "nats_connection_errors_total",
    "Errors that a connection reported by itself.",
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
    "Messages given to the client while its connection was lost.",
  ),
  dropped: counter(
    "nats_messages_dropped_total",
    "Messages given to the client while its connection was lost and thrown away by it, at the next attempt to connect or at the close.",
  ),
  roundTrip: gauge(
    "nats_connection_round_trip_seconds",
    "Round trip to the server, measured when scraped; absent while it is not connected.",
  ),
  request: seconds(
    "nats_request_seconds",
    "Time from a request to its reply or failure; of a request for many, until its last reply. A service's " +
      "error reply is an error.",
    "subject",
    "outcome",
  ),
  replies: counter(
    "nats_replies_received_total",
    "Replies to requests, by the request's subject.",
    "subject",
  ),
  requestsInFlight: gauge("nats_requests_in_flight", "Requests that wait for a reply."),
  retries: counter(
    "nats_retries_total",
    "Attempts of publishWithRetry and requestWithRetry after the first.",
    "operation",
    "subject",
  ),
  publishAck: seconds(
    "nats_jetstream_publish_ack_seconds",
    "Time from a JetStream publish to its acknowledgement or failure.",
    "subject",
    "outcome",
  ),
  duplicates: counter(
    "nats_jetstream_duplicates_total",
    "JetStream publishes that the stream had already.",
    "subject",
  ),
  ackLatency: seconds(
    "nats_jetstream_ack_latency_seconds",
    "Time from the delivery of a message to its ack, nak or term.",
    "stream",
    "consumer",
  ),
  acks: counter(
    "nats_jetstream_acks_total",
    "Answers to delivered messages: ack, nak, term, working or next.",
    "stream",
    "consumer",
    "ack",
  ),
  redeliveries: counter(
    "nats_jetstream_redeliveries_total",
    "Messages that were delivered before.",
    "stream",
    "consumer",
  ),
  deliveries: {
    name: "nats_jetstream_delivery_count",
    type: "histogram",
    help: "Which delivery of its message a delivery was: 1 for the first.",
    labels: ["stream", "consumer"],
    boundaries: "deliveries",
  },
  fetch: seconds(
    "nats_jetstream_fetch_seconds",
    "Time that next() took, and that a fetch took until it ended.",
    "stream",
    "consumer",
    "outcome",
  ),
  keyValue: seconds(
    "nats_kv_operation_seconds",
    "Time of an operation on a key-value bucket: of keys and history until the last was handed over, of watch " +
      "until it watches. The outcome `conflict` is another revision than the expected one.",
    "bucket",
    "operation",
    "outcome",
  ),
  keyValueEntries: counter(
    "nats_kv_entries_received_total",
    "Entries and keys handed to the application by watch, history and keys.",
    "bucket",
    "operation",
  ),
  object: seconds(
    "nats_object_operation_seconds",
    "Time of an operation on an object store, until all of the object was sent or read, or its reader gave up. " +
      "The outcome `conflict` is another revision than the expected one.",
    "bucket",
    "operation",
    "outcome",
  ),
  objectBytes: counter(
    "nats_object_bytes_total",
    "Content put into and got out of an object store.",
    "bucket",
    "operation",
  ),
  service: seconds(
    "nats_service_request_seconds",
    "Time that a service's endpoint took for a request, until its handler settled.",
    "service",
    "endpoint",
    "outcome",
  ),
  subjectOverflow: counter(
    "nats_client_label_overflow_total",
    "Lookups of label values beyond the limit, which went into `_other`.",
    "metric",
  ),
  contextNotSent: counter(
    "nats_client_context_not_sent_total",
    "Messages sent without their trace context: headers unsupported, or the message would be too large.",
    "reason",
  ),
  problems: counter(
    "nats_client_instrumentation_problems_total",
    "Failures of natscope's own parts or of a tracer, a registry or a hook; the application never saw them.",
    "part",
  ),
} as const satisfies Record<string, ClientMetric>;

/** Names a metric in code. */
export type ClientMetricKey = keyof typeof CLIENT_METRICS;
