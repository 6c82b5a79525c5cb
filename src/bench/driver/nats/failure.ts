/**
 * From an error of the `nats` client to a `LinkError`: a type to count by, a sentence to read. The wing that
 * watches clients has a mapping of its own, of both generations of clients; wings share no code.
 */
import { LinkError } from "../driver.ts";

/** By the code of a `NatsError` (nats-base-client/core.ts) or of node. */
const TYPES: Readonly<Record<string, string>> = {
  "400": "bad_request",
  "404": "not_found",
  "408": "timeout",
  "409": "conflict",
  "503": "no_responders",
  ACCOUNT_EXPIRED: "authentication_expired",
  AUTHENTICATION_EXPIRED: "authentication_expired",
  AUTHENTICATION_TIMEOUT: "authentication_timeout",
  AUTHORIZATION_VIOLATION: "authorization_violation",
  BAD_AUTHENTICATION: "authorization_violation",
  BAD_CREDS: "bad_credentials",
  BAD_HEADER: "invalid_header",
  BAD_SUBJECT: "invalid_subject",
  CANCELLED: "cancelled",
  CONNECTION_CLOSED: "connection_closed",
  CONNECTION_DRAINING: "connection_draining",
  CONNECTION_REFUSED: "connection_refused",
  CONNECTION_TIMEOUT: "timeout",
  DISCONNECT: "disconnected",
  ECONNREFUSED: "connection_refused",
  ECONNRESET: "disconnected",
  EHOSTUNREACH: "host_unreachable",
  ENETUNREACH: "host_unreachable",
  ENOTFOUND: "host_not_found",
  EAI_AGAIN: "host_not_found",
  EPIPE: "disconnected",
  ETIMEDOUT: "timeout",
  IDLE_HEARTBEAT: "heartbeats_missed",
  JESTREAM_INVALID_ACK: "invalid_ack",
  MAX_PAYLOAD_EXCEEDED: "max_payload_exceeded",
  NATS_PROTOCOL_ERR: "protocol_error",
  PERMISSIONS_VIOLATION: "permissions_violation",
  SERVER_OPT_NA: "not_offered_by_server",
  SUB_CLOSED: "subscription_closed",
  SUB_DRAINING: "subscription_draining",
  TIMEOUT: "timeout",
  TLS: "tls",
};

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
  readonly code?: unknown;
  readonly message?: unknown;
  readonly chainedError?: unknown;
  /** A JetStream error, as the server sent it. */
  readonly api_error?: ApiError;
}

/** `ApiError` of nats-server's errors.go. */
export interface ApiError {
  readonly code?: number;
  readonly err_code?: number;
  readonly description?: string;
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
  const { code, message, chainedError, api_error: api } = (error ?? {}) as ErrorShape;
  if (api) return jetStreamType(api);
  const text = String(code);
  if (Object.hasOwn(TYPES, text)) return TYPES[text] as string;
  if (isCertificateError(text) || (chainedError && String(message).includes("TLS"))) return "tls";
  return "error";
}

function jetStreamType({ code, err_code: errorCode }: ApiError): string {
  return errorCode ? `jetstream_${errorCode}` : (TYPES[String(code)] ?? "error");
}

/** Node names them after OpenSSL's: `DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_TLS_CERT_ALTNAME_INVALID`. */
function isCertificateError(code: string): boolean {
  return /CERT|^ERR_(?:TLS|SSL)|^UNABLE_TO_/.test(code);
}
