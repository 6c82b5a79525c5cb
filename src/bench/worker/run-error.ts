/** Why a run cannot begin or go on. */
import { ExpectedError } from "../../text/expected-error.ts";

/** Reasons that natscope finds itself. Others are the type of a `LinkError`. */
export type RunErrorType =
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
  | "interrupted"
  | "internal";

/** An error that ends a run, or keeps it from beginning. The message names the remedy if there is one. */
export class RunError extends ExpectedError {
  override readonly name = "RunError";
  readonly type: RunErrorType | (string & {});

  constructor(type: RunErrorType | (string & {}), message: string, cause?: unknown) {
    super(message, { cause });
    this.type = type;
  }
}
