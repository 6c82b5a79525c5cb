/** From an error of the `nats` client to a `LinkError`: a type to count by, and a sentence for the user. */
import { type ApiError, natsErrorReason, networkErrorReason } from "../../../nats/client-error.ts";
import { LinkError } from "../driver.ts";

/** Sentences for types whose message in the client is a code. The messages of other errors are sentences already. */
const SENTENCES: Readonly<Record<string, string>> = {
  cancelled: "it was cancelled",
  connection_closed: "the connection is closed",
  connection_draining: "the connection is being closed",
  connection_refused: "connection refused",
  disconnected: "the connection was lost",
  invalid_subject: "the subject is not valid",
  max_payload_exceeded: "it is larger than the server's max_payload",
  no_responders: "no responders",
  timeout: "no answer in time",
};

/** @param attempt what was tried: `publish to "orders"` */
export function linkError(error: unknown, attempt: string): LinkError {
  if (error instanceof LinkError) return error;
  const type = typeOf(error);
  return new LinkError(type, `${attempt}: ${reasonOf(error, type)}`, error);
}

/** For an error that the server put into a JetStream answer. */
export function apiError(error: ApiError, attempt: string): LinkError {
  return linkError(Object.assign(new Error(error.description), { api_error: error }), attempt);
}

/** Why, as the end of a sentence. */
export function reasonOf(error: unknown, type = typeOf(error)): string {
  const { message, api_error: api } = (error ?? {}) as {
    readonly message?: unknown;
    readonly api_error?: ApiError;
  };
  // The server puts its own words in quotes.
  return SENTENCES[type] ?? String(api?.description || message || type).replace(/^'(.*)'$/s, "$1");
}

function typeOf(error: unknown): string {
  return natsErrorReason(error) ?? networkErrorReason(error) ?? "error";
}
