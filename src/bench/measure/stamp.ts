/**
 * The stamp that a message carries: who sent it, which of his it is, when it was meant to be sent and when it
 * was. It is the first bytes of the payload, or a header where the payload is too small or the user's own.
 *
 *     0 magic and version  4 run  6 publisher  8 host  10 sequence (48 bits)  16 intended  24 sent
 *
 * Times are of the host's monotonic clock, so that another process of the host can time the message; the host's
 * number says whether it is one.
 */
import type { Nanos } from "../../time/clock.ts";

/** What a stamp says. */
export interface Stamp {
  /** Which run: of a workload with both ends what another one left behind is not counted. */
  readonly run: number;
  /** Which publisher of the run. */
  readonly publisher: number;
  /** Whose clock the times are of: see `hostNumber`. */
  readonly host: number;
  /** Which message of the publisher, from 0. */
  readonly sequence: number;
  /** Both by the host's clock, in whole nanoseconds. */
  readonly intended: Nanos;
  readonly sent: Nanos;
}

/** Bytes of a stamp; a payload has to be as long to carry it. */
export const STAMP_BYTES = 32;

/** Name of the header that carries a stamp, in base64. */
export const STAMP_HEADER = "Natscope-Stamp";

/** Where a run's stamps travel. A header makes messages larger and slower: the report says which it was. */
export type Carrier = "payload" | "header";

/** "nsc" and a version. */
const MAGIC = 0x6e736302;
/** A sequence has 48 bits: 16 above these. */
const LOW = 2 ** 32;

/** Who writes stamps. */
export interface Stamper {
  /** 16 bits each. */
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

  /** Over the first bytes of a payload, which has at least `STAMP_BYTES`. */
  write(payload: Uint8Array, sequence: number, intended: Nanos, sent: Nanos): void {
    payload.set(this.stamp(sequence, intended, sent));
  }

  /** The stamp itself, until the next one is written. Of the times fractions are rounded. */
  stamp(sequence: number, intended: Nanos, sent: Nanos): Uint8Array {
    this.#view.setUint16(10, sequence / LOW);
    this.#view.setUint32(12, sequence);
    this.#view.setFloat64(16, Math.round(intended));
    this.#view.setFloat64(24, Math.round(sent));
    return this.#bytes;
  }
}

/** Reads the stamp of a message; undefined if it has none. */
export function readStamp(bytes: Uint8Array): Stamp | undefined {
  if (bytes.length < STAMP_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, STAMP_BYTES);
  if (view.getUint32(0) !== MAGIC) return undefined;
  const intended = view.getFloat64(16);
  const sent = view.getFloat64(24);
  // Of what was forged or happens to begin as a stamp does, nothing else is believed either.
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
