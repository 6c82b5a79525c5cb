import fc from "fast-check";
import { expect, it } from "vitest";
import { median, ranks, spread, ties } from "../../../../src/bench/result/statistics/rank.ts";
import { series } from "./series.ts";

const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });

it("has as many values above the median as below it", () => {
  fc.assert(
    fc.property(values, (given) => {
      const middle = median(given);
      expect(given.filter((value) => value < middle).length).toBeLessThanOrEqual(given.length / 2);
      expect(given.filter((value) => value > middle).length).toBeLessThanOrEqual(given.length / 2);
    }),
  );
  expect([median([3]), median([4, 1]), median([9, 1, 10])]).toEqual([3, 2.5, 9]);
});

it("computes the spread of normal values in spite of a few outliers", () => {
  const noise = series(2000, { seed: 1, deviation: 0.1 }, () => 50);
  expect(spread(noise)).toBeCloseTo(5, 0);
  expect(spread([...noise.slice(50), ...Array(50).fill(1e9)])).toBeCloseTo(5, 0);
  expect(spread([7, 7, 7, 7, 100])).toBe(0);
});

it("ranks as many values below each as there are, and half of those equal to it", () => {
  fc.assert(
    fc.property(values, (given) => {
      const found = ranks(given);
      for (const [i, value] of given.entries()) {
        const below = given.filter((other) => other < value).length;
        const equal = given.filter((other) => other === value).length;
        expect(found[i]).toBe(below + (equal + 1) / 2);
      }
    }),
  );
});

it("counts ties", () => {
  expect(ties([1, 2, 2, 3, 1, 2])).toEqual([2, 3]);
  expect(ties([1, 2, 3])).toEqual([]);
});
