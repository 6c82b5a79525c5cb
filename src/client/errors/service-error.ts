/**
 * How a service says that it failed: ADR-32 has two headers for it, which both generations write and neither
 * reads for the one who asked.
 */
import type { HeadersShape } from "../shapes/headers.ts";

const ERROR_HEADER = "Nats-Service-Error";
const CODE_HEADER = "Nats-Service-Error-Code";

/** What both clients answer with when a handler throws something that is no `ServiceError`. */
const UNEXPECTED = "500";

/** For a code that is no short word: it becomes an attribute, and is another's to choose. */
const OTHER_CODE = "service_error";

/** The code in the headers of a reply, or undefined if they tell of no error. */
export function serviceErrorCode(headers: HeadersShape | undefined): string | undefined {
  if (!headers) return undefined;
  const [code] = headers.values(CODE_HEADER);
  if (code) return wordOf(code);
  return headers.values(ERROR_HEADER).length > 0 ? OTHER_CODE : undefined;
}

/** The code that a service answers with when its handler throws this. */
export function codeOfThrown(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  const isServiceError = thrown instanceof Error && thrown.constructor.name === "ServiceError";
  return isServiceError ? wordOf(String(code)) : UNEXPECTED;
}

function wordOf(code: string): string {
  return /^[\w-]{1,32}$/.test(code) ? code : OTHER_CODE;
}
