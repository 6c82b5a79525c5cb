/** Which failures may pass by themselves, and which will be the same however often one tries. */
import { errorType } from "../errors/failure.ts";

/** Types of `failure.ts` that say nothing against the next attempt. */
const TRANSIENT: ReadonlySet<string> = new Set([
  "timeout",
  "no_responders",
  "disconnected",
  // errors.json of nats-server: while a cluster or a stream has no leader, and right after it has got one.
  "jetstream_10008", // JSClusterNotAvailErr: JetStream system temporarily unavailable
  "jetstream_10009", // JSClusterNotLeaderErr: JetStream cluster can not handle request
  "jetstream_10163", // JSStreamExpectedLastSeqPerSubjectNotReady
]);

/**
 * Whether another attempt may succeed: after a timeout, without responders, when the connection was lost, and
 * while JetStream has no leader. Never after what stays as it is: a wrong subject or argument, a payload too
 * large, a missing permission, a closed or draining connection, any other answer of JetStream's, and an error
 * that is none of NATS's.
 */
export function isTransient(error: unknown): boolean {
  return TRANSIENT.has(errorType(error));
}
