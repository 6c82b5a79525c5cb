/**
 * The result of a run: everything a report needs, as JSON, with whole histograms. Reports are made from it, at
 * once or years later; nothing is computed from numbers that had been rounded.
 */
import type { CounterName } from "../measure/recorder.ts";
import type { StageName } from "../measure/stage.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** Of the file's form. A reader refuses what is newer. */
export const RESULT_VERSION = 1;

/** See the file's comment. */
export interface Result {
  readonly natscope: { readonly result: typeof RESULT_VERSION; readonly version: string };
  /** When the first operation was due, as ISO 8601. Only a label: nothing is measured by it. */
  readonly startedAt: string;
  /** Ended by ^C or a failure: what there is, is right, and less than was asked for. */
  readonly interrupted?: string;
  readonly environment: Environment;
  readonly scenarios: readonly ScenarioResult[];
  readonly verdict: Verdict;
}

/** Of one scenario. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  /** Which client sent: a driver's name. */
  readonly driver: string;
  readonly carrier: "payload" | "header" | "none";
  /** Seconds, on the run's clock: when the window began and ended, and when all had ended. */
  readonly window: { readonly from: number; readonly until: number; readonly drained: number };
  /** Whole histograms, HdrHistogram V2 compressed, base64; nanoseconds. Absent: nothing was recorded. */
  readonly warmup: StageHistograms;
  readonly measured: StageHistograms;
  /** One row for each second, from the run's zero. */
  readonly seconds: readonly SecondOf[];
  readonly account: Account;
  /** One row for each client that sent or received. */
  readonly clients: readonly ClientResult[];
  readonly server: readonly ServerSecond[];
  readonly events: readonly RunEvent[];
  readonly interference: Interference;
  /** Sentences for the reader of the figures: what was not timed, what could not be compared. */
  readonly notes?: readonly string[];
  readonly verdict: Verdict;
}

/** Histograms by stage. */
export type StageHistograms = Readonly<Partial<Record<StageName, string>>>;

/** What happened in one second. */
export interface SecondOf {
  /** Since the run's zero. */
  readonly second: number;
  readonly counters: Readonly<Record<CounterName, number>>;
  /** Operations due in this second; absent in a closed loop. */
  readonly offered?: number;
  readonly stages: StageHistograms;
}

/** Every sent message is in exactly one of: completed, failed, dropped, lost, unanswered. */
export interface Account {
  readonly sent: number;
  /** Replied to, acknowledged, or received, by what the workload is about. */
  readonly completed: number;
  readonly failed: Readonly<Record<string, number>>;
  /** Thrown away by the client while its connection was down. */
  readonly dropped: number;
  /** Given to the server and never received; of a stream, acknowledged and not in it. */
  readonly lost: number;
  /** Of `lost`: those that the stream had acknowledged. */
  readonly lostAfterAck: number;
  /** No answer when the drain was over; or in the stream, and not delivered by then. */
  readonly unanswered: number;
  /** Of a stream: in it, though their sender got no acknowledgement. A part of other classes, none of its own. */
  readonly storedUnacked?: number;
  /** Distinct messages; absent where nobody receives. */
  readonly received?: number;
  readonly duplicates: number;
  readonly redelivered: number;
  readonly outOfOrder: number;
  /** What the server counted, beside what was expected of it. */
  readonly crossCheck: readonly CrossCheck[];
}

/** A sum that somebody else has, too. */
export interface CrossCheck {
  /** Sentence: what was compared. */
  readonly what: string;
  readonly expected: number;
  readonly found: number;
}

/** One client. */
export interface ClientResult {
  /** `P0`, `S0`, as `nats bench` has it. */
  readonly id: string;
  readonly messages: number;
  readonly bytes: number;
  /** Of who sends, from the beginning to the last end of an operation; of who receives, from the first message to the last. */
  readonly seconds: number;
}

/** What a server said of itself, once a second. */
export interface ServerSecond {
  readonly second: number;
  readonly server: string;
  /** Counters are since the server's start; what is missing was not said. */
  readonly values: Readonly<Record<string, number>>;
}

/** What may happen during a run. */
export const EVENT_KINDS = ["command", "lost", "regained", "failed", "leader"] as const;

/** Something that happened during the run. */
export interface RunEvent {
  /** Since the run's zero. */
  readonly second: number;
  readonly kind: (typeof EVENT_KINDS)[number];
  readonly what: string;
  /** Of a failure: how often, if more than once; the second is the first one's. */
  readonly times?: number;
  /** Seconds until operations succeeded again, and until latency was what it had been before. */
  readonly recovery?: { readonly firstSuccess?: number; readonly latency?: number };
  /** Of a command: how it ended, after how many seconds, and the end of what it wrote. */
  readonly command?: { readonly end: string; readonly seconds: number; readonly output: string };
}

/** What else went on where the load came from. Shares are of the window's time, 0 to 1. */
export interface Interference {
  readonly threads: readonly {
    readonly role: string;
    readonly eventLoopUtilization: number;
    readonly gcShare: number;
    readonly longestGcMs: number;
  }[];
  readonly stealShare?: number;
  readonly throttledShare?: number;
  /** How late a thread woke that only sleeps, in nanoseconds: the machine's own jitter. */
  readonly hiccups?: string;
  /** Round trip of an idle connection, in nanoseconds. */
  readonly probe?: string;
  /** The same load against nothing, in nanoseconds. */
  readonly floor?: StageHistograms;
  readonly serverOnThisHost: boolean;
}

/** Whether to believe it. */
export interface Verdict {
  readonly verdict: "valid" | "suspect" | "invalid";
  /** Sentences, the worst first. */
  readonly reasons: readonly { readonly severity: "suspect" | "invalid"; readonly sentence: string }[];
}

/** Where it ran. */
export interface Environment {
  readonly host: {
    readonly platform: string;
    readonly kernel: string;
    readonly processor: string;
    readonly processors: number;
    readonly memoryBytes: number;
    readonly container: boolean;
    readonly cpuLimit?: number;
  };
  readonly runtime: { readonly node: string; readonly v8: string };
  readonly servers: readonly {
    readonly name: string;
    readonly version: string;
    readonly cluster?: string;
    readonly roundTripMs?: number;
    readonly tls: boolean;
    readonly local: boolean;
  }[];
  /** Arguments of the command, without secrets. */
  readonly command: readonly string[];
  /** Of what makes two runs comparable. */
  readonly fingerprint: string;
}
