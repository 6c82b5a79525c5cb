/** Failures that may pass by themselves, as opposed to those that every attempt would meet. */
import { errorType } from "../errors/failure.ts";

/** Error types after which another attempt may succeed. */
const TRANSIENT: ReadonlySet<string> = new Set([
  "timeout",
  "no_responders",
  "disconnected",
  // From errors.json of nats-server: a cluster or a stream has no leader, or a new one.
  "jetstream_10008", // JSClusterNotAvailErr: JetStream system temporarily unavailable
  "jetstream_10009", // JSClusterNotLeaderErr: JetStream cluster can not handle request
  "jetstream_10163", // JSStreamExpectedLastSeqPerSubjectNotReady
]);

/**
 * Whether another attempt may succeed: after a timeout, without responders, when the connection was lost, and
 * while JetStream has no leader. False for permanent failures: an invalid subject or argument, a payload that
 * is too large, a missing permission, a closed or draining connection, any other JetStream error, and errors
 * that do not come from NATS.
 */
export function isTransient(error: unknown): boolean {
  return TRANSIENT.has(errorType(error));
}
