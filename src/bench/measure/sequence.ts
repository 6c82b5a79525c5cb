/**
 * The messages of one publisher that arrived, one bit for each sequence number: finds one lost message among a
 * hundred million, and every duplicate. The records of several receivers can be merged.
 */

/** Bits per chunk. */
const CHUNK = 1 << 16;

/** The messages of one publisher at one receiver, in a form that can be sent between threads. */
export interface SequenceRecord {
  readonly publisher: number;
  readonly chunks: readonly (readonly [number, Uint32Array])[];
  readonly received: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
}

/** The messages of one publisher at one receiver. */
export class Sequence {
  readonly #chunks = new Map<number, Uint32Array>();
  #chunk: Uint32Array | undefined;
  #chunkIndex = -1;
  #highest = -1;
  /** Number of distinct messages. */
  received = 0;
  /** Number of messages that had arrived before. */
  duplicates = 0;
  /** Number of messages, without duplicates, that arrived after one with a higher sequence number. */
  outOfOrder = 0;

  /** Adds a message; returns false if it is a duplicate. */
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

  /** Number of the first `count` messages that are missing. */
  missing(count: number): number {
    let seen = 0;
    for (const [index, chunk] of this.#chunks) {
      const bits = Math.min(CHUNK, count - index * CHUNK);
      for (let word = 0; word * 32 < bits; word++) {
        const rest = bits - word * 32;
        const value = chunk[word] as number;
        seen += ones(rest >= 32 ? value : value & ((1 << rest) - 1));
      }
    }
    return count - seen;
  }

  /** Adds the record of another receiver. In a queue group each message arrives at one of them. */
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

/** Number of set bits. */
export function ones(word: number): number {
  let value = word >>> 0;
  value -= (value >>> 1) & 0x55555555;
  value = (value & 0x33333333) + ((value >>> 2) & 0x33333333);
  value = (value + (value >>> 4)) & 0x0f0f0f0f;
  return Math.imul(value, 0x01010101) >>> 24;
}
