/**
 * From an option's values to a scenario: defaults, and everything that is wrong between values that are right by
 * themselves. Pure but for the file of a payload, which is read by whoever asks.
 */
import { InvalidValue } from "../../input/invalid-value.ts";
import { defaultMaxInFlight } from "../scenario/in-flight.ts";
import type {
  BucketChoice,
  Load,
  PayloadChoice,
  Scenario,
  StreamChoice,
  SubjectChoice,
} from "../scenario/scenario.ts";
import type { Stage } from "../scenario/schedule.ts";
import { smallestSize } from "../scenario/size.ts";
import type { InFlight } from "../workloads/workload.ts";
import { minSizeOf, workloadOf } from "../workloads/workloads.ts";
import type { Chosen } from "./choose.ts";
import { appliesTo, flagOf } from "./options.ts";

/** What a scenario is made of, besides its options. */
export interface Making {
  readonly workload: string;
  readonly chosen: Chosen;
  /** Where nobody says one. */
  readonly subject: string;
  /** Of requests and of JetStream's answers. */
  readonly timeoutMs: number;
  readonly readFile: (path: string) => Uint8Array | InvalidValue;
  /** Told each problem, a sentence. */
  readonly tell: (problem: string) => void;
}

/** Of use only if `tell` was told nothing. */
export function scenarioOf(making: Making): Scenario {
  const { workload, chosen, timeoutMs } = making;
  const { values } = chosen;
  const amount = amountOf(making);
  const payload = payloadOf(making);
  const load = loadOf(making, amount, payload);
  const hasReceivers = appliesTo("receivers", workload);
  contradictions(making, amount);
  return {
    name: values.name ?? workload,
    workload,
    clients: values.clients ?? 1,
    receivers: hasReceivers && !values.external ? (values.receivers ?? 1) : 0,
    amount: {
      ...(amount.messages !== undefined && { messages: amount.messages }),
      ...(amount.seconds !== undefined && { seconds: amount.seconds }),
    },
    load,
    warmupSeconds: amount.warmup,
    drainSeconds: values.drain ?? DRAIN_SECONDS,
    subject: subjectOf(making),
    payload,
    headers: values.header ?? [],
    ...(values.queue !== undefined && { queue: values.queue }),
    timeoutMs,
    isExternal: values.external ?? false,
    ...(workloadOf(workload).on === "stream" && { stream: streamOf(making) }),
    ...(isOnBucket(workload) && { bucket: bucketOf(making, amount.messages) }),
    seed: values.randomSeed ?? 1,
    ...(values.threads !== undefined && { threads: values.threads }),
  };
}

const DRAIN_SECONDS = 5;
const WARMUP_SECONDS = 5;
const WARMUP_SHARE = 0.1;
/** Of an open loop that nobody gave a length. */
const SECONDS = 30;
/** natscli's. */
const MESSAGES = 100_000;

interface Amount {
  readonly messages: number | undefined;
  readonly seconds: number | undefined;
  readonly warmup: number;
}

function amountOf({ workload, chosen: { values } }: Making): Amount {
  const { msgs, duration, rate, stage: stages = [], warmup } = values;
  const { sends, service, messages: usualMessages = MESSAGES } = workloadOf(workload);
  const staged = stages.length > 0 ? stages.reduce((sum, { seconds }) => sum + seconds, 0) : undefined;
  const given = staged ?? duration;
  const isPaced = sends && rate !== undefined && msgs === undefined;
  const seconds = given ?? (isPaced ? SECONDS : undefined);
  const messages = msgs ?? (seconds !== undefined || service ? undefined : usualMessages);
  const usual =
    messages !== undefined || seconds === undefined
      ? 0
      : Math.min(seconds, Math.max(WARMUP_SECONDS, WARMUP_SHARE * seconds));
  return { messages, seconds, warmup: warmup ?? (sends ? usual : 0) };
}

const ONE: InFlight = { default: 1 };

