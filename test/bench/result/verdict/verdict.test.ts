import { describe, expect, it } from "vitest";
import {
  type Evidence,
  interruptedVerdict,
  verdictOf,
  worstOf,
} from "../../../../src/bench/result/verdict/verdict.ts";

/** Of a run with which nothing is wrong. */
const GOOD: Evidence = {
  isOpenLoop: true,
  isEmpty: false,
  offered: 1000,
  achieved: 999,
  ratedSeconds: 29,
  delayP99: 100_000,
  responseP99: 1_000_000,
  blocked: 0,
  isBounded: false,
  dropped: 0,
  sent: 30_000,
  withoutLatency: 0,
  samples: 30_000,
  trustedPercentile: 0.999,
  eventLoopUtilization: 0.3,
  gcShare: 0.01,
  stealShare: 0.001,
  throttledShare: 0,
  hiccup: 100_000,
  floorP99: 200_000,
  steadiness: "steady",
  isOverloaded: false,
  isOutrun: false,
  wanted: undefined,
  got: 0,
  slowConsumerCuts: 0,
  reconnects: 0,
  crossCheckFailures: 0,
  interrupted: undefined,
};

/** What is found where only this is different. */
function found(different: Partial<Evidence>): readonly (readonly [string, string])[] {
  return verdictOf({ ...GOOD, ...different }).reasons.map(({ severity, sentence }) => [severity, sentence]);
}

it("finds nothing where nothing is wrong", () => {
  expect(verdictOf(GOOD)).toEqual({ verdict: "valid", reasons: [] });
});

const INVALID: readonly (readonly [what: string, Partial<Evidence>, sentence: RegExp])[] = [
  ["an interruption", { interrupted: "^C" }, /^It was interrupted: \^C\. /],
  ["an overload", { isOverloaded: true }, /the system could not keep up/],
  ["a rate that was not achieved", { achieved: 985 }, /^Only 98\.5 % .* 985 of 1000 operations a second\.$/],
  ["a late generator", { delayP99: 2_000_000, responseP99: 7_000_000 }, /generator was late: .* 2\.00 ms/],
  ["operations that were blocked", { blocked: 7 }, /^7 operations were due and had to wait/],
  ["one operation that was blocked", { blocked: 1 }, /^1 operation was due and had to wait/],
  ["messages that never came", { wanted: 1000, got: 800 }, /^Only 800 of 1000 messages came/],
  ["messages thrown away", { dropped: 3 }, /^3 messages were thrown away by the client/],
  ["nothing", { isEmpty: true }, /^Nothing was measured/],
];

