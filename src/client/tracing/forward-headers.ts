/**
 * Headers of a message that was received, for one that is sent on: without what belongs to that one delivery. A
 * server that traced the first message says so in its headers, and copied on they switch its tracing off, or
 * send the copy nowhere; a copied trace context makes the copy part of its sender's span instead of its
 * forwarder's.
 */
import { copyOfHeaders, type HeadersShape } from "../shapes/headers.ts";

/** In lower case. `Nats-Trace-*` is nats-server's message tracing (server/msgtrace.go). */
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
 * A copy of a message's headers to publish with, of the client's own kind; undefined if nothing is left of them.
 * The message is not changed. Whatever else the headers say (`Nats-Msg-Id` too) is in the copy.
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