function loadOf(
  { workload, chosen: { values } }: Making,
  { messages, seconds, warmup }: Amount,
  payload: PayloadChoice,
): Load {
  const { rate, stage: stages = [], inFlight, batch, arrival = "uniform", clients = 1 } = values;
  const { inFlight: rule } = workloadOf(workload);
  const { default: usual, alias } = rule === undefined || rule === "one" ? ONE : rule;
  const said = inFlight ?? (alias === "batch" ? batch : undefined);
  if (rate === undefined && stages.length === 0) return { kind: "closed", inFlight: said ?? usual };
  const first = stages[0]?.from ?? (rate as number);
  // By messages: as long as they take, and a little longer, so that roundings leave none out.
  const length = seconds ?? ((messages as number) / first) * 2 + 1;
  const course: readonly Stage[] = stages.length > 0 ? stages : [{ from: first, to: first, seconds: length }];
  return {
    kind: "open",
    stages: warmup > 0 ? [{ from: first, to: first, seconds: warmup }, ...course] : course,
    arrival,
    maxInFlight: rule === "one" ? 1 : (said ?? defaultMaxInFlight({ payload, clients })),
  };
}

function contradictions({ workload, chosen, tell }: Making, { messages, seconds, warmup }: Amount): void {
  const { values, placeOf } = chosen;
  const { clients = 1, stage: stages = [] } = values;
  const { sends, inFlight } = workloadOf(workload);
  if (sends && messages !== undefined && clients > messages) {
    tell(
      `${placeOf("clients")} is ${clients}, but there are only ${messages} messages (${placeOf("msgs")}): each client needs one`,
    );
  }
  for (const other of ["rate", "duration"] as const) {
    if (stages.length > 0 && values[other] !== undefined) {
      tell(`${placeOf(other)} and ${placeOf("stage")} exclude each other: stages say both rate and duration`);
    }
  }
  if (stages.length > 0 && stages.every(({ from, to }) => from === 0 && to === 0)) {
    tell(`${placeOf("stage")} has no rate above 0: nothing would be sent`);
  }
  if (values.arrival !== undefined && values.rate === undefined && stages.length === 0) {
    tell(
      `${placeOf("arrival")} needs ${flagOf("rate")} or ${flagOf("stage")}: without a rate there is no schedule`,
    );
  }
  if (warmup > 0 && seconds === undefined) {
    tell(`${placeOf("warmup")} needs ${flagOf("duration")}: a number of messages would be used up by it`);
  }
  const minSize = minSizeOf(workloadOf(workload));
  if (values.size && smallestSize(values.size) < minSize) {
    tell(
      `${placeOf("size")} is below ${minSize} bytes, the size of the stamp that ${workload} puts into values`,
    );
  }
  if (values.size && values.payload !== undefined) {
    tell(`${placeOf("size")} and ${placeOf("payload")} exclude each other: the file's size is the messages'`);
  }
  if (values.external && values.receivers !== undefined) {
    tell(`${placeOf("receivers")} and ${placeOf("external")} exclude each other: somebody else responds`);
  }
  if (
    typeof inFlight === "object" &&
    inFlight.alias === "batch" &&
    values.batch !== undefined &&
    values.inFlight !== undefined
  ) {
    tell(`${placeOf("batch")} and ${placeOf("inFlight")} say the same of ${workload}: leave one of them out`);
  }
}

/** natscli's. */
const SUBJECTS = 100_000;

function subjectOf({ chosen: { values, placeOf }, subject: usual, tell }: Making): SubjectChoice {
  const { subject, subjects, multisubject, multisubjectmax, multisubjectrandomize } = values;
  if (subjects !== undefined && multisubject !== undefined) {
    tell(`${placeOf("subjects")} and ${placeOf("multisubject")} say the same: leave one of them out`);
  }
  for (const detail of ["multisubjectmax", "multisubjectrandomize"] as const) {
    if (values[detail] !== undefined && !multisubject) {
      tell(`${placeOf(detail)} needs ${flagOf("multisubject")}`);
    }
  }
  const count = subjects ?? (multisubject ? (multisubjectmax ?? SUBJECTS) : 1);
  if (values.subjectOrder !== undefined && count === 1) {
    tell(`${placeOf("subjectOrder")} needs ${flagOf("subjects")}: there is only one subject`);
  }
  const order = values.subjectOrder ?? (multisubjectrandomize ? "random" : "sequential");
  return { base: subject ?? usual, count, order };
}

