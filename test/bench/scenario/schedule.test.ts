import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Arrival,
  type Schedule,
  type Stage,
  scheduleOf,
  shareOf,
} from "../../../src/bench/scenario/schedule.ts";
import { SECOND } from "../../../src/time/clock.ts";

const rate = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 300, noNaN: true }), fc.nat(300));
const seconds = fc.oneof(fc.nat(4), fc.double({ min: 0, max: 4, noNaN: true }));
const constant: fc.Arbitrary<Stage> = fc
  .tuple(rate, seconds)
  .map(([of, long]) => ({ from: of, to: of, seconds: long }));
const ramp: fc.Arbitrary<Stage> = fc.record({ from: rate, to: rate, seconds });
const stages = fc.array(fc.oneof(constant, ramp), { minLength: 1, maxLength: 5 });
const arrival = fc.constantFrom<Arrival>("uniform", "poisson");
const seed = fc.integer();

const end = (of: readonly Stage[]) => of.reduce((sum, stage) => sum + stage.seconds, 0) * SECOND;
const total = (of: readonly Stage[]) =>
  of.reduce((sum, stage) => sum + ((stage.from + stage.to) / 2) * stage.seconds, 0);

/** All intended times of a schedule that ends. */
function timesOf(schedule: Schedule): number[] {
  const times: number[] = [];
  for (let n = 0; schedule.intended(n) < Number.POSITIVE_INFINITY; n++) times.push(schedule.intended(n));
  return times;
}

