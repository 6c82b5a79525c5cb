/** Failures of a request to a monitoring port. */
import { ExpectedError } from "../../text/expected-error.ts";

export type MonitoringErrorReason =
  | "connection" // refused, reset, not resolvable, closed before the reply was complete
  | "tls" // certificate or protocol, on either side
  | "status" // an HTTP status that the caller does not accept
  | "body" // the reply is not JSON
  | "too_large"; // the reply has more bytes than the caller accepts

/** A request that failed. The message names path, server and cause. */
export class MonitoringError extends ExpectedError {
  override readonly name = "MonitoringError";
  readonly reason: MonitoringErrorReason;

  constructor(reason: MonitoringErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The server answered 404 to a request that allows for it: its release does not have the endpoint. */
export class EndpointAbsent extends ExpectedError {
  override readonly name = "EndpointAbsent";
}
