/**
 * What went wrong, in one word: errors of both generations of clients as the `error.type` of spans and the
 * `error` and `outcome` labels of metrics. Structural: neither client is imported.
 */

/** `ok`, or how a request, a publish or another operation failed. */
export type Outcome = "ok" | "timeout" | "no_responders" | "error";

/** `NatsError.code` of `nats` 2.x (`ErrorCode` in core.ts), where the class says nothing. */
const TYPES_BY_CODE: Readonly<Record<string, string>> = {
  "400": "bad_request",
  "404": "not_found",
  "408": "timeout",
  "409": "conflict",
  "503": "no_responders",
  ACCOUNT_EXPIRED: "authentication_expired",
  AUTHENTICATION_EXPIRED: "authentication_expired",
  AUTHENTICATION_TIMEOUT: "authentication_timeout",
  AUTHORIZATION_VIOLATION: "authorization_violation",
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
  JESTREAM_INVALID_ACK: "invalid_ack",
  MAX_PAYLOAD_EXCEEDED: "max_payload_exceeded",
  NATS_PROTOCOL_ERR: "protocol_error",
  PERMISSIONS_VIOLATION: "permissions_violation",
  SERVER_OPT_NA: "headers_unsupported",
  SUB_CLOSED: "subscription_closed",
  SUB_DRAINING: "subscription_draining",
  TIMEOUT: "timeout",
};

/** Class names of `@nats-io/nats-core`'s errors.ts and `@nats-io/jetstream`'s jserrors.ts. */
const TYPES_BY_NAME: Readonly<Record<string, string>> = {
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

/** v3's `RequestError` where it has no cause: what its message says is all there is. */
const TYPES_BY_REQUEST_MESSAGE: Readonly<Record<string, string>> = {
  cancelled: "cancelled",
  "connection closed": "connection_closed",
  "connection disconnected": "disconnected",
};

/** JetStream's, where there is no class or code of their own. */
const TYPES_BY_JETSTREAM_MESSAGE: Readonly<Record<string, string>> = {
  "consumer missed heartbeats": "heartbeats_missed",
  "heartbeats missed": "heartbeats_missed",
  "invalid ack response": "invalid_ack",
};

/** A reply, or a service's own answer, that says it is an error. Its code is the `error.type` of spans. */
export class ServiceReplyError extends Error {
  /** As the service gave it, often of three digits as in HTTP. */
  readonly type: string;

  constructor(code: string) {
    super(`the service replied with error ${code}`);
    this.name = "ServiceReplyError";
    this.type = code;
  }
}

/** What may be known of an error. */
interface ErrorShape {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly api_error?: { readonly err_code?: unknown };
}

/** Low cardinality, lower case: `timeout`, `no_responders`, `jetstream_10071`, a class's name at the worst. */
export function errorType(error: unknown): string {
  if (typeof error !== "object" || error === null) return "error";
  try {
    return typeOf(error);
  } catch {
    // Whatever was thrown throws when it is looked at.
    return "error";
  }
}

function typeOf(error: object): string {
  if (error instanceof ServiceReplyError) return error.type;
  const { name, code, message, cause, api_error: api } = error as ErrorShape;
  const apiCode = api?.err_code ?? (isJetStreamError(error as ErrorShape) ? code : undefined);
  if (typeof apiCode === "number" && apiCode > 0) return `jetstream_${apiCode}`;
  if (isMaxPayload(message)) return "max_payload_exceeded";
  if (name === "JetStreamStatusError" && code === 503) return "no_responders";
  if (name === "RequestError" && cause && cause !== error) return errorType(cause);
  if (name === "RequestError") return TYPES_BY_REQUEST_MESSAGE[String(message)] ?? "request_error";
  const byCode = TYPES_BY_CODE[String(code)];
  return (
    byCode ?? TYPES_BY_NAME[String(name)] ?? TYPES_BY_JETSTREAM_MESSAGE[String(message)] ?? nameOf(error)
  );
}

/** `ok` without an error, else how it failed. */
export function outcomeOf(error: unknown): Outcome {
  if (error === undefined) return "ok";
  const type = errorType(error);
  return type === "timeout" || type === "no_responders" ? type : "error";
}

/** `JetStreamApiError` and those made of it have the `err_code` of the reply as `code`. */
function isJetStreamError({ name, code }: ErrorShape): boolean {
  return typeof code === "number" && code >= 10_000 && typeof name === "string";
}

/** v3 has no class for it: InvalidArgumentError "payload max_payload size exceeded". */
function isMaxPayload(message: unknown): boolean {
  return typeof message === "string" && message.includes("max_payload");
}

/** Names of classes are few; a name that an application made up may be anything. */
function nameOf(error: object): string {
  const name = error.constructor?.name;
  return name && name !== "Object" && /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : "error";
}
