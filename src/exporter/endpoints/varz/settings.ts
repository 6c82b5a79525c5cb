/** Configured limits, to read other metrics against. */
import { limit, nanoseconds } from "../../collect/conversions.ts";
import { from, type Row } from "../../collect/table.ts";

export const settings: readonly Row<unknown>[] = [
  {
    name: "nats_server_payload_limit_bytes",
    type: "gauge",
    help: "Maximum size of a message from a client, in bytes.",
    ...from("max_payload", limit),
  },
  {
    name: "nats_server_pending_limit_bytes",
    type: "gauge",
    help: "Maximum bytes buffered for one client. Beyond it the server closes the connection as a slow consumer.",
    ...from("max_pending", limit),
  },
  {
    name: "nats_server_control_line_limit_bytes",
    type: "gauge",
    help: "Maximum length of a protocol line from a client, in bytes.",
    ...from("max_control_line", limit),
  },
  {
    name: "nats_server_ping_interval_seconds",
    type: "gauge",
    help: "Interval between PINGs on a connection, in seconds. Round-trip times are up to this old.",
    ...from("ping_interval", nanoseconds),
  },
  {
    name: "nats_server_unanswered_pings_limit",
    type: "gauge",
    help: "Unanswered PINGs after which the server closes a connection as stale.",
    ...from("ping_max", limit),
  },
  {
    name: "nats_server_write_deadline_seconds",
    type: "gauge",
    help: "Maximum duration of a write to a connection before it counts as a slow consumer, in seconds.",
    ...from("write_deadline", nanoseconds),
  },
  {
    name: "nats_jetstream_sync_interval_seconds",
    type: "gauge",
    help: "Interval at which streams are synced to disk, in seconds.",
    since: "2.10.0",
    ...from("jetstream.config.sync_interval", nanoseconds),
  },
  {
    name: "nats_jetstream_stream_consumers_default_limit",
    type: "gauge",
    help: "Maximum consumers of a stream without a limit of its own. Absent if unlimited.",
    since: "2.11.0",
    ...from("jetstream.limits.default_max_consumers", limit),
  },
];
