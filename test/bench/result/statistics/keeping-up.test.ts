import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  backlogGrowth,
  backlogOf,
  doneShare,
  type LoadSecond,
} from "../../../../src/bench/result/statistics/keeping-up.ts";
import { randomOf } from "../../../../src/bench/scenario/random.ts";
import { normalOf, shareOfSeeds } from "./series.ts";

/** A system that does so many operations a second, and is offered so many. */
function system(
  length: number,
  offered: (second: number) => number,
  capacity: (second: number) => number,
): LoadSecond[] {
  let waiting = 0;
  return Array.from({ length }, (_, second) => {
    const due = Math.max(0, Math.round(offered(second)));
    const done = Math.min(waiting + due, Math.max(0, Math.round(capacity(second))));
    waiting += due - done;
    return { due, done };
  });
}

const noisy = (seed: number, level: number, deviation: number) => {
  const normal = normalOf(randomOf(seed));
  return () => level + deviation * normal();
};

describe("a backlog", () => {
  it("is what was due and is not done", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ due: fc.nat(100), done: fc.nat(100) })), (seconds) => {
        const sum = (of: "due" | "done") => seconds.reduce((total, second) => total + second[of], 0);
        expect(backlogOf(seconds).at(-1) ?? 0).toBe(sum("due") - sum("done"));
      }),
    );
  });

  it("is an overload if it grows throughout the window, even slowly", () => {
    for (const capacity of [500, 980, 997]) {
      const overloaded = shareOfSeeds(
        50,
        (seed) => backlogGrowth(system(30, () => 1000, noisy(seed, capacity, capacity / 1000))).isOverloaded,
      );
      expect([capacity, overloaded]).toEqual([capacity, 1]);
    }
    const growth = backlogGrowth(
      system(
        30,
        () => 1000,
        () => 900,
      ),
    ).growth;
    expect(growth).toEqual({ perStep: 100, from: 100, until: 100 });
  });

  it("is no overload if the system keeps up, wherever seconds are cut", () => {
    const overloaded = shareOfSeeds(200, (seed) => {
      const latency = noisy(seed, 20, 8);
      let waiting = 0;
      const seconds = Array.from({ length: 30 }, () => {
        const left = Math.max(0, Math.round(latency()));
        const done = waiting + 1000 - left;
        waiting = left;
        return { due: 1000, done };
      });
      return backlogGrowth(seconds).isOverloaded;
    });
    expect(overloaded).toBe(0);
  });

  it("is no overload with random arrivals below capacity", () => {
    const overloaded = shareOfSeeds(
      100,
      (seed) => backlogGrowth(system(60, noisy(seed, 1000, Math.sqrt(1000)), () => 1200)).isOverloaded,
    );
    expect(overloaded).toBe(0);
  });

  it("after a freeze, worked off or being worked off, is no overload", () => {
    for (const at of [2, 15, 27]) {
      const frozen = system(
        30,
        () => 1000,
        (second) => (second === at ? 0 : 1500),
      );
      expect([at, backlogGrowth(frozen).isOverloaded]).toEqual([at, false]);
    }
  });

  it("left by messages that were lost at once is no overload", () => {
    const lost = Array.from({ length: 30 }, (_, second) => ({ due: 1000, done: second === 12 ? 500 : 1000 }));
    expect(backlogGrowth(lost).isOverloaded).toBe(false);
  });

  it("is no overload if it grows by a few operations", () => {
    const seconds = Array.from({ length: 30 }, (_, second) => ({ due: 10, done: second % 4 === 0 ? 9 : 10 }));
    expect(backlogGrowth(seconds).isOverloaded).toBe(false);
  });

  it("is no overload if it shrinks", () => {
    expect(
      backlogGrowth([
        { due: 50_000, done: 0 },
        ...system(
          30,
          () => 1000,
          () => 1300,
        ),
      ]).isOverloaded,
    ).toBe(false);
  });

  it("is not judged in a few seconds", () => {
    expect(
      backlogGrowth(
        system(
          5,
          () => 1000,
          () => 10,
        ),
      ),
    ).toEqual({ isOverloaded: false });
  });

  it("has its growth in operations per second in a long run, too", () => {
    const { isOverloaded, growth } = backlogGrowth(
      system(
        1500,
        () => 1000,
        () => 990,
      ),
    );
    expect(isOverloaded).toBe(true);
    expect(growth?.perStep).toBeCloseTo(10, 6);
  });
});

const steady = (length: number, offered: number, capacity: number) =>
  system(
    length,
    () => offered,
    () => capacity,
  );

describe("the share of operations that ended", () => {
  it("counts operations when they ended, not when they were due", () => {
    expect(doneShare(steady(31, 1000, 800))).toBe(0.8);
  });

  it("is 1 for a system that keeps up, although a run that starts idle ends with operations in flight", () => {
    // Ten operations per second, each of which takes half a second.
    const seconds = Array.from({ length: 5 }, (_, second) => ({ due: 10, done: second === 0 ? 5 : 10 }));
    expect(doneShare(seconds)).toBe(1);
  });

  it("is absent for two seconds, and if nothing was due", () => {
    expect(doneShare(steady(2, 10, 10))).toBeUndefined();
    expect(doneShare(steady(9, 0, 10))).toBeUndefined();
  });
});
