/** Why a server's answer could not be had or used: the `reason` label of natscope's own error counter. */
export type FailureReason =
  | "timeout" // no whole answer before the deadline of the scrape
  | "connection" // refused, reset, unresolvable, closed half way
  | "tls" // certificate or protocol, either side
  | "status" // an HTTP status that the endpoint does not use
  | "body" // not JSON, or not the JSON of this endpoint
  | "too_large" // more bytes than the limit
  | "identity" // answered by another server than /varz was
  | "internal"; // a fault of natscope's own

/** An expected failure: counted, logged in one sentence, shown as a 0, never a 500. */
export class CollectionFailure extends Error {
  override readonly name = "CollectionFailure";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The server has no such thing, which the request allows for: it answered 404. Not a failure. */
export class EndpointAbsent extends Error {
  override readonly name = "EndpointAbsent";
}
