/**
 * Which messages of a publisher arrived: one bit each, so that a lost one is found among a hundred million, and
 * one that comes twice is seen. What several receivers have seen can be put together.
 */

/** Bits of one chunk. */
const CHUNK = 1 << 16;

/** What a receiver knows of one publisher's sequence, in a form that threads can send each other. */
export interface SequenceRecord {
  readonly publisher: number;
  readonly chunks: readonly (readonly [number, Uint32Array])[];
  readonly received: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
}

/** The messages of one publisher that were seen. */
export class Sequence {
  readonly #chunks = new Map<number, Uint32Array>();
  #chunk: Uint32Array | undefined;
  #chunkIndex = -1;
  #highest = -1;
  /** Distinct messages. */
  received = 0;
  /** Messages that had been seen before. */
  duplicates = 0;
  /** Messages, none of them a duplicate, that came after one that was sent later. */
  outOfOrder = 0;

  /** Notes a message; false if it had been noted before. */
  note(sequence: number): boolean {
    const chunk = this.#chunkOf(Math.floor(sequence / CHUNK));
    const within = sequence % CHUNK;
    const bit = 1 << (within & 31);
    const word = chunk[within >>> 5] as number;
    if (word & bit) {
      this.duplicates++;
      return false;
    }
    chunk[within >>> 5] = word | bit;
    this.received++;
    if (sequence < this.#highest) this.outOfOrder++;
    else this.#highest = sequence;
    return true;
  }

  has(sequence: number): boolean {
    const chunk = this.#chunks.get(Math.floor(sequence / CHUNK));
    const within = sequence % CHUNK;
    return chunk !== undefined && ((chunk[within >>> 5] as number) & (1 << (within & 31))) !== 0;
  }

  /** How many of the first `count` messages are missing. */
  missing(count: number): number {
    let seen = 0;
    for (const [index, chunk] of this.#chunks) {
      const bits = Math.min(CHUNK, count - index * CHUNK);
      for (let word = 0; word * 32 < bits; word++) {
        const most = bits - word * 32;
        const value = chunk[word] as number;
        seen += ones(most >= 32 ? value : value & ((1 << most) - 1));
      }
    }
    return count - seen;
  }

  /** Adds what another receiver of the same publisher has seen: of a queue group, each message has one. */
  merge(record: SequenceRecord): void {
    for (const [index, chunk] of record.chunks) {
      const own = this.#chunkOf(index);
      for (let word = 0; word < chunk.length; word++) {
        const both = (own[word] as number) & (chunk[word] as number);
        this.duplicates += ones(both);
        this.received += ones((chunk[word] as number) & ~(own[word] as number));
        own[word] = (own[word] as number) | (chunk[word] as number);
      }
    }
    this.duplicates += record.duplicates;
    this.outOfOrder += record.outOfOrder;
  }

  record(publisher: number): SequenceRecord {
    const { received, duplicates, outOfOrder } = this;
    return { publisher, chunks: [...this.#chunks], received, duplicates, outOfOrder };
  }

  #chunkOf(index: number): Uint32Array {
    if (index === this.#chunkIndex && this.#chunk) return this.#chunk;
    let chunk = this.#chunks.get(index);
    if (!chunk) {
      chunk = new Uint32Array(CHUNK / 32);
      this.#chunks.set(index, chunk);
    }
    this.#chunk = chunk;
    this.#chunkIndex = index;
    return chunk;
  }
}

/** How many bits are set. */
export function ones(word: number): number {
  let value = word >>> 0;
  value -= (value >>> 1) & 0x55555555;
  value = (value & 0x33333333) + ((value >>> 2) & 0x33333333);
  value = (value + (value >>> 4)) & 0x0f0f0f0f;
  return Math.imul(value, 0x01010101) >>> 24;
}
