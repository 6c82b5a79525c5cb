/**
 * The rules of the verdict, one row each: a finding with its number, its consequence for the reader of the
 * numbers, and a remedy for the user. The load generator has to be on time and to have time to spare, the system
 * has to keep up and be steady, and there have to be enough samples.
 */
import { count, counted, duration, seconds, share } from "../../../text/quantity.ts";
import type { Verdict } from "../schema.ts";
import { samplesFor } from "../statistics/enough-samples.ts";
import type { Evidence } from "./evidence.ts";

/** A reason not to trust the numbers. */
export interface Rule {
  readonly severity: Verdict["reasons"][number]["severity"];
  /** The finding with its number; undefined if the rule does not apply. */
  finding(evidence: Evidence): string | undefined;
  readonly consequence: string;
  readonly remedy: string;
}

/** Share of operations up to which a loss is tolerated. */
const TOLERANCE = 0.01;
/** Operations of a tenth of a second may be in flight at the end of a short window. */
const IN_FLIGHT_SECONDS = 0.1;

/** Rules for "invalid": the numbers do not measure what was asked for. */
const INVALID = [
  {
    finding: ({ interrupted }) =>
      interrupted === undefined ? undefined : `The run was interrupted (${interrupted.replace(/\.$/, "")})`,
    consequence: "it measured less than was asked for",
    remedy: "Run it again to its end",
  },
  {
    finding: ({ overload }) =>
      overload === undefined
        ? undefined
        : `The backlog grew throughout the window, by ${counted(overload, "operation")}`,
    consequence: "the system cannot sustain this rate, so its latency depends on how long the run lasts",
    remedy: "Lower --rate",
  },
  {
    finding: ({ isOpenLoop, doneShare, offered = 0, achieved, windowSeconds }) =>
      isOpenLoop &&
      doneShare !== undefined &&
      Math.max(doneShare, achieved / offered) <
        1 - Math.max(TOLERANCE, IN_FLIGHT_SECONDS / (windowSeconds - 1))
        ? `Only ${share(achieved / offered)} of the offered rate was achieved, ${count(achieved)} of ${count(offered)} operations/s`
        : undefined,
    consequence: "latency at the offered rate was not measured",
    remedy: "Lower --rate",
  },
  {
    // An operation that waited because the maximum was in flight is not late because of the generator.
    finding: ({ isOpenLoop, delayP99 = 0, responseP99, blocked, sent }) =>
      isOpenLoop &&
      blocked <= TOLERANCE * sent &&
      responseP99 !== undefined &&
      delayP99 > 1e6 &&
      delayP99 > responseP99 / 4
        ? `The load generator fell behind and sent 1 % of operations at least ${duration(delayP99)} late`
        : undefined,
    consequence: "response times include this delay",
    remedy: "Lower --rate or raise --threads",
  },
  {
    finding: ({ blocked, isBounded }) => (!isBounded && blocked > 0 ? waited(blocked) : undefined),
    consequence: "response times include the wait",
    remedy: "Raise --in-flight or lower --rate",
  },
  {
    finding: ({ dropped }) =>
      dropped > 0
        ? `${counted(dropped, "message was", "messages were")} discarded by the client while its connection was down`
        : undefined,
    consequence: "the server never got them, and no percentile includes them",
    remedy: "Find out in the server's log why the connection was lost",
  },
  {
    finding: ({ isEmpty }) => (isEmpty ? "No operation ended in the measurement window" : undefined),
    consequence: "there is nothing to report",
    remedy: "Check the subject and the accounting, or raise --duration",
  },
  {
    finding: ({ wanted, got, interrupted, isEmpty }) =>
      wanted !== undefined && got < wanted && interrupted === undefined && !isEmpty
        ? `Only ${count(got)} of ${count(wanted)} messages arrived, and then none for as long as --drain`
        : undefined,
    consequence: "the numbers are those of fewer messages than were asked for",
    remedy: "Check that all messages are published, or raise --drain",
  },
] as const satisfies readonly Omit<Rule, "severity">[];

