import fc from "fast-check";
import { expect, it } from "vitest";
import { randomOf } from "../../../src/bench/scenario/random.ts";

const some = (seed: number, count: number) => {
  const random = randomOf(seed);
  return Array.from({ length: count }, random);
};

it("repeats its numbers for a seed, in every release", () => {
  // Numbers of the original Mulberry32.
  expect(some(42, 3).map((value) => value * 2 ** 32)).toEqual([2581720956, 1925393290, 3661312704]);
  expect(some(42, 100)).toEqual(some(42, 100));
  expect(some(42, 100)).not.toEqual(some(43, 100));
});

it("returns evenly distributed numbers from 0 to below 1", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const values = some(seed, 10_000);
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
      for (let tenth = 0; tenth < 10; tenth++) {
        const within = values.filter((value) => Math.floor(value * 10) === tenth).length;
        // Six standard deviations.
        expect(Math.abs(within - 1000)).toBeLessThan(6 * Math.sqrt(900));
      }
    }),
    { numRuns: 20, seed: 1 },
  );
});
