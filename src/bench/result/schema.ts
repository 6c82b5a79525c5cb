/**
 * The schema of a saved result, the contract between `natscope bench --out` and `natscope report`. The types of a
 * result are inferred from it, so the writer cannot save what the reader would refuse.
 *
 * A result is one JSON document with whole histograms: every report is computed from it, and nothing is computed
 * from numbers that had been rounded. Histograms are HdrHistogram V2 compressed, in base64, in nanoseconds.
 */
import * as v from "valibot";
import { COUNTERS, type CounterName } from "../measure/recorder.ts";
import { STAGE_NAMES, type StageName } from "../measure/stage.ts";
import { amount, amounts, list, number, object, optional, text, truth, word } from "./fields.ts";
import { SCENARIO_SCHEMA } from "./scenario-schema.ts";

/** Version of the format. A reader refuses a newer one. */
export const RESULT_VERSION = 1;

const MAX_SCENARIOS = 1000;
/** Two days of seconds; a run keeps one. */
const MAX_SECONDS = 2 * 24 * 3600;
const MAX_ENTRIES = 10_000;
const MAX_ARGUMENTS = 100_000;

const histogram = text;

const stageHistograms = object(
  Object.fromEntries(STAGE_NAMES.map((name) => [name, optional(histogram)])) as Record<
    StageName,
    ReturnType<typeof optional<typeof histogram>>
  >,
);

/** Histograms by stage; a stage without a value is absent. */
export type StageHistograms = v.InferOutput<typeof stageHistograms>;

const second = object({
  /** Seconds since the run's zero: 0, 1, 2 … The last second is shorter. */
  second: amount,
  /** Counts in this second; an operation is counted in the second in which it ended. */
  counters: object(
    Object.fromEntries(COUNTERS.map((name) => [name, amount])) as Record<CounterName, typeof amount>,
  ),
  /** Operations due in this second; absent in a closed loop. */
  offered: optional(amount),
  stages: stageHistograms,
});

/** One second of a run. */
export type SavedSecond = v.InferOutput<typeof second>;

const crossCheck = object({
  /** Name of the count. */
  what: text,
  expected: number,
  found: number,
});

/** A count of the run, compared with the same count of the server. */
export type CrossCheck = v.InferOutput<typeof crossCheck>;

const account = object({
  sent: amount,
  /** Answered, acknowledged or received, depending on the workload. */
  completed: amount,
  /** Failed operations by error type. */
  failed: amounts,
  /** Discarded by the client while its connection was down. */
  dropped: amount,
  /** Given to the server and never received; of a stream: acknowledged and missing in it. */
  lost: amount,
  /** Those of `lost` that the stream had acknowledged. */
  lostAfterAck: amount,
  /** Without an answer at the end of the drain, or in the stream and not delivered by then. */
  unanswered: amount,
  /** In the stream although their sender got no acknowledgement. A part of the other classes. */
  storedUnacked: optional(amount),
  /** Distinct messages received; absent if the workload does not receive. */
  received: optional(amount),
  duplicates: amount,
  redelivered: amount,
  outOfOrder: amount,
  crossCheck: list(crossCheck, MAX_ENTRIES),
});

/** The outcome of every message that was sent: completed, failed, dropped, lost or unanswered. */
export type Account = v.InferOutput<typeof account>;

const client = object({
  /** `P0` for a sender, `S0` for a receiver, as in `nats bench`. */
  id: text,
  messages: amount,
  bytes: amount,
  /** For a sender from the run's zero to the end of its last operation; for a receiver from its first message to its last. */
  seconds: number,
});

/** The totals of one client. */
export type ClientResult = v.InferOutput<typeof client>;

const serverSecond = object({
  second: number,
  server: text,
  /** Fields of the server's monitoring replies; a field that the server does not report is absent. Counters start with the server. */
  values: amounts,
});

/** The counters of one server, sampled once a second. */
export type ServerSecond = v.InferOutput<typeof serverSecond>;

/** Kinds of events in a run. */
export const EVENT_KINDS = ["command", "lost", "regained", "failed", "leader"] as const;