const SUSPECT: readonly (readonly [what: string, Partial<Evidence>, sentence: RegExp])[] = [
  ["operations without a latency", { withoutLatency: 900 }, /^3\.0 % of the operations did not end well/],
  [
    "many that had to wait as was asked",
    { isBounded: true, blocked: 900 },
    /^900 operations were due and had/,
  ],
  [
    "many that had to wait, and not the generator",
    { isBounded: true, blocked: 301, delayP99: 5e6, responseP99: 5e6 },
    /^301 operations were due and had to wait/,
  ],
  ["receivers that are outrun", { isOutrun: true }, /^Publishers outran their receivers/],
  ["a slow consumer", { slowConsumerCuts: 1 }, /^1 connection was cut by the server as slow consumer\.$/],
  ["lost connections", { reconnects: 2 }, /^2 connections were lost/],
  ["sums that differ", { crossCheckFailures: 1 }, /^1 sum is not what the server counted/],
  ["a drift", { steadiness: "drifting" }, /went on changing in one direction/],
  ["an unsteady run", { steadiness: "unsteady" }, /had not settled/],
  ["a short window", { steadiness: "too_short" }, /too short to tell/],
  ["few samples", { samples: 150, sent: 150, trustedPercentile: 0.9 }, /^150 samples are .* above p90 can/],
  ["hardly a sample", { samples: 1, sent: 1, trustedPercentile: 0 }, /^1 sample is too few for any perc/],
  ["a busy thread", { eventLoopUtilization: 0.93 }, /busy 93\.0 % of the time/],
  ["garbage collection", { gcShare: 0.05 }, /^Garbage collection took 5\.0 %/],
  ["stolen time", { stealShare: 0.02 }, /took 2\.0 % of the processors' time/],
  ["a processor limit", { throttledShare: 0.3 }, /held this program up in 30 % of its periods/],
  ["hiccups", { hiccup: 300_000 }, /^The machine itself was late by 0\.300 ms/],
  ["a floor that is near", { floorP99: 400_000 }, /^The generator alone needs 0\.400 ms/],
];

describe.each([
  ["invalid", INVALID],
  ["suspect", SUSPECT],
] as const)("%s", (verdict, cases) => {
  it.each(cases)("%s", (_, different, sentence) => {
    expect(found(different)).toEqual([[verdict, expect.stringMatching(sentence)]]);
    expect(verdictOf({ ...GOOD, ...different }).verdict).toBe(verdict);
  });
});

/** Each is a little less than what is found above. */
const SILENT: readonly (readonly [what: string, Partial<Evidence>])[] = [
  ["a hundredth of the rate missing", { achieved: 990 }],
  ["a tenth of a second's operations missing", { achieved: 960, ratedSeconds: 2 }],
  ["a rate in a closed loop", { isOpenLoop: false, achieved: 10 }],
  ["a delay that is a small part", { delayP99: 2_000_000, responseP99: 9_000_000 }],
  ["a delay of less than a millisecond", { delayP99: 900_000, responseP99: 900_000 }],
  ["a delay in a closed loop", { isOpenLoop: false, delayP99: 2_000_000 }],
  ["a few that had to wait as was asked", { isBounded: true, blocked: 300 }],
  ["all that were asked for", { wanted: 1000, got: 1000 }],
  ["a hundredth that failed", { withoutLatency: 300 }],
  ["a busy thread in a closed loop", { isOpenLoop: false, eventLoopUtilization: 1 }],
  ["a hundred garbage collections", { gcShare: 0.02 }],
  ["what was not measured", { stealShare: undefined, throttledShare: undefined, hiccup: undefined }],
  ["no floor", { floorP99: undefined }],
  ["no latency", { responseP99: undefined, delayP99: undefined, floorP99: 1, hiccup: 1 }],
  ["no rate", { offered: undefined, achieved: 0 }],
  ["nothing due", { offered: 0, achieved: 0 }],
];

it.each(SILENT)("is silent about %s", (_, different) => {
  expect(found(different)).toEqual([]);
});

it("says the invalid first", () => {
  const { verdict, reasons } = verdictOf({ ...GOOD, reconnects: 1, dropped: 1, gcShare: 0.5, blocked: 1 });
  expect(verdict).toBe("invalid");
  expect(reasons.map(({ severity }) => severity)).toEqual(["invalid", "invalid", "suspect", "suspect"]);
});

describe("of several scenarios", () => {
  it("is the worst, with all reasons", () => {
    const suspect = verdictOf({ ...GOOD, reconnects: 1 });
    const invalid = verdictOf({ ...GOOD, dropped: 1 });
    const both = worstOf([suspect, verdictOf(GOOD), invalid]);
    expect(both.verdict).toBe("invalid");
    expect(both.reasons).toEqual([...invalid.reasons, ...suspect.reasons]);
  });

  it("is valid where each is", () => {
    expect(worstOf([verdictOf(GOOD), verdictOf(GOOD)])).toEqual({ verdict: "valid", reasons: [] });
  });

  it("is invalid where one was never run", () => {
    expect(worstOf([verdictOf(GOOD), interruptedVerdict("no server.")])).toEqual({
      verdict: "invalid",
      reasons: [
        {
          severity: "invalid",
          sentence: "It was interrupted: no server. What it shows is less than was asked for.",
        },
      ],
    });
  });
});