/** Rules for "suspect": the numbers have to be used with care. */
const SUSPECT = [
  {
    finding: ({ blocked, isBounded, sent }) =>
      isBounded && blocked > TOLERANCE * sent ? waited(blocked) : undefined,
    consequence: "response times include the wait",
    remedy: "Raise --in-flight or lower --rate, unless that limit is what you test",
  },
  {
    finding: ({ outrun }) =>
      outrun === undefined
        ? undefined
        : `The receivers fell behind throughout the window, by ${counted(outrun, "message")}`,
    consequence: "latency depends on how long the run lasts",
    remedy: "Set --rate to a rate that the receivers can sustain",
  },
  {
    finding: ({ samples, sent, withoutLatency }) =>
      samples > 0 && withoutLatency > TOLERANCE * sent
        ? `${share(withoutLatency / sent)} of operations did not succeed`
        : undefined,
    consequence: "no percentile includes them, so latency looks better than it was",
    remedy: "See the accounting for what became of them",
  },
  {
    finding: ({ slowConsumerCuts }) =>
      slowConsumerCuts > 0
        ? `The server disconnected ${counted(slowConsumerCuts, "slow consumer")}`
        : undefined,
    consequence: "messages for them were lost",
    remedy: "Lower --rate or --size, or raise --threads",
  },
  {
    finding: ({ reconnects }) =>
      reconnects > 0
        ? `${counted(reconnects, "connection was", "connections were")} lost during the measurement`
        : undefined,
    consequence: "operations failed or waited meanwhile",
    remedy: "See the events, and the server's log for the cause",
  },
  {
    finding: ({ crossCheckFailures }) =>
      crossCheckFailures > 0
        ? `${counted(crossCheckFailures, "count differs", "counts differ")} from the server's`
        : undefined,
    consequence: "messages were lost or repeated, or another client used the server",
    remedy: "See the accounting",
  },
  {
    finding: ({ steadiness, change }) =>
      steadiness === "drifting"
        ? `Latency or rate changed in one direction throughout the window${by(change)}`
        : undefined,
    consequence: "the numbers depend on how long the run lasts",
    remedy: "Raise --warmup and --duration",
  },
  {
    finding: ({ steadiness, change }) =>
      steadiness === "unsteady"
        ? `Latency or rate changed${by(change)} in the second half of the window`
        : undefined,
    consequence: "the numbers mix two states of the system",
    remedy: "Raise --warmup and --duration",
  },
  {
    finding: ({ steadiness, isEmpty, windowSeconds }) =>
      !isEmpty && steadiness === "too_short"
        ? `The measurement window was ${seconds(windowSeconds)} long`
        : undefined,
    consequence: "it takes ten seconds to see whether a system is steady",
    remedy: "Raise --duration",
  },
  {
    finding: ({ samples, trustedPercentile }) =>
      samples > 0 && trustedPercentile < 0.99
        ? `p99 needs ${count(samplesFor(0.99))} samples, and there ${samples === 1 ? "is" : "are"} ${count(samples)}`
        : undefined,
    consequence: "the higher percentiles are left out",
    remedy: "Raise --duration, --msgs or --rate",
  },
  {
    finding: ({ eventLoopUtilization, isOpenLoop }) =>
      isOpenLoop && eventLoopUtilization > 0.8
        ? `A thread of the load generator was busy ${share(eventLoopUtilization)} of the time`
        : undefined,
    consequence: "it may have noticed replies late",
    remedy: "Lower --rate or raise --threads",
  },
  {
    finding: ({ gcShare }) =>
      gcShare > 0.02 ? `Garbage collection took ${share(gcShare)} of a thread's time` : undefined,
    consequence: "latency includes its pauses",
    remedy: "Lower --rate or --size, or raise --threads",
  },
  {
    finding: ({ stealShare = 0 }) =>
      stealShare > 0.01
        ? `Other virtual machines on this host took ${share(stealShare)} of the processors' time`
        : undefined,
    consequence: "latency includes the time that this machine did not run",
    remedy: "Use a machine that shares its processors with no other",
  },
  {
    finding: ({ throttledShare = 0 }) =>
      throttledShare > 0.01
        ? `The container's CPU limit throttled this process in ${share(throttledShare)} of scheduler periods`
        : undefined,
    consequence: "latency includes these pauses",
    remedy: "Raise the limit or lower --rate",
  },
  {
    finding: ({ hiccup, responseP99 }) =>
      hiccup !== undefined && responseP99 !== undefined && hiccup > responseP99 / 4
        ? `This machine is noisy, and 1 in 1,000 timer wake-ups was ${duration(hiccup)} late`
        : undefined,
    consequence: "that is more than a quarter of the measured p99",
    remedy: "Stop other programs or use a quieter machine",
  },
  {
    finding: ({ floorP99, responseP99 }) =>
      floorP99 !== undefined && responseP99 !== undefined && floorP99 > 0.3 * responseP99
        ? `The load generator alone takes ${duration(floorP99)} (p99)`
        : undefined,
    consequence: `that is ${share(0.3)} or more of the measured p99`,
    remedy: "Lower --rate or use a faster machine",
  },
] as const satisfies readonly Omit<Rule, "severity">[];

/** All rules, in the order in which they are reported. */
export const RULES: readonly Rule[] = [
  ...INVALID.map((rule) => ({ ...rule, severity: "invalid" as const })),
  ...SUSPECT.map((rule) => ({ ...rule, severity: "suspect" as const })),
];

function waited(blocked: number): string {
  return `${counted(blocked, "operation")} had to wait because --in-flight operations were out already`;
}

function by(change: number | undefined): string {
  return change === undefined ? "" : ` by ${share(change)}`;
}
