/**
 * Names of failures for the `error.type` of spans and for the `error` and `outcome` labels of metrics. The
 * reasons of the clients' own errors are in `nats/client-error.ts`.
 */
import { natsErrorReason } from "../../nats/client-error.ts";

/** Result of a request, a publish or another operation. */
export type Outcome = "ok" | "timeout" | "no_responders" | "error";

/** A reply with which a service reports an error. Its code is the `error.type` of spans. */
export class ServiceReplyError extends Error {
  /** The service's own code, often of three digits as in HTTP. */
  readonly type: string;

  constructor(code: string) {
    super(`the service replied with error ${code}`);
    this.name = "ServiceReplyError";
    this.type = code;
  }
}

/**
 * Name of a failure, of low cardinality: `timeout`, `no_responders`, `jetstream_10071`. The class name if the error
 * does not come from a NATS client, `error` if there is no usable class name. Never throws.
 */
export function errorType(error: unknown): string {
  try {
    if (error instanceof ServiceReplyError) return error.type;
    return natsErrorReason(error) ?? className(error);
  } catch {
    return "error"; // Reading the thrown object throws.
  }
}

/** `ok` without an error, else how the operation failed. */
export function outcomeOf(error: unknown): Outcome {
  if (error === undefined) return "ok";
  const type = errorType(error);
  return type === "timeout" || type === "no_responders" ? type : "error";
}

/** A program has few classes of errors. `Error.name`, in contrast, may be any text. */
function className(error: unknown): string {
  if (typeof error !== "object" || error === null) return "error";
  const name = error.constructor?.name;
  return name && name !== "Object" && /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : "error";
}
