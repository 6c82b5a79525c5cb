/** From an error of the driver to the reason why a run cannot begin. */
import { LinkError } from "../driver/driver.ts";
import { RunError, type RunErrorType } from "../worker/run-error.ts";

/** By the error code of JetStream (nats-server's errors.json). */
const TYPES: Readonly<Record<string, RunErrorType>> = {
  jetstream_10039: "no_jetstream", // not enabled for the account
  jetstream_10076: "no_jetstream", // not enabled
  jetstream_10035: "no_jetstream", // system temporarily unavailable
  jetstream_10008: "no_jetstream",
  jetstream_10065: "subject_taken",
  jetstream_10023: "no_room",
  jetstream_10028: "no_room",
  jetstream_10047: "no_room",
};

/** @param error a `LinkError`, whose message begins with the attempt */
export function prepareError(error: unknown): RunError {
  if (error instanceof RunError) return error;
  const { message } = error as Error;
  if (!(error instanceof LinkError)) return new RunError("internal", message, error);
  if (error.type === "no_responders") {
    const why = "JetStream does not answer; it is disabled on the server, in this account or in this domain";
    return new RunError("no_jetstream", `${message.split(":")[0]}: ${why}`, error);
  }
  return new RunError(TYPES[error.type] ?? error.type, message, error);
}
