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
  AUTHENTICATION_EXPIRED: "authentication_expired",
  ACCOUNT_AUTHENTICATION_EXPIRED: "authentication_expired",
  AUTHORIZATION_VIOLATION: "authorization_violation",
  BAD_HEADER: "invalid_header",
  BAD_PAYLOAD: "invalid_payload",
  BAD_SUBJECT: "invalid_subject",
  CONNECTION_CLOSED: "connection_closed",
  CONNECTION_DRAINING: "connection_draining",
  CONNECTION_REFUSED: "connection_refused",
  CONNECTION_TIMEOUT: "timeout",
  INVALID_OPTION: "invalid_argument",
  MAX_PAYLOAD_EXCEEDED: "max_payload_exceeded",
  PERMISSIONS_VIOLATION: "permissions_violation",
  TIMEOUT: "timeout",
};

/** Class names of `@nats-io/nats-core`'s errors.ts and `@nats-io/jetstream`'s jserrors.ts. */
const TYPES_BY_NAME: Readonly<Record<string, string>> = {
  AuthorizationError: "authorization_violation",
  ClosedConnectionError: "connection_closed",
  ConnectionError: "connection_refused",
  DrainingConnectionError: "connection_draining",
  InvalidArgumentError: "invalid_argument",
  InvalidSubjectError: "invalid_subject",
  JetStreamNotEnabled: "no_responders",
  NoResponders: "no_responders",
  NoRespondersError: "no_responders",
  PermissionViolationError: "permissions_violation",
  TimeoutError: "timeout",
  UserAuthenticationExpiredError: "authentication_expired",
};

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
  const { name, code, message, cause, api_error: api } = error as ErrorShape;
  const apiCode = api?.err_code ?? (isJetStreamError(error as ErrorShape) ? code : undefined);
  if (typeof apiCode === "number" && apiCode > 0) return `jetstream_${apiCode}`;
  if (isMaxPayload(message)) return "max_payload_exceeded";
  if (name === "JetStreamStatusError" && code === 503) return "no_responders";
  if (name === "RequestError" && cause) return errorType(cause);
  const byCode = TYPES_BY_CODE[String(code)];
  return byCode ?? TYPES_BY_NAME[String(name)] ?? nameOf(error);
}

/** The outcome of something that failed with this error. */
export function outcomeOf(error: unknown): Exclude<Outcome, "ok"> {
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
  return name && /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : "error";
}
