/** How the server is configured, as far as a graph of something else is read against it. */
import { limit, nanoseconds } from "../../collect/conversions.ts";
import { from, type Row } from "../../collect/table.ts";

export const settings: readonly Row<unknown>[] = [
  {
    name: "nats_server_payload_limit_bytes",
    type: "gauge",
    help: "Largest message that a client may publish.",
    ...from("max_payload", limit),
  },
  {
    name: "nats_server_pending_limit_bytes",
    type: "gauge",
    help: "Most bytes that may be queued for one client, which is then closed as a slow consumer.",
    ...from("max_pending", limit),
  },
  {
    name: "nats_server_control_line_limit_bytes",
    type: "gauge",
    help: "Longest protocol line that a client may send.",
    ...from("max_control_line", limit),
  },
  {
    name: "nats_server_ping_interval_seconds",
    type: "gauge",
    help: "How often a PING is sent on a connection; round trip times are as old as that.",
    ...from("ping_interval", nanoseconds),
  },
  {
    name: "nats_server_unanswered_pings_limit",
    type: "gauge",
    help: "Unanswered PINGs after which a connection is closed as stale.",
    ...from("ping_max", limit),
  },
  {
    name: "nats_server_write_deadline_seconds",
    type: "gauge",
    help: "How long a write to a connection may take before it is a slow consumer.",
    ...from("write_deadline", nanoseconds),
  },
  {
    name: "nats_jetstream_sync_interval_seconds",
    type: "gauge",
    help: "How often streams are synced to disk.",
    since: "2.10.0",
    ...from("jetstream.config.sync_interval", nanoseconds),
  },
  {
    name: "nats_jetstream_stream_consumers_default_limit",
    type: "gauge",
    help: "Most consumers of a stream that sets no limit of its own. Absent where unlimited.",
    since: "2.11.0",
    ...from("jetstream.limits.default_max_consumers", limit),
  },
];
