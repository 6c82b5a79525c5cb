import { describe, expect, it } from "vitest";
import { recoveryOf } from "../../../src/bench/faults/recovery.ts";
import type { Moment } from "../../../src/bench/runner/moments.ts";

const MS = 1e6;
const SECOND = 1000 * MS;

/** Tenths of a second: successes and the p90 in milliseconds of each. */
function moments(...parts: readonly (readonly [times: number, successes: number, p90?: number])[]): Moment[] {
  const all = parts.flatMap(([times, successes, p90]) =>
    Array.from({ length: times }, () => ({ successes, p90 })),
  );
  return all.map(({ successes, p90 }, i) => ({
    from: i * 100 * MS,
    until: (i + 1) * 100 * MS,
    successes,
    p90: p90 === undefined ? undefined : p90 * MS,
  }));
}

const END = { next: Number.POSITIVE_INFINITY, sent: Number.POSITIVE_INFINITY };

describe("an outage", () => {
  it("ends with the first success, and latency is back when it stays", () => {
    const found = recoveryOf(
      moments([50, 10, 1], [3, 0], [1, 40, 250], [2, 12, 5], [30, 10, 1]),
      5 * SECOND,
      END,
    );
    expect(found).toEqual({ firstSuccess: 0.3, latency: 0.6 });
  });

  it("that began after the event is the event's, too", () => {
    const found = recoveryOf(moments([50, 10, 1], [20, 10, 1], [10, 0], [30, 10, 1]), 5 * SECOND, END);
    expect(found).toEqual({ firstSuccess: 3, latency: 3 });
  });

  it("that began much later is not", () => {
    const found = recoveryOf(moments([50, 10, 1], [110, 10, 1], [10, 0], [30, 10, 1]), 5 * SECOND, END);
    expect(found).toEqual({ firstSuccess: 0, latency: 0 });
  });

  it("that never ended has no end", () => {
    expect(recoveryOf(moments([50, 10, 1], [20, 0]), 5 * SECOND, END)).toEqual({});
  });

  it("is not the drain, in which nothing is sent", () => {
    const drained = moments([50, 10, 1], [20, 10, 1], [50, 0]);
    const found = recoveryOf(drained, 5 * SECOND, { ...END, sent: 7.05 * SECOND });
    expect(found).toEqual({ firstSuccess: 0, latency: 0 });
  });

  it("may end in the drain, or not", () => {
    const sent = { ...END, sent: 7 * SECOND };
    const ended = moments([50, 10, 1], [15, 10, 1], [10, 0], [1, 50, 1], [10, 0]);
    expect(recoveryOf(ended, 5 * SECOND, sent)).toEqual({ firstSuccess: 2.5, latency: 2.5 });
    const open = moments([50, 10, 1], [15, 10, 1], [55, 0]);
    expect(recoveryOf(open, 5 * SECOND, sent)).toEqual({});
  });

  it("is not what was usual before: operations are rare", () => {
    const rare = moments(...Array.from({ length: 40 }, () => [[1, 1, 1] as const, [4, 0] as const]).flat());
    expect(recoveryOf(rare, 10 * SECOND, END)).toEqual({ firstSuccess: 0, latency: 0 });
  });
});

describe("latency", () => {
  it("that was never disturbed was back at once", () => {
    const found = recoveryOf(moments([50, 10, 1], [50, 10, 1.4]), 5 * SECOND, END);
    expect(found).toEqual({ firstSuccess: 0, latency: 0 });
  });

  it("is not back for a moment only", () => {
    const found = recoveryOf(
      moments([50, 10, 1], [5, 10, 9], [2, 10, 1], [5, 10, 9], [20, 10, 1]),
      5 * SECOND,
      END,
    );
    expect(found).toEqual({ firstSuccess: 0, latency: 1.2 });
  });

  it("that was not back at the end is not told", () => {
    expect(recoveryOf(moments([50, 10, 1], [50, 10, 9]), 5 * SECOND, END)).toEqual({ firstSuccess: 0 });
  });

  it("of what is not timed is not told", () => {
    expect(recoveryOf(moments([50, 10], [5, 0], [20, 10]), 5 * SECOND, END)).toEqual({ firstSuccess: 0.5 });
  });
});

it("looks no further than the next event", () => {
  const found = recoveryOf(moments([50, 10, 1], [10, 10, 1], [10, 0], [20, 10, 1]), 5 * SECOND, {
    ...END,
    next: 6 * SECOND,
  });
  expect(found).toEqual({ firstSuccess: 0, latency: 0 });
});

it("says nothing where nothing had succeeded, or nothing came after", () => {
  expect(recoveryOf(moments([50, 0], [50, 10, 1]), 5 * SECOND, END)).toBeUndefined();
  expect(recoveryOf(moments([50, 10, 1]), 5 * SECOND, END)).toBeUndefined();
});
