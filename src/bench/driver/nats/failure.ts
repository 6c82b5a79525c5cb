/** From an error of the `nats` client to a `LinkError`: a type to count by and a sentence for the user. */
import { type ApiError, natsErrorReason, networkErrorReason } from "../../../nats/client-error.ts";
import { LinkError } from "../driver.ts";

/** Where the client's own message is a code. Of others it is a sentence already. */
const REASONS: Readonly<Record<string, string>> = {
  cancelled: "it was cancelled",
  connection_closed: "the connection is closed",
  connection_draining: "the connection is being closed",
  connection_refused: "nobody listens there",
  disconnected: "the connection was lost",
  invalid_subject: "the subject is not valid",
  max_payload_exceeded: "it is larger than the server's max_payload",
  no_responders: "nobody responds",
  timeout: "no answer in time",
};

/** What may be known of an error. */
interface ErrorShape {
  readonly message?: unknown;
  /** A JetStream error, as the server sent it. */
  readonly api_error?: ApiError;
}

/** @param attempt what was tried: `publish to "orders"` */
export function linkError(error: unknown, attempt: string): LinkError {
  if (error instanceof LinkError) return error;
  const type = typeOf(error);
  return new LinkError(type, `${attempt}: ${reasonOf(error, type)}`, error);
}

/** Of an error that the server put into a JetStream answer. */
export function apiError(error: ApiError, attempt: string): LinkError {
  return linkError(Object.assign(new Error(error.description), { api_error: error }), attempt);
}

/** In words, without a type. */
export function reasonOf(error: unknown, type = typeOf(error)): string {
  const { message, api_error: api } = (error ?? {}) as ErrorShape;
  // The server puts its own words in quotes.
  return REASONS[type] ?? String(api?.description || message || type).replace(/^'(.*)'$/s, "$1");
}

function typeOf(error: unknown): string {
  return natsErrorReason(error) ?? networkErrorReason(error) ?? "error";
}
