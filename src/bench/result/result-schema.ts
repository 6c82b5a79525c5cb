/**
 * What a saved result has to look like, field by field: `result.ts` for values that come from a file. The compiler
 * compares the two: a field that is missing here, or is optional in only one of them, is an error.
 *
 * Every message is the end of a sentence that begins with where the value is, and says nothing of the value.
 */
import * as v from "valibot";
import { COUNTERS } from "../measure/recorder.ts";
import { STAGE_NAMES } from "../measure/stage.ts";
import type {
  BucketChoice,
  ClosedLoad,
  Load,
  OpenLoad,
  PayloadChoice,
  PayloadFile,
  Scenario,
  SizeChoice,
  StreamChoice,
  SubjectChoice,
} from "../scenario/scenario.ts";
import type { Stage } from "../scenario/schedule.ts";
import { WORKLOAD_NAMES } from "../workloads/workloads.ts";
import {
  type Account,
  type ClientResult,
  type CrossCheck,
  type Environment,
  EVENT_KINDS,
  type Interference,
  RESULT_VERSION,
  type Result,
  type RunEvent,
  type ScenarioResult,
  type SecondOf,
  type ServerSecond,
  type StageHistograms,
  type Verdict,
} from "./result.ts";

type Schema<T> = v.GenericSchema<unknown, T>;

/** A schema for each field; of one that may be absent it stands in brackets. */
type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? readonly [Schema<Exclude<T[K], undefined>>]
    : Schema<T[K]>;
};

/** Nobody has more in one run. */
const MOST_SCENARIOS = 1000;
/** Of seconds: more than a run keeps, which is a day of them. */
const MOST_ROWS = 2 * 24 * 3600;
/** Operations. Of poisson arrivals the times have to be made one after the other to know how many were due. */
const MOST_DUE = { uniform: Number.MAX_SAFE_INTEGER, poisson: 2e10 } as const;

const text = v.string("must be a text");
const truth = v.boolean("must be true or false");
/** JSON has `1e999`. */
const number = v.pipe(v.number("must be a number"), v.finite("must be a finite number"));
const amount = v.pipe(number, v.minValue(0, "must not be negative"));
const share = amount;
const encoded = text;

/** Names in it are somebody else's: no sentence may say one, so it is looked at as a whole. */
const amounts = v.custom<Record<string, number>>(
  (value) =>
    isObject(value) && Object.values(value).every((one) => typeof one === "number" && Number.isFinite(one)),
  "must be an object of numbers",
);

const stages: Schema<readonly Stage[]> = listOf(
  objectOf<Stage>({ from: amount, to: amount, seconds: amount }),
  MOST_SCENARIOS,
);

const closedLoad = objectOf<ClosedLoad>({ kind: word("closed"), inFlight: amount });
const openLoad: Schema<OpenLoad> = v.pipe(
  objectOf<OpenLoad>({
    kind: word("open"),
    stages,
    arrival: word("uniform", "poisson"),
    maxInFlight: amount,
  }),
  v.check(isCountable, "must not have more operations than can be counted"),
);

const size = variantOf<SizeChoice>({
  fixed: objectOf<Extract<SizeChoice, { kind: "fixed" }>>({ kind: word("fixed"), bytes: amount }),
  uniform: objectOf<Extract<SizeChoice, { kind: "uniform" }>>({
    kind: word("uniform"),
    least: amount,
    most: amount,
  }),
  normal: objectOf<Extract<SizeChoice, { kind: "normal" }>>({
    kind: word("normal"),
    mean: amount,
    deviation: amount,
    most: amount,
  }),
  weighted: objectOf<Extract<SizeChoice, { kind: "weighted" }>>({
    kind: word("weighted"),
    choices: listOf(objectOf<{ bytes: number; weight: number }>({ bytes: amount, weight: amount }), 10_000),
  }),
});

const scenario = objectOf<Scenario>({
  name: text,
  workload: word(...WORKLOAD_NAMES),
  clients: amount,
  receivers: amount,
  amount: objectOf<Scenario["amount"]>({ messages: [amount], seconds: [amount] }),
  load: variantOf<Load>({ closed: closedLoad, open: openLoad }),
  warmupSeconds: amount,
  drainSeconds: amount,
  subject: objectOf<SubjectChoice>({
    base: text,
    count: amount,
    order: word("sequential", "random", "zipf"),
  }),
  payload: objectOf<PayloadChoice>({
    size,
    randomShare: share,
    file: [objectOf<Omit<PayloadFile, "content">>({ path: text, size: amount })],
  }),
  headers: listOf(
    v.tuple([text, text], "must be a name and a value") as Schema<readonly [string, string]>,
    10_000,
  ),
  queue: [text],
  timeoutMs: amount,
  isExternal: truth,
  stream: [
    objectOf<StreamChoice>({
      name: text,
      create: truth,
      purge: truth,
      storage: word("file", "memory"),
      replicas: amount,
      maxBytes: number,
      dedupSeconds: [amount],
      consumer: text,
      consumerExists: truth,
      batch: amount,
      acks: word("explicit", "none", "all"),
      doubleAck: truth,
      filter: [text],
    }),
  ],
  bucket: [
    objectOf<BucketChoice>({
      name: text,
      create: truth,
      purge: truth,
      storage: word("file", "memory"),
      replicas: amount,
      maxBytes: number,
      history: amount,
      keys: amount,
      order: word("sequential", "random", "zipf"),
    }),
  ],
  seed: number,
  threads: [amount],
});

const stageHistograms = objectOf<StageHistograms>(
  Object.fromEntries(STAGE_NAMES.map((name) => [name, [encoded]])) as unknown as Fields<StageHistograms>,
);

