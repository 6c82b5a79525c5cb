import fc from "fast-check";
import { expect, it } from "vitest";
import { Sequence, type SequenceRecord } from "../../../src/bench/measure/sequence.ts";
import { countWhere, gapsOf, inAll, inAny } from "../../../src/bench/measure/sequence-sets.ts";

/** Numbers around the borders of words and chunks. */
const number = fc.oneof(fc.nat(70), fc.integer({ min: 65_500, max: 65_600 }), fc.constant(2 ** 40));
const numbers = fc.uniqueArray(number, { maxLength: 60 });

function recordOf(all: readonly number[]): SequenceRecord {
  const sequence = new Sequence();
  for (const one of all) sequence.note(one);
  return sequence.record(0);
}

it("counts members of differences and intersections as Set does", () => {
  fc.assert(
    fc.property(numbers, numbers, numbers, (a, b, c) => {
      const sets = [a, b, c].map(recordOf);
      const isIn = [a, b, c].map((all) => new Set(all));
      const expected = a.filter((one) => !isIn[1]?.has(one) && !isIn[2]?.has(one));
      expect(countWhere(sets, (x, y, z) => (x as number) & ~(y as number) & ~(z as number))).toBe(
        expected.length,
      );
      const common = a.filter((one) => isIn[1]?.has(one) && isIn[2]?.has(one));
      expect(inAll(sets).received).toBe(common.length);
      expect(inAny(sets).received).toBe(new Set([...a, ...b, ...c]).size);
    }),
  );
});

it("counts the missing numbers between the lowest and the highest", () => {
  fc.assert(
    fc.property(numbers, (all) => {
      const span = all.length === 0 ? 0 : Math.max(...all) - Math.min(...all) + 1;
      expect(gapsOf(recordOf(all))).toBe(span - all.length);
    }),
  );
});
