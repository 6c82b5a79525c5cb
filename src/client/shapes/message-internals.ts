/**
 * Private members of delivered messages. Both clients decode headers and payload at each access, or at the
 * first; facts needed of every message are read here from the raw bytes. If a message has none of these
 * members, its public ones are used.
 */
import type { MessageShape } from "./connection.ts";

/** `MsgImpl` of either generation. */
export interface UndecodedShape {
  readonly _msg?: {
    /** Length of the headers in bytes; -1 without headers. */
    readonly hdr?: unknown;
    readonly reply?: Uint8Array;
  };
  /** Headers and payload. */
  readonly _rdata?: Uint8Array;
  readonly _headers?: unknown;
}

/** Payload bytes; undefined for the empty object that accompanies an error. */
export function payloadLength(message: Pick<MessageShape, "data"> | undefined): number | undefined {
  const { _msg, _rdata } = (message ?? {}) as UndecodedShape;
  const headers = _msg?.hdr;
  const bytes = _rdata?.length;
  if (typeof headers !== "number" || typeof bytes !== "number") return message?.data?.length;
  return headers > 0 ? bytes - headers : bytes;
}

/** Whether a reply may be expected. */
export function mayBeAnswered(message: object): boolean {
  const { _msg } = message as UndecodedShape;
  return _msg === undefined || (_msg.reply?.length ?? 0) > 0;
}
