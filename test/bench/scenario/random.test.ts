import fc from "fast-check";
import { expect, it } from "vitest";
import { randomOf } from "../../../src/bench/scenario/random.ts";

const some = (seed: number, count: number) => {
  const random = randomOf(seed);
  return Array.from({ length: count }, random);
};

it("repeats with the seed, in this release and in later ones", () => {
  // Mulberry32 as its author has it.
  expect(some(42, 3).map((value) => value * 2 ** 32)).toEqual([2581720956, 1925393290, 3661312704]);
  expect(some(42, 100)).toEqual(some(42, 100));
  expect(some(42, 100)).not.toEqual(some(43, 100));
});

it("is from 0 up to but not 1, evenly", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const values = some(seed, 10_000);
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
      for (let tenth = 0; tenth < 10; tenth++) {
        const within = values.filter((value) => Math.floor(value * 10) === tenth).length;
        // Six standard deviations of a thousandth's chance each.
        expect(Math.abs(within - 1000)).toBeLessThan(6 * Math.sqrt(900));
      }
    }),
    { numRuns: 20, seed: 1 },
  );
});
