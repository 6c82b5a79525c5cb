/**
 * What payloads are filled with. Each message takes the next bytes of a long piece, so that none is like the one
 * before: messages that are all the same compress to nothing, whatever they hold. Making bytes for each message
 * would be in the timed path.
 */
import { randomOf } from "../scenario/random.ts";

/**
 * What comes again after more than this is not found again: nats-server compresses streams and routes by S2, in
 * blocks of 1 MiB.
 */
const LEAST_BYTES = 2 * 2 ** 20;

/** What the pieces of all clients of a thread have in common. */
export interface Piece {
  /** Bytes of the largest message. */
  readonly most: number;
  /** Share of the bytes that are random; the rest is zeros. 0 to 1. */
  readonly randomShare: number;
  readonly seed: number;
}

/** The bytes of one client's messages. */
export class Content {
  readonly #bytes: Buffer;
  #at: number;

  /** @param from where in the piece it begins, 0 to 1: clients whose messages are mixed begin in other places */
  constructor(piece: Piece, from: number) {
    this.#bytes = pieceOf(piece);
    this.#at = Math.floor(from * this.#bytes.length);
  }

  /** Fills a payload that is not larger than the largest. */
  fill(payload: Uint8Array): void {
    if (this.#at + payload.length > this.#bytes.length) this.#at = 0;
    const until = this.#at + payload.length;
    this.#bytes.copy(payload, 0, this.#at, until);
    this.#at = until;
  }
}

/** Of this thread: clients share it. */
let latest: { readonly key: string; readonly bytes: Buffer } | undefined;

function pieceOf(piece: Piece): Buffer {
  const key = JSON.stringify([piece.most, piece.randomShare, piece.seed]);
  if (latest?.key !== key) latest = { key, bytes: bytesOf(piece) };
  return latest.bytes;
}

function bytesOf({ most, randomShare, seed }: Piece): Buffer {
  const words = new Uint32Array(Math.ceil(Math.max(most, LEAST_BYTES) / Uint32Array.BYTES_PER_ELEMENT));
  const bytes = Buffer.from(words.buffer);
  if (randomShare === 0) return bytes;
  const random = randomOf(seed);
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
  if (randomShare === 1) return bytes;
  // Spread evenly: a block of random bytes and a block of zeros would compress as two.
  for (let i = 0; i < bytes.length; i++) {
    const isRandom = Math.floor((i + 1) * randomShare) > Math.floor(i * randomShare);
    if (!isRandom) bytes[i] = 0;
  }
  return bytes;
}