const event = object({
  /** Seconds since the run's zero. */
  second: number,
  kind: word(...EVENT_KINDS),
  what: text,
  /** How often a failure occurred, if more than once; `second` is the first time. */
  times: optional(amount),
  /** Seconds until operations succeeded again, and until latency was back at its level before the event. */
  recovery: optional(object({ firstSuccess: optional(number), latency: optional(number) })),
  /** How a command ended, after how many seconds, and the end of its output. */
  command: optional(object({ end: text, seconds: number, output: text })),
});

/** Something that happened during a run. */
export type RunEvent = v.InferOutput<typeof event>;

const interference = object({
  /** Shares are of the measurement window, 0 to 1. */
  threads: list(
    object({ role: text, eventLoopUtilization: amount, gcShare: amount, longestGcMs: amount }),
    MAX_ENTRIES,
  ),
  /** Share of processor time taken by other virtual machines on the host. */
  stealShare: optional(amount),
  /** Share of scheduler periods in which the container's CPU limit throttled this process. */
  throttledShare: optional(amount),
  /** How late a thread woke up that only sleeps: the machine's own noise. */
  hiccups: optional(histogram),
  /** Round trips of an idle connection. */
  probe: optional(histogram),
  /** The same load against a server that does nothing. */
  floor: optional(stageHistograms),
  serverOnThisHost: truth,
});

/** Disturbances of the load generator. */
export type Interference = v.InferOutput<typeof interference>;

const verdict = object({
  verdict: word("valid", "suspect", "invalid"),
  /** The reasons for "invalid" come first. */
  reasons: list(object({ severity: word("suspect", "invalid"), sentence: text }), MAX_ENTRIES),
});

/** Whether the numbers of a run can be trusted, and why not. */
export type Verdict = v.InferOutput<typeof verdict>;

const scenarioResult = object({
  scenario: SCENARIO_SCHEMA,
  /** Name of the driver: which client sent. */
  driver: text,
  /** The part of a message that contains its stamp. */
  carrier: word("payload", "header", "none"),
  /** Seconds since the run's zero: the measurement window, and the end of the drain. */
  window: object({ from: number, until: number, drained: number }),
  /** Operations that were due in the warm-up. */
  warmup: stageHistograms,
  /** Operations that were due in the measurement window, whenever they ended. */
  measured: stageHistograms,
  seconds: list(second, MAX_SECONDS),
  account,
  clients: list(client, MAX_SECONDS),
  server: list(serverSecond, MAX_SECONDS * 10),
  /** Sorted by time. */
  events: list(event, MAX_SECONDS),
  interference,
  /** Sentences that help to read the numbers. */
  notes: optional(list(text, MAX_ENTRIES)),
  verdict,
});

/** The result of one scenario. */
export type ScenarioResult = v.InferOutput<typeof scenarioResult>;

const environment = object({
  host: object({
    platform: text,
    kernel: text,
    processor: text,
    processors: amount,
    memoryBytes: amount,
    container: truth,
    /** Processors that the container may use. */
    cpuLimit: optional(amount),
  }),
  runtime: object({ node: text, v8: text }),
  servers: list(
    object({
      name: text,
      version: text,
      cluster: optional(text),
      roundTripMs: optional(number),
      tls: truth,
      local: truth,
    }),
    MAX_ENTRIES,
  ),
  /** Arguments of the command, without secrets. */
  command: list(text, MAX_ARGUMENTS),
  /** The same for runs that can be compared: 16 hexadecimal digits. */
  fingerprint: text,
});

/** Host, runtime and servers of a benchmark. */
export type Environment = v.InferOutput<typeof environment>;

/** Schema of the whole file, once its version is known to be ours. Histograms are not decoded. */
export const RESULT_SCHEMA = object({
  natscope: object({
    result: v.literal(RESULT_VERSION, `must be ${RESULT_VERSION}`),
    version: text,
  }),
  /** When the first operation was due, by the wall clock. Only a label. */
  startedAt: v.pipe(text, v.check(isInstant, "must be a time such as 2026-03-01T10:20:30.456Z")),
  /** Why the run ended early, if it did. Its numbers are correct, but of less than was asked for. */
  interrupted: optional(text),
  environment,
  scenarios: v.pipe(list(scenarioResult, MAX_SCENARIOS), v.minLength(1, "must have at least one scenario")),
  verdict,
});

/** The result of a benchmark, as saved. */
export type Result = v.InferOutput<typeof RESULT_SCHEMA>;

function isInstant(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT/.test(value) && Number.isFinite(Date.parse(value));
}
