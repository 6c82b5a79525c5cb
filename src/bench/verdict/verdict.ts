/**
 * Whether to believe a run: rules over what it recorded of itself, each a sentence. Pure: the same result gives
 * the same verdict, tomorrow and elsewhere. (The rules are those of bench-method literature: the generator has
 * to be on time, to have time to spare, and to see a steady state.)
 */
import type { Verdict } from "../result/result.ts";

/** What the rules look at; undefined: it was not measured, and the rule does not apply. */
export interface Evidence {
  readonly isOpenLoop: boolean;
  /** Operations a second, in the window. */
  readonly offered: number | undefined;
  readonly achieved: number;
  /** Nanoseconds. */
  readonly delayP99: number | undefined;
  readonly responseP99: number | undefined;
  /** Operations that were due and found too many in flight. */
  readonly blocked: number;
  readonly dropped: number;
  readonly samples: number;
  /** The highest percentile that has enough samples, as a share: 0.999. */
  readonly trustedPercentile: number;
  /** Shares of time of the busiest thread, 0 to 1. */
  readonly eventLoopUtilization: number;
  readonly gcShare: number;
  readonly stealShare: number | undefined;
  readonly throttledShare: number | undefined;
  /** p99.9 of how late a sleeping thread woke, nanoseconds. */
  readonly hiccup: number | undefined;
  /** p99 of the same load against nothing, nanoseconds. */
  readonly floorP99: number | undefined;
  /** See `statistics/`. */
  readonly steadiness: "steady" | "unsteady" | "drifting" | "too_short";
  /** Whether what waits grew through the window: the system cannot keep up. */
  readonly isOverloaded: boolean;
  readonly slowConsumerCuts: number;
  readonly reconnects: number;
  readonly interrupted: string | undefined;
}

type Severity = Verdict["reasons"][number]["severity"];

/** A rule: a sentence if it finds something. */
interface Rule {
  readonly severity: Severity;
  look(evidence: Evidence): string | false | undefined;
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
const ms = (nanos: number): string => `${(nanos / 1e6).toPrecision(3)} ms`;

/** In the order in which they are said, within a severity. */
const RULES: readonly Rule[] = [
  {
    severity: "invalid",
    look: ({ interrupted }) =>
      interrupted !== undefined &&
      `It was interrupted: ${interrupted}. What it shows is less than was asked for.`,
  },
  {
    severity: "invalid",
    look: ({ isOverloaded }) =>
      isOverloaded &&
      "What waits grew all through the window: the system could not keep up, and its latency has no steady value.",
  },
  {
    severity: "invalid",
    look: ({ isOpenLoop, offered, achieved }) =>
      isOpenLoop &&
      offered !== undefined &&
      offered > 0 &&
      achieved < 0.99 * offered &&
      `Only ${percent(achieved / offered)} of the offered rate was achieved.`,
  },
  {
    severity: "invalid",
    look: ({ isOpenLoop, delayP99, responseP99 }) =>
      isOpenLoop &&
      delayP99 !== undefined &&
      responseP99 !== undefined &&
      delayP99 > 1e6 &&
      delayP99 > responseP99 / 4 &&
      `The generator was late: a hundredth of the operations was sent ${ms(delayP99)} or more after it was due.`,
  },
  {
    severity: "invalid",
    look: ({ blocked }) =>
      blocked > 0 &&
      `${blocked} operations were due and had to wait, because too many were in flight; their wait is in the response time.`,
  },
  {
    severity: "invalid",
    look: ({ dropped }) =>
      dropped > 0 && `${dropped} messages were thrown away by the client while its connection was down.`,
  },
  {
    severity: "invalid",
    look: ({ samples }) => samples === 0 && "Nothing was measured in the window.",
  },
  {
    severity: "suspect",
    look: ({ slowConsumerCuts }) =>
      slowConsumerCuts > 0 && `The server cut ${slowConsumerCuts} connections as slow consumers.`,
  },
  {
    severity: "suspect",
    look: ({ reconnects }) => reconnects > 0 && `Connections were lost and made again ${reconnects} times.`,
  },
  {
    severity: "suspect",
    look: ({ steadiness }) =>
      steadiness === "drifting"
        ? "It was not steady: latency or rate went on changing in one direction."
        : steadiness === "unsteady" &&
          "It was not steady: it had not settled before the second half of the window.",
  },
  {
    severity: "suspect",
    look: ({ steadiness }) =>
      steadiness === "too_short" && "The window was too short to tell whether it was steady.",
  },
  {
    severity: "suspect",
    look: ({ samples, trustedPercentile }) =>
      samples > 0 &&
      trustedPercentile < 0.99 &&
      `${samples} samples are too few for p99: no percentile above ${percent(trustedPercentile)} can be told.`,
  },
  {
    severity: "suspect",
    look: ({ eventLoopUtilization, isOpenLoop }) =>
      isOpenLoop &&
      eventLoopUtilization > 0.8 &&
      `A thread of the generator was busy ${percent(eventLoopUtilization)} of the time.`,
  },
  {
    severity: "suspect",
    look: ({ gcShare }) =>
      gcShare > 0.02 && `Garbage collection took ${percent(gcShare)} of a thread's time.`,
  },
  {
    severity: "suspect",
    look: ({ stealShare }) =>
      stealShare !== undefined &&
      stealShare > 0.01 &&
      `Other machines on this host took ${percent(stealShare)} of the processors' time.`,
  },
  {
    severity: "suspect",
    look: ({ throttledShare }) =>
      throttledShare !== undefined &&
      throttledShare > 0.01 &&
      `The container's processor limit held it up ${percent(throttledShare)} of the time.`,
  },
  {
    severity: "suspect",
    look: ({ hiccup, responseP99 }) =>
      hiccup !== undefined &&
      responseP99 !== undefined &&
      hiccup > responseP99 / 4 &&
      `The machine itself was late by ${ms(hiccup)} once in a thousand times.`,
  },
  {
    severity: "suspect",
    look: ({ floorP99, responseP99 }) =>
      floorP99 !== undefined &&
      responseP99 !== undefined &&
      floorP99 > 0.3 * responseP99 &&
      `The generator alone needs ${ms(floorP99)} (p99): what was measured is largely its own.`,
  },
];

/** Applies every rule. */
export function verdictOf(evidence: Evidence): Verdict {
  const reasons = RULES.flatMap(({ severity, look }) => {
    const sentence = look(evidence);
    return sentence ? [{ severity, sentence }] : [];
  });
  const invalid = reasons.filter(({ severity }) => severity === "invalid");
  const suspect = reasons.filter(({ severity }) => severity === "suspect");
  return {
    verdict: invalid.length > 0 ? "invalid" : suspect.length > 0 ? "suspect" : "valid",
    reasons: [...invalid, ...suspect],
  };
}

/** Of several scenarios the worst, with the reasons of all. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const order = ["valid", "suspect", "invalid"] as const;
  const worst = Math.max(0, ...verdicts.map(({ verdict }) => order.indexOf(verdict)));
  return { verdict: order[worst] as Verdict["verdict"], reasons: verdicts.flatMap(({ reasons }) => reasons) };
}
