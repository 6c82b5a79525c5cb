/**
 * How a service reports an error: two headers, defined in NATS ADR-32. Both clients write them, and neither
 * reads them for the requester.
 */
import type { HeadersShape } from "../shapes/headers.ts";

const ERROR_HEADER = "Nats-Service-Error";
const CODE_HEADER = "Nats-Service-Error-Code";

/** Code in the reply of both clients if a handler throws anything but a `ServiceError`. */
const UNEXPECTED = "500";

/** Replaces a code that is not a short word: the service chooses it, and it becomes an attribute. */
const OTHER_CODE = "service_error";

/** The code in the headers of a reply; undefined if the reply reports no error. */
export function serviceErrorCode(headers: HeadersShape | undefined): string | undefined {
  if (!headers) return undefined;
  const [code] = headers.values(CODE_HEADER);
  if (code) return wordOf(code);
  return headers.values(ERROR_HEADER).length > 0 ? OTHER_CODE : undefined;
}

/** The code that a service replies with when its handler throws this. */
export function codeOfThrown(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  const isServiceError = thrown instanceof Error && thrown.constructor.name === "ServiceError";
  return isServiceError ? wordOf(String(code)) : UNEXPECTED;
}

function wordOf(code: string): string {
  return /^[\w-]{1,32}$/.test(code) ? code : OTHER_CODE;
}
