/**
 * Whether to believe a run: rules over what it recorded of itself, each a sentence. Pure: the same result gives
 * the same verdict, tomorrow and elsewhere. (The rules are those of bench-method literature: the generator has
 * to be on time, to have time to spare, and to see a steady state.)
 */
import type { Verdict } from "../result.ts";

/** What the rules look at; undefined: it was not measured, and the rule does not apply. */
export interface Evidence {
  readonly isOpenLoop: boolean;
  /** Whether there is nothing to judge, where there should be. */
  readonly isEmpty: boolean;
  /** Operations a second, in the window: due, and ended when they ended. */
  readonly offered: number | undefined;
  readonly achieved: number;
  /** Over so many seconds. */
  readonly ratedSeconds: number;
  /** Nanoseconds. */
  readonly delayP99: number | undefined;
  readonly responseP99: number | undefined;
  /** Operations that were due in the window and found too many in flight. */
  readonly blocked: number;
  /** Whether the scenario says how many may be in flight: then to wait for room is what was asked for. */
  readonly isBounded: boolean;
  readonly dropped: number;
  readonly sent: number;
  /** Of `sent`: failed, lost, dropped or unanswered, so that no latency is known of them. */
  readonly withoutLatency: number;
  readonly samples: number;
  /** The highest percentile that has enough samples, as a share: 0.999. */
  readonly trustedPercentile: number;
  /** Shares of time of the busiest thread, 0 to 1; turns in which it only waited are not busy. */
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
  /** Whether, in a closed loop, what waits for receivers did: publishers wait for the server, and not for those. */
  readonly isOutrun: boolean;
  /** Messages that were to be received and were, where so many were asked for. */
  readonly wanted: number | undefined;
  readonly got: number;
  readonly slowConsumerCuts: number;
  readonly reconnects: number;
  /** Sums that the server has, too, and that are not the same there. */
  readonly crossCheckFailures: number;
  readonly interrupted: string | undefined;
}

type Severity = Verdict["reasons"][number]["severity"];

/** A rule: a sentence if it finds something. */
interface Rule {
  readonly severity: Severity;
  look(evidence: Evidence): string | false | undefined;
}

/** With a digit more where a whole percent would say too much: 98.9 % is not 99 %. */
const percent = (share: number): string =>
  `${(share * 100).toFixed(share < 0.1 || (share > 0.9 && share < 1) ? 1 : 0)} %`;
/** `1 connection was`, `2 connections were`. */
const counted = (count: number, one: string, verb: "is" | "was"): string =>
  `${count} ${one}${count === 1 ? ` ${verb}` : verb === "is" ? "s are" : "s were"}`;
const rate = (perSecond: number): string => String(Math.round(perSecond));
const ms = (nanos: number): string => `${(nanos / 1e6).toPrecision(3)} ms`;

const interruption = (why: string): string =>
  `It was interrupted: ${why.replace(/\.$/, "")}. What it shows is less than was asked for.`;

const waiting = (blocked: number): string =>
  `${counted(blocked, "operation", "was")} due and had to wait, because too many were in flight; the wait is in the response time.`;

