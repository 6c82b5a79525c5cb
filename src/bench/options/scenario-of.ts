/**
 * From the values of options to a scenario. Reports contradictions between values that are valid by themselves. Pure,
 * except for the file of a payload, which the caller reads.
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
import { workloadOf } from "../workloads/workloads.ts";
import { reportContradictions, reportStoreContradictions } from "./contradictions.ts";
import { MIN_WARMUP_SECONDS, OPEN_LOOP_SECONDS, WARMUP_SHARE } from "./load-options.ts";
import { appliesTo } from "./options.ts";
import type { Amount, ScenarioContext } from "./scenario-context.ts";

/** The scenario, which must not run if a problem was reported. */
export function scenarioOf(context: ScenarioContext): Scenario {
  const { workload, options, timeoutMs } = context;
  const { values } = options;
  const { on } = workloadOf(workload);
  const amount = amountOf(context);
  const payload = payloadOf(context);
  const hasReceivers = appliesTo("receivers", workload) && !values.external;
  reportContradictions(context, amount);
  return {
    name: values.name ?? workload,
    workload,
    clients: values.clients,
    receivers: hasReceivers ? values.receivers : 0,
    amount: {
      ...(amount.messages !== undefined && { messages: amount.messages }),
      ...(amount.seconds !== undefined && { seconds: amount.seconds }),
    },
    load: loadOf(context, amount, payload),
    warmupSeconds: amount.warmup,
    drainSeconds: values.drain,
    subject: subjectOf(context),
    payload,
    headers: values.header,
    ...(values.queue !== undefined && { queue: values.queue }),
    timeoutMs,
    isExternal: values.external ?? false,
    ...(on === "stream" && { stream: streamOf(context) }),
    ...((on === "bucket" || on === "objects") && { bucket: bucketOf(context, amount.messages) }),
    seed: values.randomSeed,
    ...(values.threads !== undefined && { threads: values.threads }),
  };
}

function amountOf({ workload, options: { values, isGiven } }: ScenarioContext): Amount {
  const { duration, stage: stages, warmup } = values;
  const { sends } = workloadOf(workload);
  const staged = stages.length > 0 ? stages.reduce((sum, { seconds }) => sum + seconds, 0) : undefined;
  const isOpenLoop = sends && isGiven("rate") && !isGiven("msgs");
  const seconds = staged ?? duration ?? (isOpenLoop ? OPEN_LOOP_SECONDS : undefined);
  const messages = isGiven("msgs") || seconds === undefined ? values.msgs : undefined;
  const defaultWarmup =
    messages !== undefined || seconds === undefined
      ? 0
      : Math.min(seconds, Math.max(MIN_WARMUP_SECONDS, WARMUP_SHARE * seconds));
  return { messages, seconds, warmup: warmup ?? (sends ? defaultWarmup : 0) };
}

function loadOf(
  { workload, options: { values, isGiven } }: ScenarioContext,
  { messages, seconds, warmup }: Amount,
  payload: PayloadChoice,
): Load {
  const { rate, stage: stages, arrival, clients } = values;
  const { inFlight: rule } = workloadOf(workload);
  const isBatch = typeof rule === "object" && rule.alias === "batch" && isGiven("batch");
  const given = isGiven("inFlight") ? values.inFlight : isBatch ? values.batch : undefined;
  if (rate === undefined && stages.length === 0)
    return { kind: "closed", inFlight: given ?? values.inFlight };
  const first = stages[0]?.from ?? (rate as number);
  // With --msgs: twice the time that they need, and a second, so that rounding leaves none out.
  const length = seconds ?? ((messages as number) / first) * 2 + 1;
  const phases: readonly Stage[] = stages.length > 0 ? stages : [{ from: first, to: first, seconds: length }];
  return {
    kind: "open",
    stages: warmup > 0 ? [{ from: first, to: first, seconds: warmup }, ...phases] : phases,
    arrival,
    maxInFlight: rule === "one" ? 1 : (given ?? defaultMaxInFlight({ payload, clients })),
  };
}

function subjectOf({ options: { values, isGiven }, number }: ScenarioContext): SubjectChoice {
  const { subject, subjects, multisubject, multisubjectmax, multisubjectrandomize } = values;
  const base = isGiven("subject") || number === undefined ? subject : `${subject}.${number}`;
  const count = isGiven("subjects") || !multisubject ? subjects : multisubjectmax;
  const isRandom = !isGiven("subjectOrder") && multisubjectrandomize;
  return { base, count, order: isRandom ? "random" : values.subjectOrder };
}

function payloadOf({ options: { values, placeOf }, readFile, report }: ScenarioContext): PayloadChoice {
  const { size, randomShare, payload: path } = values;
  if (path === undefined) return { size, randomShare };
  const content = readFile(path);
  if (content instanceof InvalidValue) {
    report(`${placeOf("payload")} ${content.why}`);
    return { size, randomShare };
  }
  const fixed = { kind: "fixed", bytes: content.length } as const;
  return { size: fixed, randomShare, file: { path, size: content.length, content } };
}

/** The options that streams, buckets and object stores share. A store that the user names is not created by default. */
function storeOf(context: ScenarioContext, option: "stream" | "bucket") {
  const { values, isGiven } = context.options;
  const { create = !isGiven(option) } = values;
  reportStoreContradictions(context, create);
  return {
    name: values[option],
    create,
    purge: values.purge ?? false,
    storage: values.storage,
    replicas: values.replicas,
    maxBytes: values.maxBytes,
  };
}

function streamOf(context: ScenarioContext): StreamChoice {
  const { values, isGiven } = context.options;
  const { dedup, dedupWindow } = values;
  return {
    ...storeOf(context, "stream"),
    ...((dedup || isGiven("dedupWindow")) && { dedupSeconds: dedupWindow }),
    consumer: values.consumer,
    consumerExists: isGiven("consumer"),
    batch: values.batch,
    acks: values.acks,
    doubleAck: values.doubleAck ?? false,
    ...(values.filter !== undefined && { filter: values.filter }),
  };
}

function bucketOf(context: ScenarioContext, messages: number | undefined): BucketChoice {
  const { values, isGiven } = context.options;
  const { randomize, keys } = values;
  return {
    ...storeOf(context, "bucket"),
    history: values.history,
    keys: isGiven("keys") ? keys : randomize || Math.min(messages ?? keys, keys),
    order: randomize && !isGiven("keyOrder") ? "random" : values.keyOrder,
  };
}