const counters = objectOf<SecondOf["counters"]>(
  Object.fromEntries(COUNTERS.map((name) => [name, amount])) as unknown as Fields<SecondOf["counters"]>,
);

const verdict = objectOf<Verdict>({
  verdict: word("valid", "suspect", "invalid"),
  reasons: listOf(
    objectOf<Verdict["reasons"][number]>({ severity: word("suspect", "invalid"), sentence: text }),
    10_000,
  ),
});

const account = objectOf<Account>({
  sent: amount,
  completed: amount,
  failed: amounts,
  dropped: amount,
  lost: amount,
  lostAfterAck: amount,
  unanswered: amount,
  storedUnacked: [amount],
  received: [amount],
  duplicates: amount,
  redelivered: amount,
  outOfOrder: amount,
  crossCheck: listOf(objectOf<CrossCheck>({ what: text, expected: number, found: number }), 10_000),
});

const event = objectOf<RunEvent>({
  second: number,
  kind: word(...EVENT_KINDS),
  what: text,
  times: [amount],
  recovery: [objectOf<NonNullable<RunEvent["recovery"]>>({ firstSuccess: [number], latency: [number] })],
  command: [objectOf<NonNullable<RunEvent["command"]>>({ end: text, seconds: number, output: text })],
});

const interference = objectOf<Interference>({
  threads: listOf(
    objectOf<Interference["threads"][number]>({
      role: text,
      eventLoopUtilization: share,
      gcShare: share,
      longestGcMs: amount,
    }),
    10_000,
  ),
  stealShare: [share],
  throttledShare: [share],
  hiccups: [encoded],
  probe: [encoded],
  floor: [stageHistograms],
  serverOnThisHost: truth,
});

const scenarioResult = objectOf<ScenarioResult>({
  scenario,
  driver: text,
  carrier: word("payload", "header", "none"),
  window: objectOf<ScenarioResult["window"]>({ from: number, until: number, drained: number }),
  warmup: stageHistograms,
  measured: stageHistograms,
  seconds: listOf(
    objectOf<SecondOf>({ second: amount, counters, offered: [amount], stages: stageHistograms }),
    MOST_ROWS,
  ),
  account,
  clients: listOf(
    objectOf<ClientResult>({ id: text, messages: amount, bytes: amount, seconds: number }),
    MOST_ROWS,
  ),
  server: listOf(objectOf<ServerSecond>({ second: number, server: text, values: amounts }), MOST_ROWS * 10),
  events: listOf(event, MOST_ROWS),
  interference,
  notes: [listOf(text, 10_000)],
  verdict,
});

const environment = objectOf<Environment>({
  host: objectOf<Environment["host"]>({
    platform: text,
    kernel: text,
    processor: text,
    processors: amount,
    memoryBytes: amount,
    container: truth,
    cpuLimit: [amount],
  }),
  runtime: objectOf<Environment["runtime"]>({ node: text, v8: text }),
  servers: listOf(
    objectOf<Environment["servers"][number]>({
      name: text,
      version: text,
      cluster: [text],
      roundTripMs: [number],
      tls: truth,
      local: truth,
    }),
    10_000,
  ),
  command: listOf(text, 100_000),
  fingerprint: text,
});

/** Of the whole file, whose version is known to be ours. Histograms are texts to it. */
export const RESULT_SCHEMA: Schema<Result> = objectOf<Result>({
  natscope: objectOf<Result["natscope"]>({
    result: v.literal(RESULT_VERSION, `must be ${RESULT_VERSION}`),
    version: text,
  }),
  startedAt: v.pipe(text, v.check(isInstant, "must be a time such as 2026-03-01T10:20:30.456Z")),
  interrupted: [text],
  environment,
  scenarios: v.pipe(
    listOf(scenarioResult, MOST_SCENARIOS),
    v.minLength(1, "must have at least one scenario"),
  ),
  verdict,
});

function objectOf<T>(fields: Fields<T>): Schema<T> {
  const entries = Object.entries<Schema<unknown> | readonly [Schema<unknown>]>(fields).map(
    ([name, field]) => [name, Array.isArray(field) ? v.exactOptional(field[0]) : field],
  );
  return v.object(Object.fromEntries(entries), "must be an object") as unknown as Schema<T>;
}

/** One of several objects, by the word in their `kind`. */
function variantOf<T extends { readonly kind: string }>(
  variants: {
    readonly [Kind in T["kind"]]: Schema<Extract<T, { readonly kind: Kind }>>;
  },
): Schema<T> {
  const byKind = new Map<unknown, Schema<T>>(Object.entries<Schema<T>>(variants));
  const none = objectOf<{ kind: string }>({ kind: word(...Object.keys(variants)) }) as Schema<unknown>;
  return v.lazy((value) => byKind.get((value as { kind?: unknown } | null)?.kind) ?? (none as Schema<T>));
}

function listOf<T>(item: Schema<T>, most: number): v.GenericSchema<unknown, readonly T[]> {
  return v.pipe(
    v.array(v.unknown(), "must be a list"),
    v.maxLength(most, `must have no more than ${most} entries`),
    v.array(item, "must be a list"),
  );
}

function word<const Word extends string>(...words: readonly Word[]): Schema<Word> {
  return v.picklist(words, `must be one of ${words.join(", ")}`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCountable({ arrival, stages: rates }: OpenLoad): boolean {
  const operations = rates.reduce((sum, { from, to, seconds }) => sum + ((from + to) / 2) * seconds, 0);
  return operations <= MOST_DUE[arrival];
}

function isInstant(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT/.test(value) && Number.isFinite(Date.parse(value));
}
