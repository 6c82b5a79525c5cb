/**
 * Content of payloads. Each message takes the next bytes of a long block, so that messages differ: equal messages
 * compress to almost nothing. Generating bytes for each message would cost time in the measured path.
 */
import { randomOf } from "../scenario/random.ts";

/** A compressor does not find repetitions at this distance: nats-server uses S2 in blocks of 1 MiB. */
const MIN_BYTES = 2 * 2 ** 20;

/** A block of content, shared by the clients of a thread. */
interface Block {
  /** Bytes of the largest message. */
  readonly maxSize: number;
  /** Share of the bytes that are random; the rest is zeros. 0 to 1. */
  readonly randomShare: number;
  readonly seed: number;
}

/** The bytes of one client's messages. */
export class Content {
  readonly #bytes: Buffer;
  #at: number;

  /** @param from start in the block, 0 to 1: clients start at different places, because their messages may be mixed */
  constructor(block: Block, from: number) {
    this.#bytes = bytesOfBlock(block);
    this.#at = Math.floor(from * this.#bytes.length);
  }

  /** Fills a payload of up to `maxSize` bytes. */
  fill(payload: Uint8Array): void {
    if (this.#at + payload.length > this.#bytes.length) this.#at = 0;
    const until = this.#at + payload.length;
    this.#bytes.copy(payload, 0, this.#at, until);
    this.#at = until;
  }
}

/** The last block of this thread: its clients share it. */
let latest: { readonly key: string; readonly bytes: Buffer } | undefined;

function bytesOfBlock(block: Block): Buffer {
  const key = JSON.stringify([block.maxSize, block.randomShare, block.seed]);
  if (latest?.key !== key) latest = { key, bytes: generate(block) };
  return latest.bytes;
}

function generate({ maxSize, randomShare, seed }: Block): Buffer {
  const words = new Uint32Array(Math.ceil(Math.max(maxSize, MIN_BYTES) / Uint32Array.BYTES_PER_ELEMENT));
  const bytes = Buffer.from(words.buffer);
  if (randomShare === 0) return bytes;
  const random = randomOf(seed);
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
  if (randomShare === 1) return bytes;
  // Zeros are spread evenly: a run of zeros would compress separately from the random bytes.
  for (let i = 0; i < bytes.length; i++) {
    const isRandom = Math.floor((i + 1) * randomShare) > Math.floor(i * randomShare);
    if (!isRandom) bytes[i] = 0;
  }
  return bytes;
}
