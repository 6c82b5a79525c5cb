/** Why a run cannot begin: a type to tell one reason from another, and a sentence that says what to do about it. */
import { LinkError } from "../driver/driver.ts";

/** Reasons that are found out here; others are a `LinkError`'s. */
export type PrepareErrorType =
  | "no_jetstream"
  | "stream_missing"
  | "stream_exists"
  | "consumer_missing"
  | "consumer_exists"
  | "bucket_missing"
  | "bucket_exists"
  | "keys_missing"
  | "messages_missing"
  | "subject_not_stored"
  | "subject_taken"
  | "no_room"
  | "max_payload_exceeded"
  | "no_headers"
  | "payload_too_small"
  | "interrupted";

/** See the file's comment. Nothing has been sent that counts. */
export class PrepareError extends Error {
  override readonly name = "PrepareError";
  readonly type: PrepareErrorType | (string & {});

  constructor(type: PrepareErrorType | (string & {}), message: string, cause?: unknown) {
    super(message, { cause });
    this.type = type;
  }
}

/** By the server's error code (nats-server's errors.json). */
const TYPES: Readonly<Record<string, PrepareErrorType>> = {
  jetstream_10039: "no_jetstream", // not enabled for the account
  jetstream_10076: "no_jetstream", // not enabled
  jetstream_10035: "no_jetstream", // system temporarily unavailable
  jetstream_10008: "no_jetstream",
  jetstream_10065: "subject_taken",
  jetstream_10023: "no_room",
  jetstream_10028: "no_room",
  jetstream_10047: "no_room",
};

/** @param error a `LinkError`, whose message says what was tried */
export function prepareError(error: unknown): PrepareError {
  if (error instanceof PrepareError) return error;
  const { message } = error as Error;
  if (!(error instanceof LinkError)) return new PrepareError("internal", message, error);
  if (error.type === "no_responders") {
    const why = "no JetStream answers: it is not enabled on the server, or not in this account or domain";
    return new PrepareError("no_jetstream", `${message.split(":")[0]}: ${why}`, error);
  }
  return new PrepareError(TYPES[error.type] ?? error.type, message, error);
}
