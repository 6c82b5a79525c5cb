import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sequence } from "../../../src/bench/measure/sequence.ts";

/** Numbers next to each other, across the borders of words and chunks, and far away. */
const numbers = fc.array(
  fc.oneof(
    fc.nat(100),
    fc.integer({ min: 65_500, max: 65_600 }),
    fc.nat(300_000),
    fc.integer({ min: 2 ** 31 - 5, max: 2 ** 31 + 5 }),
    fc.integer({ min: 2 ** 40, max: 2 ** 40 + 40 }),
  ),
  { maxLength: 200 },
);

const sequenceOf = (given: readonly number[]) => {
  const sequence = new Sequence();
  for (const number of given) sequence.note(number);
  return sequence;
};

describe("a sequence", () => {
  it("has the members, duplicates and order of a plain list", () => {
    fc.assert(
      fc.property(numbers, fc.nat(400_000), (given, count) => {
        const seen = new Set<number>();
        const sequence = new Sequence();
        let outOfOrder = 0;
        for (const number of given) {
          const isNew = !seen.has(number);
          if (isNew && number < Math.max(-1, ...seen)) outOfOrder++;
          expect(sequence.note(number)).toBe(isNew);
          seen.add(number);
        }
        expect(sequence).toMatchObject({
          received: seen.size,
          duplicates: given.length - seen.size,
          outOfOrder,
        });
        const below = [...seen].filter((number) => number < count).length;
        expect(sequence.missing(count)).toBe(count - below);
        for (const number of given) {
          expect(sequence.has(number)).toBe(true);
          expect(sequence.has(number + 1)).toBe(seen.has(number + 1));
        }
      }),
    );
  });

  it("reports no message missing if all arrived", () => {
    for (const count of [0, 1, 31, 32, 33, 65_535, 65_536, 65_537, 200_000]) {
      const sequence = sequenceOf(Array.from({ length: count }, (_, i) => i));
      expect([count, sequence.missing(count), sequence.missing(count + 40)]).toEqual([count, 0, 40]);
    }
  });

  it("merges the records of several receivers, and counts a message at two of them as a duplicate", () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 4 }), (parts) => {
        const merged = new Sequence();
        for (const [i, part] of parts.entries()) merged.merge(structuredClone(sequenceOf(part).record(i)));
        const all = parts.flat();
        const distinct = new Set(all);
        expect(merged).toMatchObject({ received: distinct.size, duplicates: all.length - distinct.size });
        expect(merged.missing(400_000)).toBe(
          400_000 - [...distinct].filter((number) => number < 400_000).length,
        );
        for (const number of distinct) expect(merged.has(number)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("does not change the record that it merges", () => {
    const part = sequenceOf([1, 2]);
    const merged = new Sequence();
    merged.merge(part.record(0));
    merged.note(3);
    expect([part.has(3), part.received]).toEqual([false, 2]);
  });
});