describe("a schedule", () => {
  it("has ascending intended times, none after its end", () => {
    fc.assert(
      fc.property(stages, arrival, seed, (of, by, from) => {
        const times = timesOf(scheduleOf(of, by, from));
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.at(0) ?? 0).toBeGreaterThanOrEqual(0);
        expect(times.at(-1) ?? 0).toBeLessThanOrEqual(end(of) * (1 + 1e-12));
      }),
    );
  });

  it("counts exactly the operations that are due, at and around every intended time", () => {
    fc.assert(
      fc.property(
        stages,
        arrival,
        seed,
        fc.array(fc.double({ min: -1, max: 25, noNaN: true })),
        (of, by, from, at) => {
          const schedule = scheduleOf(of, by, from);
          const times = timesOf(schedule);
          const some = times.filter((_, i) => i % Math.ceil(times.length / 20) === 0);
          const moments = [
            ...at.map((second) => second * SECOND),
            ...some.flatMap((time) => [time - 1, time, time + 1]),
          ];
          for (const moment of [...moments, end(of), Number.POSITIVE_INFINITY]) {
            expect(schedule.due(moment)).toBe(times.filter((time) => time <= moment).length);
          }
        },
      ),
    );
  });

  it("returns the same times in any order of calls", () => {
    const one: Stage[] = [{ from: 100, to: 3000, seconds: 4 }];
    fc.assert(
      fc.property(arrival, seed, fc.array(fc.nat(6000), { maxLength: 50 }), (by, from, asked) => {
        const schedule = scheduleOf(one, by, from);
        const inOrder = timesOf(scheduleOf(one, by, from));
        for (const n of asked) {
          expect(schedule.intended(n)).toBe(inOrder[n] ?? Number.POSITIVE_INFINITY);
          expect(schedule.due(schedule.intended(n) - 1)).toBeLessThanOrEqual(Math.min(n, inOrder.length));
        }
      }),
      { numRuns: 20 },
    );
  });

  it("is shared so that each operation belongs to one client, in order", () => {
    fc.assert(
      fc.property(stages, arrival, seed, fc.integer({ min: 1, max: 7 }), (of, by, from, clients) => {
        const schedule = scheduleOf(of, by, from);
        const shares = Array.from({ length: clients }, (_, client) => shareOf(schedule, client, clients));
        const times = shares.map(timesOf);
        expect(times.flat().toSorted((a, b) => a - b)).toEqual(timesOf(schedule));
        for (const moment of [0, SECOND, end(of) / 2, end(of)]) {
          const due = shares.map((share) => share.due(moment));
          expect(due).toEqual(times.map((own) => own.filter((time) => time <= moment).length));
          expect(due.reduce((sum, count) => sum + count, 0)).toBe(schedule.due(moment));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("repeats for the same seed and differs for another", () => {
    const of: Stage[] = [{ from: 1000, to: 1000, seconds: 1 }];
    expect(timesOf(scheduleOf(of, "poisson", 1))).toEqual(timesOf(scheduleOf(of, "poisson", 1)));
    expect(timesOf(scheduleOf(of, "poisson", 1))).not.toEqual(timesOf(scheduleOf(of, "poisson", 2)));
  });
});

describe("uniform arrival", () => {
  const uniform = (...of: Stage[]) => scheduleOf(of, "uniform", 0);

  it("has multiples of the gap as times at a constant rate, also after a long time", () => {
    const schedule = uniform({ from: 1000, to: 1000, seconds: Number.POSITIVE_INFINITY });
    for (const n of [0, 1, 2, 999, 1_000_000_007]) expect(schedule.intended(n)).toBe(n * 1e6);
    expect(schedule.due(123_456 * 1e6)).toBe(123_457);
    expect(schedule.due(123_456 * 1e6 - 1)).toBe(123_456);
  });

  it("has as many operations as the integral of its rates", () => {
    fc.assert(
      fc.property(stages, (of) => {
        const count = timesOf(uniform(...of)).length;
        expect(count).toBeGreaterThanOrEqual(total(of) - 1e-6);
        expect(count).toBeLessThan(total(of) + 1 + 1e-6);
      }),
    );
  });

  it("follows the rate on a ramp", () => {
    const schedule = uniform({ from: 0, to: 1000, seconds: 10 });
    // On a ramp from 0, n operations are due after a time proportional to the square root of n.
    for (const n of [0, 1, 50, 4999]) {
      expect(schedule.intended(n) / SECOND).toBeCloseTo(Math.sqrt(n / 50), 9);
    }
    expect(schedule.intended(5000)).toBe(Number.POSITIVE_INFINITY);
    expect(schedule.due(5 * SECOND)).toBe(1251);
  });

  it("ends with a ramp down", () => {
    const schedule = uniform({ from: 100, to: 0, seconds: 10 });
    expect(timesOf(schedule).length).toBe(500);
    expect(schedule.intended(499) / SECOND).toBeCloseTo(10 - Math.sqrt(1 / 5), 9);
  });

  it("is as exact on an almost constant ramp as at a constant rate", () => {
    const schedule = uniform({ from: 1000, to: 1000.000001, seconds: 1000 });
    expect(schedule.intended(500_000)).toBeCloseTo(500 * SECOND, -3);
  });

  it("waits during a pause and continues with the next rate", () => {
    const schedule = uniform(
      { from: 0.1, to: 0.1, seconds: 30 },
      { from: 0, to: 0, seconds: 5 },
      { from: 0.3, to: 0.3, seconds: 10 },
      { from: 0, to: 0, seconds: 5 },
      { from: 1, to: 1, seconds: 2 },
      { from: 0, to: 0, seconds: 5 },
    );
    const times = timesOf(schedule).map((time) => time / SECOND);
    expect(times.length).toBe(8);
    for (const [i, second] of [0, 10, 20, 35, 35 + 10 / 3, 35 + 20 / 3, 50, 51].entries()) {
      expect(times[i]).toBeCloseTo(second, 9);
    }
    expect(schedule.due(60 * SECOND)).toBe(8);
  });

  it("adds no operation before a pause because of rounding", () => {
    // 2.2 * 25 is 55.00000000000001: a 56th operation would be due as the pause begins.
    const schedule = uniform(
      { from: 2.2, to: 2.2, seconds: 25 },
      { from: 0, to: 0, seconds: 5 },
      { from: 1, to: 1, seconds: 1 },
    );
    expect(schedule.due(29.9 * SECOND)).toBe(55);
    expect(schedule.intended(55)).toBe(30 * SECOND);
    expect(schedule.intended(56)).toBe(Number.POSITIVE_INFINITY);
  });

  it("treats a stage without length as a step", () => {
    const step = [
      { from: 10, to: 10, seconds: 1 },
      { from: 10, to: 500, seconds: 0 },
      { from: 100, to: 100, seconds: 1 },
      { from: 100, to: 0, seconds: 0 },
    ];
    expect(timesOf(uniform(...step))).toEqual(timesOf(uniform(step[0] as Stage, step[2] as Stage)));
    expect(uniform(...step).due(5 * SECOND)).toBe(110);
    expect(uniform({ from: 5, to: 9, seconds: 0 }).due(SECOND)).toBe(0);
  });

  it("has no operations without a rate", () => {
    const schedule = uniform({ from: 0, to: 0, seconds: Number.POSITIVE_INFINITY });
    expect([schedule.intended(0), schedule.due(1e18)]).toEqual([Number.POSITIVE_INFINITY, 0]);
  });
});

describe("poisson arrival", () => {
  const COUNT = 100_000;
  const times = timesOf(scheduleOf([{ from: 1000, to: 1000, seconds: COUNT / 1000 }], "poisson", 7));
  const gaps = times.map((time, i) => (time - (times[i - 1] ?? 0)) / 1e6);

  it("has the mean rate: five standard deviations are 1.6 %", () => {
    expect(Math.abs(times.length - COUNT)).toBeLessThan(5 * Math.sqrt(COUNT));
  });

  it("has exponential gaps", () => {
    // Kolmogorov-Smirnov: the distance is below 1.95 / sqrt(n) with a probability of 99.9 %.
    const sorted = gaps.toSorted((a, b) => a - b);
    const distance = Math.max(
      ...sorted
        .map((gap, i) => Math.abs(1 - Math.exp(-gap) - (i + 0.5) / sorted.length))
        .filter((_, i) => i % 7 === 0),
    );
    expect(distance).toBeLessThan(1.95 / Math.sqrt(gaps.length));
  });

  it("has gaps that are independent of each other", () => {
    const products = gaps.slice(1).map((gap, i) => (gap - 1) * ((gaps[i] as number) - 1));
    const correlation = products.reduce((sum, product) => sum + product, 0) / products.length;
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(gaps.length));
  });

  it("follows a ramp", () => {
    const schedule = scheduleOf([{ from: 0, to: 20_000, seconds: 10 }], "poisson", 3);
    expect(Math.abs(schedule.due(5 * SECOND) - 25_000)).toBeLessThan(5 * Math.sqrt(25_000));
    expect(Math.abs(timesOf(schedule).length - 100_000)).toBeLessThan(5 * Math.sqrt(100_000));
  });

  it("is the same for hundreds of clients that call it in turn", () => {
    const schedule = scheduleOf([{ from: 50_000, to: 50_000, seconds: 1 }], "poisson", 5);
    const clients = 700;
    const shares = Array.from({ length: clients }, (_, client) => shareOf(schedule, client, clients));
    const asked = Array.from({ length: 60 }, (_, n) => shares.map((share) => share.intended(n))).flat();
    const alone = scheduleOf([{ from: 50_000, to: 50_000, seconds: 1 }], "poisson", 5);
    expect(asked).toEqual(asked.map((_, n) => alone.intended(n)));
  });
});
