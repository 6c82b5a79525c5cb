/**
 * From an error of a NATS client to one lower-case name: `timeout`, `no_responders`, `jetstream_10071`. The names
 * are label values of metrics, `error.type` of spans and keys in result files, so one thing has one name everywhere.
 *
 * Covers `nats` 2.x and the `@nats-io` packages (3.x). Recognises errors by their shape; imports neither client.
 */

/** By `NatsError.code` of `nats` 2.x (`ErrorCode` in its core.ts) or an HTTP-like status of JetStream. */
const BY_CODE: Readonly<Record<string, string>> = {
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
  BAD_PAYLOAD: "invalid_payload",
  BAD_SUBJECT: "invalid_subject",
  CANCELLED: "cancelled",
  CONNECTION_CLOSED: "connection_closed",
  CONNECTION_DRAINING: "connection_draining",
  CONNECTION_REFUSED: "connection_refused",
  CONNECTION_TIMEOUT: "timeout",
  DISCONNECT: "disconnected",
  IDLE_HEARTBEAT: "heartbeats_missed",
  INVALID_OPTION: "invalid_argument",
  INVALID_PAYLOAD: "invalid_payload",
  JESTREAM_INVALID_ACK: "invalid_ack", // the client's own spelling
  MAX_PAYLOAD_EXCEEDED: "max_payload_exceeded",
  NATS_PROTOCOL_ERR: "protocol_error",
  PERMISSIONS_VIOLATION: "permissions_violation",
  SERVER_OPT_NA: "not_offered_by_server", // TLS, headers or no-echo: the error's message names which
  SUB_CLOSED: "subscription_closed",
  SUB_DRAINING: "subscription_draining",
  TIMEOUT: "timeout",
  TLS: "tls",
};

/** By class name in `@nats-io/nats-core` (errors.ts) and `@nats-io/jetstream` (jserrors.ts). */
const BY_CLASS_NAME: Readonly<Record<string, string>> = {
  AuthorizationError: "authorization_violation",
  ClosedConnectionError: "connection_closed",
  ConnectionError: "connection_refused",
  DrainingConnectionError: "connection_draining",
  InvalidArgumentError: "invalid_argument",
  InvalidOperationError: "invalid_operation",
  InvalidSubjectError: "invalid_subject",
  JetStreamNotEnabled: "no_responders",
  NoResponders: "no_responders",
  NoRespondersError: "no_responders",
  PermissionViolationError: "permissions_violation",
  ProtocolError: "protocol_error",
  TimeoutError: "timeout",
  UserAuthenticationExpiredError: "authentication_expired",
};

/** By message of a 3.x `RequestError` without a cause. */
const BY_REQUEST_MESSAGE: Readonly<Record<string, string>> = {
  cancelled: "cancelled",
  "connection closed": "connection_closed",
  "connection disconnected": "disconnected",
};

/** By message of a JetStream error that has neither a code nor a class of its own. */
const BY_JETSTREAM_MESSAGE: Readonly<Record<string, string>> = {
  "consumer missed heartbeats": "heartbeats_missed",
  "heartbeats missed": "heartbeats_missed",
  "invalid ack response": "invalid_ack",
};

/** By `code` of an error of Node.js. */
const BY_SYSTEM_CODE: Readonly<Record<string, string>> = {
  EAI_AGAIN: "host_not_found",
  ECONNREFUSED: "connection_refused",
  ECONNRESET: "disconnected",
  EHOSTUNREACH: "host_unreachable",
  ENETUNREACH: "host_unreachable",
  ENOTFOUND: "host_not_found",
  EPIPE: "disconnected",
  ETIMEDOUT: "timeout",
};

/** Error in a reply of the JetStream API (`ApiError` in nats-server's errors.go). */
export interface ApiError {
  /** HTTP-like status. */
  readonly code?: number;
  /** Number in nats-server's errors.json. */
  readonly err_code?: number;
  readonly description?: string;
}

/** The properties by which an error is recognised. Each may be missing or of another type. */
interface ErrorShape {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  /** The error that a `NatsError` wraps. */
  readonly chainedError?: unknown;
  readonly api_error?: ApiError;
}

/** Name of an error of a NATS client; undefined if the error is not one. Never throws. */
export function natsErrorReason(error: unknown): string | undefined {
  return guarded(error, natsReasonOf);
}

/** Name of an error of the network or of TLS below the client; undefined if the error is not one. Never throws. */
export function networkErrorReason(error: unknown): string | undefined {
  return guarded(error, networkReasonOf);
}

/** Anything may be thrown, also an object whose properties throw when read. */
function guarded(error: unknown, reasonOf: (error: ErrorShape) => string | undefined): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  try {
    return reasonOf(error);
  } catch {
    return undefined;
  }
}

function natsReasonOf(error: ErrorShape): string | undefined {
  const { name, code, message, cause, api_error: api } = error;
  const apiCode = api?.err_code ?? (hasApiErrorCode(error) ? code : undefined);
  if (typeof apiCode === "number" && apiCode > 0) return `jetstream_${apiCode}`;
  // 3.x has no class for it: InvalidArgumentError "payload max_payload size exceeded".
  if (typeof message === "string" && message.includes("max_payload")) return "max_payload_exceeded";
  if (name === "RequestError") {
    if (cause && cause !== error) return natsErrorReason(cause) ?? "request_error";
    return lookUp(BY_REQUEST_MESSAGE, message) ?? "request_error";
  }
  return (
    lookUp(BY_CODE, code ?? api?.code) ?? lookUp(BY_CLASS_NAME, name) ?? lookUp(BY_JETSTREAM_MESSAGE, message)
  );
}

/** 3.x's `JetStreamApiError` and its subclasses have the `err_code` of the reply as `code`. */
function hasApiErrorCode({ name, code }: ErrorShape): boolean {
  return typeof code === "number" && code >= 10_000 && typeof name === "string";
}

function networkReasonOf({ code, message, chainedError }: ErrorShape): string | undefined {
  const reason = lookUp(BY_SYSTEM_CODE, code);
  if (reason !== undefined) return reason;
  const isTls = isCertificateError(String(code)) || (chainedError && String(message).includes("TLS"));
  return isTls ? "tls" : undefined;
}

/** Node.js names certificate errors after OpenSSL's: `DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_TLS_CERT_ALTNAME_INVALID`. */
function isCertificateError(code: string): boolean {
  return /CERT|^ERR_(?:TLS|SSL)|^UNABLE_TO_/.test(code);
}

function lookUp(table: Readonly<Record<string, string>>, key: unknown): string | undefined {
  return Object.hasOwn(table, String(key)) ? table[String(key)] : undefined;
}
