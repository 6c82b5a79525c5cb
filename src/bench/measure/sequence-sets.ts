/** Set operations on the sequence numbers in sequence records. */
import { ones, Sequence, type SequenceRecord } from "./sequence.ts";

/** The empty set. */
export const NO_SEQUENCE: SequenceRecord = new Sequence().record(0);

/**
 * Number of sequence numbers that meet a condition on bits, such as `(a, b) => a & ~b`. Numbers in none of the sets
 * never count.
 */
export function countWhere(
  sets: readonly SequenceRecord[],
  condition: (...words: readonly number[]) => number,
): number {
  let count = 0;
  for (const words of wordsOf(sets)) count += ones(condition(...words));
  return count;
}

/** The intersection; empty if there are no sets. */
export function inAll(sets: readonly SequenceRecord[]): SequenceRecord {
  const [first, ...others] = sets;
  if (!first) return NO_SEQUENCE;
  const all = others.map(({ chunks }) => new Map(chunks));
  const chunks = first.chunks.map(([index, chunk]) => {
    const common = chunk.map((word, at) =>
      all.reduce((sum, other) => sum & (other.get(index)?.[at] ?? 0), word),
    );
    return [index, common] as const;
  });
  const set = { ...first, chunks };
  return { ...set, received: countWhere([set], (word) => word) };
}

/** The union. */
export function inAny(sets: readonly SequenceRecord[]): SequenceRecord {
  const all = new Sequence();
  for (const set of sets) all.merge(set);
  return all.record(sets[0]?.publisher ?? 0);
}

/** Number of missing sequence numbers between the lowest and the highest. */
export function gapsOf({ chunks, received }: SequenceRecord): number {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const [index, chunk] of chunks) {
    const first = chunk.findIndex((word) => word !== 0);
    const last = chunk.findLastIndex((word) => word !== 0);
    if (first < 0) continue;
    const base = index * chunk.length;
    const trailing = 31 - Math.clz32((chunk[first] as number) & -(chunk[first] as number));
    lowest = Math.min(lowest, (base + first) * 32 + trailing);
    highest = Math.max(highest, (base + last) * 32 + 31 - Math.clz32(chunk[last] as number));
  }
  return received === 0 ? 0 : highest - lowest + 1 - received;
}

/** The words of all sets at each position. */
function* wordsOf(sets: readonly SequenceRecord[]): Generator<number[]> {
  const all = sets.map(({ chunks }) => new Map(chunks));
  const indexes = new Set(all.flatMap((chunks) => [...chunks.keys()]));
  for (const index of indexes) {
    const chunks = all.map((one) => one.get(index));
    const length = chunks.find((chunk) => chunk !== undefined)?.length ?? 0;
    for (let at = 0; at < length; at++) yield chunks.map((chunk) => chunk?.[at] ?? 0);
  }
}
