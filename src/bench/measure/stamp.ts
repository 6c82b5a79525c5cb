/**
 * The stamp that a message carries: who sent it, which of his it is, when it was meant to be sent and when it
 * was. It is the first bytes of the payload, or a header where the payload is too small or the user's own.
 */
import type { Nanos } from "../time/clock.ts";

/** What a stamp says. */
export interface Stamp {
  /** Which run: what another one left behind is not counted. */
  readonly run: number;
  /** Which publisher of the run. */
  readonly publisher: number;
  /** Which message of the publisher, from 0. */
  readonly sequence: number;
  readonly intended: Nanos;
  readonly sent: Nanos;
}

/** Bytes of a stamp; a payload has to be as long to carry it. */
export const STAMP_BYTES = 32;

/** Name of the header that carries a stamp, in base64. */
export const STAMP_HEADER = "Natscope-Stamp";

/** Where a run's stamps travel. A header makes messages larger and slower: the report says which it was. */
export type Carrier = "payload" | "header";

const MAGIC = 0x6e73;
const VERSION = 1;

/** Writes the stamps of one publisher. */
export class StampWriter {
  readonly #bytes = new Uint8Array(STAMP_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor(run: number, publisher: number) {
    this.#view.setUint16(0, MAGIC);
    this.#view.setUint16(2, VERSION);
    this.#view.setUint16(4, run);
    this.#view.setUint16(6, publisher);
  }

  /** Over the first bytes of a payload, which has at least `STAMP_BYTES`. */
  write(payload: Uint8Array, sequence: number, intended: Nanos, sent: Nanos): void {
    payload.set(this.stamp(sequence, intended, sent));
  }

  /** The stamp itself, until the next one is written. */
  stamp(sequence: number, intended: Nanos, sent: Nanos): Uint8Array {
    this.#view.setFloat64(8, sequence);
    this.#view.setFloat64(16, intended);
    this.#view.setFloat64(24, sent);
    return this.#bytes;
  }
}

/** Reads the stamp of a message; undefined if it has none, or not this run's. */
export function readStamp(bytes: Uint8Array, run: number): Stamp | undefined {
  if (bytes.length < STAMP_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, STAMP_BYTES);
  if (view.getUint16(0) !== MAGIC || view.getUint16(2) !== VERSION || view.getUint16(4) !== run)
    return undefined;
  const sequence = view.getFloat64(8);
  // Of what was cut or forged nothing else is believed either.
  if (!Number.isSafeInteger(sequence) || sequence < 0) return undefined;
  return {
    run,
    publisher: view.getUint16(6),
    sequence,
    intended: view.getFloat64(16),
    sent: view.getFloat64(24),
  };
}