/** In the order in which they are said, within a severity. */
const RULES: readonly Rule[] = [
  {
    severity: "invalid",
    look: ({ interrupted }) => interrupted !== undefined && interruption(interrupted),
  },
  {
    severity: "invalid",
    look: ({ isOverloaded }) =>
      isOverloaded &&
      "What waits grew all through the window: the system could not keep up, and its latency has no steady value.",
  },
  {
    severity: "invalid",
    // Of a short window a hundredth is what happens to be under way at its end: at least a tenth of a second's.
    look: ({ isOpenLoop, offered, achieved, ratedSeconds }) =>
      isOpenLoop &&
      offered !== undefined &&
      offered > 0 &&
      achieved < (1 - Math.max(0.01, 0.1 / ratedSeconds)) * offered &&
      `Only ${percent(achieved / offered)} of the offered rate was achieved: ${rate(achieved)} of ${rate(offered)} operations a second.`,
  },
  {
    severity: "invalid",
    // Who waited for room was not late by the generator's fault.
    look: ({ isOpenLoop, delayP99, responseP99, blocked, sent }) =>
      isOpenLoop &&
      blocked <= 0.01 * sent &&
      delayP99 !== undefined &&
      responseP99 !== undefined &&
      delayP99 > 1e6 &&
      delayP99 > responseP99 / 4 &&
      `The generator was late: a hundredth of the operations was sent ${ms(delayP99)} or more after it was due.`,
  },
  {
    severity: "invalid",
    look: ({ blocked, isBounded }) => !isBounded && blocked > 0 && waiting(blocked),
  },
  {
    severity: "invalid",
    look: ({ dropped }) =>
      dropped > 0 &&
      `${counted(dropped, "message", "was")} thrown away by the client while its connection was down.`,
  },
  {
    severity: "invalid",
    look: ({ isEmpty }) => isEmpty && "Nothing was measured in the window.",
  },
  {
    severity: "invalid",
    look: ({ wanted, got, interrupted, isEmpty }) =>
      wanted !== undefined &&
      got < wanted &&
      interrupted === undefined &&
      !isEmpty &&
      `Only ${got} of ${wanted} messages came: it ended when nothing had come for as long as --drain says.`,
  },
  {
    severity: "suspect",
    look: ({ blocked, isBounded, sent }) => isBounded && blocked > 0.01 * sent && waiting(blocked),
  },
  {
    severity: "suspect",
    look: ({ isOutrun }) =>
      isOutrun &&
      "Publishers outran their receivers: what waited for those grew all through the window, and latency says how long that went on. With --rate it says what the system needs.",
  },
  {
    severity: "suspect",
    look: ({ samples, sent, withoutLatency }) =>
      samples > 0 &&
      withoutLatency > 0.01 * sent &&
      `${percent(withoutLatency / sent)} of the operations did not end well: no percentile knows how long they would have taken.`,
  },
  {
    severity: "suspect",
    look: ({ slowConsumerCuts }) =>
      slowConsumerCuts > 0 &&
      `${counted(slowConsumerCuts, "connection", "was")} cut by the server as slow consumer${slowConsumerCuts === 1 ? "" : "s"}.`,
  },
  {
    severity: "suspect",
    look: ({ reconnects }) =>
      reconnects > 0 && `${counted(reconnects, "connection", "was")} lost during the measurement.`,
  },
  {
    severity: "suspect",
    look: ({ crossCheckFailures }) =>
      crossCheckFailures > 0 &&
      `${counted(crossCheckFailures, "sum", "is")} not what the server counted: see the accounting.`,
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
    look: ({ steadiness, isEmpty }) =>
      !isEmpty &&
      steadiness === "too_short" &&
      "The window was too short to tell whether it was steady: that takes ten seconds.",
  },
  {
    severity: "suspect",
    look: ({ samples, trustedPercentile }) =>
      samples > 0 &&
      trustedPercentile < 0.99 &&
      (trustedPercentile > 0
        ? `${counted(samples, "sample", "is")} too few for p99: no percentile above p${trustedPercentile * 100} can be told.`
        : `${counted(samples, "sample", "is")} too few for any percentile.`),
  },
  {
    severity: "suspect",
    look: ({ eventLoopUtilization, isOpenLoop }) =>
      isOpenLoop &&
      eventLoopUtilization > 0.8 &&
      `A thread of the generator was busy ${percent(eventLoopUtilization)} of the time, and may have been late to notice what arrived.`,
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
      `The container's processor limit held this program up in ${percent(throttledShare)} of its periods.`,
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

/** Of what was never run. */
export function interruptedVerdict(why: string): Verdict {
  return { verdict: "invalid", reasons: [{ severity: "invalid", sentence: interruption(why) }] };
}

/** Of several scenarios the worst, with the reasons of all. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const order = ["valid", "suspect", "invalid"] as const;
  const worst = Math.max(0, ...verdicts.map(({ verdict }) => order.indexOf(verdict)));
  const reasons = verdicts.flatMap((one) => one.reasons);
  const of = (severity: Severity) => reasons.filter((reason) => reason.severity === severity);
  return { verdict: order[worst] as Verdict["verdict"], reasons: [...of("invalid"), ...of("suspect")] };
}
