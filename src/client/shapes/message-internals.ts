/**
 * What a delivered message of either generation is inside. Both clients decode a part when somebody asks for it,
 * some of them each time; what has to be known of every message is read here as it came. It is no public
 * interface: what has none of it is asked as an application would.
 */
import type { MessageShape } from "./connection.ts";

/** `MsgImpl`. */
export interface UndecodedShape {
  readonly _msg?: {
    /** Bytes of headers, -1 without any. */
    readonly hdr?: unknown;
    readonly reply?: Uint8Array;
  };
  /** Headers and payload. */
  readonly _rdata?: Uint8Array;
  readonly _headers?: unknown;
}

/** Bytes of the payload; undefined of the empty object that errors come with. */
export function payloadLength(message: Pick<MessageShape, "data"> | undefined): number | undefined {
  const { _msg, _rdata } = (message ?? {}) as UndecodedShape;
  const headers = _msg?.hdr;
  const bytes = _rdata?.length;
  if (typeof headers !== "number" || typeof bytes !== "number") return message?.data?.length;
  return headers > 0 ? bytes - headers : bytes;
}

/** Whether somebody may wait for an answer. */
export function mayBeAnswered(message: object): boolean {
  const { _msg } = message as UndecodedShape;
  return _msg === undefined || (_msg.reply?.length ?? 0) > 0;
}
