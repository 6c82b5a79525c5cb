import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../../src/bench/result/verdict/evidence.ts";
import { RULES } from "../../../../src/bench/result/verdict/rules.ts";
import { verdictOf, worstOf } from "../../../../src/bench/result/verdict/verdict.ts";

/** A run without any problem. */
const GOOD: Evidence = {
  isOpenLoop: true,
  isEmpty: false,
  offered: 1000,
  achieved: 999,
  doneShare: 0.999,
  windowSeconds: 30,
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
  change: undefined,
  overload: undefined,
  outrun: undefined,
  wanted: undefined,
  got: 0,
  slowConsumerCuts: 0,
  reconnects: 0,
  crossCheckFailures: 0,
  interrupted: undefined,
};

/** The reasons found if only this evidence differs. */
function found(different: Partial<Evidence>): readonly (readonly [string, string])[] {
  return verdictOf({ ...GOOD, ...different }).reasons.map(({ severity, sentence }) => [severity, sentence]);
}

it("finds nothing wrong with a run without problems", () => {
  expect(verdictOf(GOOD)).toEqual({ verdict: "valid", reasons: [] });
});

const INVALID: readonly (readonly [what: string, Partial<Evidence>, sentence: string | RegExp])[] = [
  [
    "an interruption",
    { interrupted: "^C." },
    "The run was interrupted (^C): it measured less than was asked for. Run it again to its end.",
  ],
  [
    "an overload",
    { overload: 12_484 },
    "The backlog grew throughout the window, by 12,484 operations: the system cannot sustain this rate, so its latency depends on how long the run lasts. Lower --rate.",
  ],
  [
    "a rate that was not achieved",
    { achieved: 985, doneShare: 0.985 },
    "Only 98.5 % of the offered rate was achieved, 985 of 1,000 operations/s: latency at the offered rate was not measured. Lower --rate.",
  ],
  [
    "a late load generator",
    { delayP99: 2_000_000, responseP99: 7_000_000 },
    "The load generator fell behind and sent 1 % of operations at least 2.00 ms late: response times include this delay. Lower --rate or raise --threads.",
  ],
  [
    "operations that waited",
    { blocked: 1234 },
    "1,234 operations had to wait because --in-flight operations were out already: response times include the wait. Raise --in-flight or lower --rate.",
  ],
  [
    "messages that never arrived",
    { wanted: 1000, got: 800 },
    "Only 800 of 1,000 messages arrived, and then none for as long as --drain: the numbers are those of fewer messages than were asked for. Check that all messages are published, or raise --drain.",
  ],
  [
    "discarded messages",
    { dropped: 1 },
    "1 message was discarded by the client while its connection was down: the server never got them, and no percentile includes them. Find out in the server's log why the connection was lost.",
  ],
  [
    "a run without operations",
    { isEmpty: true },
    "No operation ended in the measurement window: there is nothing to report. Check the subject and the accounting, or raise --duration.",
  ],
];