const SIZE = 128;

function payloadOf({ workload, chosen: { values, placeOf }, readFile, tell }: Making): PayloadChoice {
  const randomShare = values.randomShare ?? 1;
  const size = values.size ?? { kind: "fixed", bytes: workloadOf(workload).size ?? SIZE };
  if (values.payload === undefined) return { size, randomShare };
  const bytes = readFile(values.payload);
  if (bytes instanceof InvalidValue) {
    tell(`${placeOf("payload")} ${bytes.why}`);
    return { size, randomShare };
  }
  const fixed = { kind: "fixed", bytes: bytes.length } as const;
  return { size: fixed, randomShare, file: { path: values.payload, size: bytes.length, content: bytes } };
}

const MAX_BYTES = 2 ** 30;
const DEDUP_SECONDS = 120;
const BATCH = 500;

function streamOf({ chosen: { values, placeOf }, tell }: Making): StreamChoice {
  const { stream, create = stream === undefined, dedup, dedupWindow, consumer } = values;
  checkStored({ chosen: { values, placeOf }, tell }, create);
  if (create && consumer !== undefined) {
    tell(`${placeOf("consumer")} names a consumer that has to exist, but the stream is made by the run`);
  }
  if (dedup === false && dedupWindow !== undefined) {
    tell(`${placeOf("dedupWindow")} and ${placeOf("dedup")} contradict each other`);
  }
  if (consumer !== undefined && values.filter !== undefined) {
    tell(
      `${placeOf("filter")} is for a consumer that the run makes, and ${placeOf("consumer")} names one that exists`,
    );
  }
  return {
    name: stream ?? "benchstream",
    create,
    purge: values.purge ?? false,
    storage: values.storage ?? "file",
    replicas: values.replicas ?? 1,
    maxBytes: values.maxBytes ?? MAX_BYTES,
    ...((dedup || dedupWindow !== undefined) && { dedupSeconds: dedupWindow ?? DEDUP_SECONDS }),
    consumer: consumer ?? "nats-bench",
    consumerExists: consumer !== undefined,
    batch: values.batch ?? BATCH,
    acks: values.acks ?? "explicit",
    doubleAck: values.doubleAck ?? false,
    ...(values.filter !== undefined && { filter: values.filter }),
  };
}

/** Of streams, buckets and stores alike. */
function checkStored(
  { chosen: { values, placeOf }, tell }: Pick<Making, "chosen" | "tell">,
  create: boolean,
): void {
  if (create && values.purge) {
    tell(`${placeOf("purge")} is for what exists, and the run makes its own: name it, or say --no-create`);
  }
  if (create) return;
  for (const made of ["storage", "replicas", "maxBytes", "history"] as const) {
    if (values[made] !== undefined)
      tell(`${placeOf(made)} needs ${flagOf("create")}: what exists is left as it is`);
  }
}

const KEYS = 10_000;

function bucketOf(
  { workload, chosen: { values, placeOf }, tell }: Making,
  messages: number | undefined,
): BucketChoice {
  const { bucket, create = bucket === undefined, randomize, keys, keyOrder } = values;
  checkStored({ chosen: { values, placeOf }, tell }, create);
  if (randomize !== undefined && (keys !== undefined || keyOrder !== undefined)) {
    const other = keys !== undefined ? "keys" : "keyOrder";
    tell(`${placeOf("randomize")} and ${placeOf(other)} say the same: leave one of them out`);
  }
  const { keys: usual = KEYS } = workloadOf(workload);
  return {
    name: bucket ?? "benchbucket",
    create,
    purge: values.purge ?? false,
    storage: values.storage ?? "file",
    replicas: values.replicas ?? 1,
    maxBytes: values.maxBytes ?? MAX_BYTES,
    history: values.history ?? 1,
    keys: keys ?? (randomize || Math.min(messages ?? usual, usual)),
    order: keyOrder ?? (randomize ? "random" : "sequential"),
  };
}

function isOnBucket(workload: string): boolean {
  const { on } = workloadOf(workload);
  return on === "bucket" || on === "objects";
}
