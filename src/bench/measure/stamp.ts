/**
 * The stamp of a message: its publisher, its sequence number, its intended time and the time when it was sent. It is
 * at the beginning of the payload, or in a header if the payload is too small or a file of the user's.
 *
 *     0 magic and version  4 run  6 publisher  8 host  10 sequence (48 bits)  16 intended  24 sent
 *
 * Times are of the host's monotonic clock, so that any process on the same host can time the message; the number of
 * the host tells whether it is the same.
 */
import type { Nanos } from "../../time/clock.ts";

/** A stamp. */
export interface Stamp {
  /** Number of the run. Runs that also receive ignore messages that another run left behind. */
  readonly run: number;
  /** Number of the publisher within the run. */
  readonly publisher: number;
  /** The host whose clock gave the times: see `hostNumber`. */
  readonly host: number;
  /** Number of the message within the publisher, from 0. */
  readonly sequence: number;
  /** By the clock of the host, in whole nanoseconds. */
  readonly intended: Nanos;
  readonly sent: Nanos;
}

/** Size of a stamp: the minimum size of a payload that carries it. */
export const STAMP_BYTES = 32;

/** Name of the header that carries a stamp in base64. */
export const STAMP_HEADER = "Natscope-Stamp";

/** The part of a message with its stamp. Reports mention a header, because it makes messages larger and slower. */
export type Carrier = "payload" | "header";

/** "nsc" and a version. */
const MAGIC = 0x6e736302;
/** A sequence number has 48 bits: 16 above these. */
const LOW = 2 ** 32;

/** The publisher that writes stamps. */
export interface Stamper {
  /** Numbers of 16 bits each. */
  readonly run: number;
  readonly publisher: number;
  readonly host: number;
}

/** Writes the stamps of one publisher. */
export class StampWriter {
  readonly #bytes = new Uint8Array(STAMP_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor({ run, publisher, host }: Stamper) {
    this.#view.setUint32(0, MAGIC);
    this.#view.setUint16(4, run);
    this.#view.setUint16(6, publisher);
    this.#view.setUint16(8, host);
  }

  /** Overwrites the beginning of a payload of at least `STAMP_BYTES`. */
  write(payload: Uint8Array, sequence: number, intended: Nanos, sent: Nanos): void {
    payload.set(this.stamp(sequence, intended, sent));
  }

  /** A stamp, valid until the next one is written. Times are rounded to whole nanoseconds. */
  stamp(sequence: number, intended: Nanos, sent: Nanos): Uint8Array {
    this.#view.setUint16(10, sequence / LOW);
    this.#view.setUint32(12, sequence);
    this.#view.setFloat64(16, Math.round(intended));
    this.#view.setFloat64(24, Math.round(sent));
    return this.#bytes;
  }
}

/** Reads the stamp of a message; undefined if the message has no stamp. */
export function readStamp(bytes: Uint8Array): Stamp | undefined {
  if (bytes.length < STAMP_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, STAMP_BYTES);
  if (view.getUint32(0) !== MAGIC) return undefined;
  const intended = view.getFloat64(16);
  const sent = view.getFloat64(24);
  // A forged payload, or one that happens to begin with the magic number.
  if (!Number.isInteger(intended) || !Number.isInteger(sent)) return undefined;
  return {
    run: view.getUint16(4),
    publisher: view.getUint16(6),
    host: view.getUint16(8),
    sequence: view.getUint16(10) * LOW + view.getUint32(12),
    intended,
    sent,
  };
}
