/** Failures of a collector. */
import type { MonitoringErrorReason } from "../../../nats/monitoring/errors.ts";
import { ExpectedError } from "../../../text/expected-error.ts";

/** Label `reason` of `natscope_collector_errors_total`. */
export type FailureReason =
  | MonitoringErrorReason
  | "timeout" // no complete reply before the deadline of the scrape
  | "identity" // answered by another server than /varz
  | "internal"; // a defect of natscope

/** An expected failure: counted, logged in one sentence and exposed as `natscope_collector_success 0`. */
export class CollectionFailure extends ExpectedError {
  override readonly name = "CollectionFailure";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
