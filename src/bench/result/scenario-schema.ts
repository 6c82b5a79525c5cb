/**
 * The scenario in a saved result. Its type is `Scenario`, which the runner uses; the compiler reports an error if
 * the two differ.
 */
import * as v from "valibot";
import type { OpenLoad, Scenario, SizeChoice } from "../scenario/scenario.ts";
import { WORKLOAD_NAMES } from "../workloads/workloads.ts";
import { amount, list, number, object, optional, type Schema, text, truth, variant, word } from "./fields.ts";

/** Maximum operations of a schedule. To count those of poisson arrivals, every arrival has to be computed. */
const MAX_DUE = { uniform: Number.MAX_SAFE_INTEGER, poisson: 2e10 } as const;
const MAX_STAGES = 1000;
const MAX_ENTRIES = 10_000;

const storage = word("file", "memory");
const order = word("sequential", "random", "zipf");

const openLoad = v.pipe(
  object({
    kind: word("open"),
    stages: list(object({ from: amount, to: amount, seconds: amount }), MAX_STAGES),
    arrival: word("uniform", "poisson"),
    maxInFlight: amount,
  }),
  v.check(isCountable, "must not have more operations than can be counted"),
);

const size = variant<SizeChoice>({
  fixed: object({ kind: word("fixed"), bytes: amount }),
  uniform: object({ kind: word("uniform"), least: amount, most: amount }),
  normal: object({ kind: word("normal"), mean: amount, deviation: amount, most: amount }),
  weighted: object({
    kind: word("weighted"),
    choices: list(object({ bytes: amount, weight: amount }), MAX_ENTRIES),
  }),
});

const header = v.pipe(v.tuple([text, text], "must be a name and a value"), v.readonly());

const stream = object({
  name: text,
  create: truth,
  purge: truth,
  storage,
  replicas: amount,
  maxBytes: number,
  dedupSeconds: optional(amount),
  consumer: text,
  consumerExists: truth,
  batch: amount,
  acks: word("explicit", "none", "all"),
  doubleAck: truth,
  filter: optional(text),
});

const bucket = object({
  name: text,
  create: truth,
  purge: truth,
  storage,
  replicas: amount,
  maxBytes: number,
  history: amount,
  keys: amount,
  order,
});

/** Schema of the scenario that ran. */
export const SCENARIO_SCHEMA: Schema<Scenario> = object({
  name: text,
  workload: word(...WORKLOAD_NAMES),
  clients: amount,
  receivers: amount,
  amount: object({ messages: optional(amount), seconds: optional(amount) }),
  load: variant<Scenario["load"]>({
    closed: object({ kind: word("closed"), inFlight: amount }),
    open: openLoad,
  }),
  warmupSeconds: amount,
  drainSeconds: amount,
  subject: object({ base: text, count: amount, order }),
  payload: object({ size, randomShare: amount, file: optional(object({ path: text, size: amount })) }),
  headers: list(header, MAX_ENTRIES),
  queue: optional(text),
  timeoutMs: amount,
  isExternal: truth,
  stream: optional(stream),
  bucket: optional(bucket),
  seed: number,
  threads: optional(amount),
});

function isCountable({ arrival, stages: rates }: OpenLoad): boolean {
  const operations = rates.reduce((sum, { from, to, seconds }) => sum + ((from + to) / 2) * seconds, 0);
  return operations <= MAX_DUE[arrival];
}
