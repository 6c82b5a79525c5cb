/**
 * Headers of a received message for forwarding, without those that belong to the one delivery. Copied along,
 * a server's trace headers would switch its tracing off or misdirect the copy, and a trace context would make
 * the copy part of the sender's span instead of the forwarder's.
 */
import { copyOfHeaders, type HeadersShape } from "../shapes/headers.ts";

/** In lower case. `Nats-Trace-*` belong to the message tracing of nats-server (server/msgtrace.go). */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  "traceparent",
  "tracestate",
  "baggage",
  "nats-trace-dest",
  "nats-trace-hop",
  "nats-trace-only",
  "nats-trace-origin-account",
]);

/**
 * Returns a copy of a message's headers to publish with, of the client's own class; undefined if no headers
 * are left. Trace contexts and server-trace headers are left out; all others are kept, `Nats-Msg-Id` too. The
 * message is not changed.
 *
 *     nc.publish("orders.audited", message.data, { headers: forwardHeaders(message) });
 */
export function forwardHeaders<Headers extends HeadersShape>(message: {
  readonly headers?: Headers | undefined;
}): Headers | undefined {
  const { headers } = message;
  const copy = headers && copyOfHeaders(headers, (key) => !NOT_FORWARDED.has(key.toLowerCase()));
  return copy && copy.keys().length > 0 ? copy : undefined;
}