const SUSPECT: readonly (readonly [what: string, Partial<Evidence>, sentence: string | RegExp])[] = [
  ["operations without a latency", { withoutLatency: 900 }, /^3\.0 % of operations did not succeed: /],
  ["many that waited as intended", { isBounded: true, blocked: 900 }, /^900 operations had to wait /],
  [
    "many that waited, and no late generator",
    { isBounded: true, blocked: 301, delayP99: 5e6, responseP99: 5e6 },
    /^301 operations had to wait /,
  ],
  ["outrun receivers", { outrun: 5000 }, /^The receivers fell behind .*, by 5,000 messages: /],
  ["a slow consumer", { slowConsumerCuts: 1 }, /^The server disconnected 1 slow consumer: /],
  ["lost connections", { reconnects: 2 }, /^2 connections were lost during the measurement: /],
  ["counts that differ", { crossCheckFailures: 1 }, /^1 count differs from the server's: /],
  ["a drift", { steadiness: "drifting", change: 0.35 }, /in one direction throughout the window by 35 %: /],
  ["an unsteady run", { steadiness: "unsteady", change: 0.5 }, /changed by 50 % in the second half of /],
  ["a short window", { steadiness: "too_short", windowSeconds: 5 }, /window was 5 s long: it takes ten /],
  ["few samples", { samples: 150, sent: 150, trustedPercentile: 0.9 }, /1,000 samples, and there are 150: /],
  ["one sample", { samples: 1, sent: 1, trustedPercentile: 0 }, /1,000 samples, and there is 1: /],
  ["a busy thread", { eventLoopUtilization: 0.93 }, /generator was busy 93\.0 % of the time: /],
  ["garbage collection", { gcShare: 0.05 }, /^Garbage collection took 5\.0 % of a thread's time: /],
  ["steal", { stealShare: 0.02 }, /took 2\.0 % of the processors' time: /],
  ["a CPU limit", { throttledShare: 0.3 }, /throttled this process in 30 % of scheduler periods: /],
  ["hiccups", { hiccup: 300_000 }, /^This machine is noisy, and 1 in 1,000 timer wake-ups was 300 us late: /],
  ["a high floor", { floorP99: 400_000 }, /^The load generator alone takes 400 us \(p99\): /],
];

it("ends each sentence with a consequence and a remedy", () => {
  for (const { consequence, remedy } of RULES) {
    expect(consequence).toMatch(/^[a-z].*[^.]$/);
    expect(remedy).toMatch(/^[A-Z].*[^.]$/);
  }
  expect(RULES.length).toBe(INVALID.length + SUSPECT.length - 2);
});

describe.each([
  ["invalid", INVALID],
  ["suspect", SUSPECT],
] as const)("%s", (verdict, cases) => {
  it.each(cases)("%s", (_, different, sentence) => {
    const matching = typeof sentence === "string" ? sentence : expect.stringMatching(sentence);
    expect(found(different)).toEqual([[verdict, matching]]);
    expect(verdictOf({ ...GOOD, ...different }).verdict).toBe(verdict);
  });
});

/** Just below the limits of the rules. */
const SILENT: readonly (readonly [what: string, Partial<Evidence>])[] = [
  ["1 % of the rate missing", { achieved: 990, doneShare: 0.99 }],
  ["operations in flight at the end of a run that started idle", { achieved: 900, doneShare: 1 }],
  ["failed operations missing in the rate", { achieved: 900, doneShare: 1 }],
  ["operations of a tenth of a second missing", { achieved: 960, doneShare: 0.96, windowSeconds: 3 }],
  ["the rate of a closed loop", { isOpenLoop: false, achieved: 10, doneShare: 0.1 }],
  ["a send delay that is a small part", { delayP99: 2_000_000, responseP99: 9_000_000 }],
  ["a send delay of less than a millisecond", { delayP99: 900_000, responseP99: 900_000 }],
  ["a send delay in a closed loop", { isOpenLoop: false, delayP99: 2_000_000 }],
  ["a few operations that waited as intended", { isBounded: true, blocked: 300 }],
  ["all messages that were asked for", { wanted: 1000, got: 1000 }],
  ["1 % of operations that failed", { withoutLatency: 300 }],
  ["a busy thread in a closed loop", { isOpenLoop: false, eventLoopUtilization: 1 }],
  ["2 % garbage collection", { gcShare: 0.02 }],
  ["values that were not measured", { stealShare: undefined, throttledShare: undefined, hiccup: undefined }],
  ["a missing floor", { floorP99: undefined }],
  ["missing latency", { responseP99: undefined, delayP99: undefined, floorP99: 1, hiccup: 1 }],
  ["a missing rate", { offered: undefined, achieved: 0, doneShare: undefined }],
  ["a rate of which nothing was due", { offered: 0, achieved: 0, doneShare: undefined }],
];

it.each(SILENT)("does not report %s", (_, different) => {
  expect(found(different)).toEqual([]);
});

it("reports the reasons for invalid first", () => {
  const { verdict, reasons } = verdictOf({ ...GOOD, reconnects: 1, dropped: 1, gcShare: 0.5, blocked: 1 });
  expect(verdict).toBe("invalid");
  expect(reasons.map(({ severity }) => severity)).toEqual(["invalid", "invalid", "suspect", "suspect"]);
});

describe("the verdict on several scenarios", () => {
  it("is the worst of theirs, with all reasons", () => {
    const suspect = verdictOf({ ...GOOD, reconnects: 1 });
    const invalid = verdictOf({ ...GOOD, dropped: 1 });
    const both = worstOf([suspect, verdictOf(GOOD), invalid]);
    expect(both.verdict).toBe("invalid");
    expect(both.reasons).toEqual([...invalid.reasons, ...suspect.reasons]);
  });

  it("is valid if each of them is", () => {
    expect(worstOf([verdictOf(GOOD), verdictOf(GOOD)])).toEqual({ verdict: "valid", reasons: [] });
  });
});
