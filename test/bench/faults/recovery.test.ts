import { describe, expect, it } from "vitest";
import type { Moment } from "../../../src/bench/faults/recovery.ts";
import { recoveryOf } from "../../../src/bench/faults/recovery.ts";

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
  it("ends with the first success; latency is back when it stays normal", () => {
    const found = recoveryOf(
      moments([50, 10, 1], [3, 0], [1, 40, 250], [2, 12, 5], [30, 10, 1]),
      5 * SECOND,
      END,
    );
    expect(found).toEqual({ firstSuccess: 0.3, latency: 0.6 });
  });

  it("counts for the event before it if it began within ten seconds", () => {
    const found = recoveryOf(moments([50, 10, 1], [20, 10, 1], [10, 0], [30, 10, 1]), 5 * SECOND, END);
    expect(found).toEqual({ firstSuccess: 3, latency: 3 });
  });

  it("does not count for an event more than ten seconds before it", () => {
    const found = recoveryOf(moments([50, 10, 1], [110, 10, 1], [10, 0], [30, 10, 1]), 5 * SECOND, END);
    expect(found).toEqual({ firstSuccess: 0, latency: 0 });
  });

  it("has no end if the run ended in it", () => {
    expect(recoveryOf(moments([50, 10, 1], [20, 0]), 5 * SECOND, END)).toEqual({});
  });

  it("does not include the drain, in which nothing is sent", () => {
    const drained = moments([50, 10, 1], [20, 10, 1], [50, 0]);
    const found = recoveryOf(drained, 5 * SECOND, { ...END, sent: 7.05 * SECOND });
    expect(found).toEqual({ firstSuccess: 0, latency: 0 });
  });

  it("may end in the drain", () => {
    const sent = { ...END, sent: 7 * SECOND };
    const ended = moments([50, 10, 1], [15, 10, 1], [10, 0], [1, 50, 1], [10, 0]);
    expect(recoveryOf(ended, 5 * SECOND, sent)).toEqual({ firstSuccess: 2.5, latency: 2.5 });
    const open = moments([50, 10, 1], [15, 10, 1], [55, 0]);
    expect(recoveryOf(open, 5 * SECOND, sent)).toEqual({});
  });

  it("is longer than the usual pauses between rare operations", () => {
    const rare = moments(...Array.from({ length: 40 }, () => [[1, 1, 1] as const, [4, 0] as const]).flat());
    expect(recoveryOf(rare, 10 * SECOND, END)).toEqual({ firstSuccess: 0, latency: 0 });
  });
});

describe("latency", () => {
  it("is back after 0 s if it stayed normal", () => {
    const found = recoveryOf(moments([50, 10, 1], [50, 10, 1.4]), 5 * SECOND, END);
    expect(found).toEqual({ firstSuccess: 0, latency: 0 });
  });

  it("is back only if it stays normal for half a second", () => {
    const found = recoveryOf(
      moments([50, 10, 1], [5, 10, 9], [2, 10, 1], [5, 10, 9], [20, 10, 1]),
      5 * SECOND,
      END,
    );
    expect(found).toEqual({ firstSuccess: 0, latency: 1.2 });
  });

  it("is absent if it was not back at the end of the run", () => {
    expect(recoveryOf(moments([50, 10, 1], [50, 10, 9]), 5 * SECOND, END)).toEqual({ firstSuccess: 0 });
  });

  it("is absent if nothing is timed", () => {
    expect(recoveryOf(moments([50, 10], [5, 0], [20, 10]), 5 * SECOND, END)).toEqual({ firstSuccess: 0.5 });
  });
});

it("ends at the next event", () => {
  const found = recoveryOf(moments([50, 10, 1], [10, 10, 1], [10, 0], [20, 10, 1]), 5 * SECOND, {
    ...END,
    next: 6 * SECOND,
  });
  expect(found).toEqual({ firstSuccess: 0, latency: 0 });
});

it("is undefined if nothing had succeeded before the event, or the run ended with it", () => {
  expect(recoveryOf(moments([50, 0], [50, 10, 1]), 5 * SECOND, END)).toBeUndefined();
  expect(recoveryOf(moments([50, 10, 1]), 5 * SECOND, END)).toBeUndefined();
});
