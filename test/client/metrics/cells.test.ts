import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Counter, Gauge, Histogram, Vector } from "../../../src/client/metrics/cells.ts";

describe("a histogram", () => {
  it("counts every observation once, in the first bucket whose boundary is not below it", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.tuple(fc.double({ min: 0, max: 2e6, noNaN: true }), fc.integer({ min: 1, max: 9 }))),
        (bounds, observations) => {
          const boundaries = bounds.sort((a, b) => a - b);
          const histogram = new Histogram(boundaries);
          for (const [value, times] of observations) histogram.observe(value, times);
          const expected = new Array(boundaries.length + 1).fill(0);
          for (const [value, times] of observations) {
            const at = boundaries.findIndex((bound) => value <= bound);
            expected[at < 0 ? boundaries.length : at] += times;
          }
          expect([...histogram.counts]).toEqual(expected);
          expect(histogram.count).toBe(observations.reduce((sum, [, times]) => sum + times, 0));
          expect(histogram.sum).toBeCloseTo(
            observations.reduce((sum, [value, times]) => sum + value * times, 0),
            3,
          );
        },
      ),
    );
  });

  it("keeps the newest trace of each bucket, and drops all on reset", () => {
    const histogram = new Histogram([1, 2]);
    histogram.observe(1.5);
    expect(histogram.exemplars).toBeUndefined();
    histogram.observeTraced(0.5, "t1", "s1");
    histogram.observeTraced(0.6, "t2", "s2");
    histogram.observeTraced(9, "t3", "s3");
    const kept = [0, 1, 2].map((bucket) => histogram.exemplars?.[bucket]);
    expect(kept.map((one) => one && [one.traceId, one.spanId, one.value])).toEqual([
      ["t2", "s2", 0.6],
      undefined,
      ["t3", "s3", 9],
    ]);
    expect([...histogram.counts]).toEqual([2, 1, 1]);
    histogram.reset();
    expect([[...histogram.counts], histogram.sum, histogram.exemplars]).toEqual([[0, 0, 0], 0, undefined]);
  });
});

describe("a vector", () => {
  it("has at most its limit of cells plus one, and loses nothing", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.constantFrom(..."abcdefgh", "_other"), fc.constantFrom(..."xyz"))),
        (limit, values) => {
          const vector = new Vector(["one", "two"], limit, () => new Counter());
          for (const [one, two] of values) vector.of(one, two).value++;
          const entries = [...vector.entries()];
          expect(entries.length).toBeLessThanOrEqual(limit + 1);
          expect(entries.reduce((sum, { cell }) => sum + cell.value, 0)).toBe(values.length);
          const other = entries.find(({ values: [one, two] }) => one === "_other" && two === "_other");
          expect(other?.cell.value ?? 0).toBe(vector.overflow);
        },
      ),
    );
  });

  it("distinguishes label values with any content", () => {
    const vector = new Vector(["one", "two"], 10, () => new Gauge());
    vector.of("a", "b").value = 1;
    vector.of("a,b", "").value = 2;
    vector.of("", "a b").value = 3;
    expect([...vector.entries()].map(({ values }) => values)).toEqual([
      ["a", "b"],
      ["a,b", ""],
      ["", "a b"],
    ]);
  });

  it("keeps its cells on reset, because hot paths hold references, and drops them on clear", () => {
    const vector = new Vector(["one"], 1, () => new Counter());
    const cell = vector.of("a");
    cell.value = 5;
    vector.of("b").value++;
    vector.reset();
    expect([vector.of("a"), cell.value, vector.overflow]).toEqual([cell, 0, 0]);
    vector.clear();
    expect(vector.of("a")).not.toBe(cell);
  });
});
