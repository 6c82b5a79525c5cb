/** Streams and consumers before a run: found or made, as the scenario says; `nats bench`'s configuration. */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  nanos,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "nats";
import type { Scenario, StreamChoice } from "../scenario/scenario.ts";
import { covers, wildcardOf } from "../scenario/subjects.ts";
import { RunError } from "../worker/run-error.ts";
import { workloadOf } from "../workloads/workloads.ts";
import type { Admin } from "./admin.ts";
import type { Made } from "./created-assets.ts";

/** What is known of a stream. */
export function streamInfo(admin: Admin, name: string): Promise<StreamInfo | undefined> {
  return admin.find(`look for stream ${name}`, (manager) => manager.streams.info(name));
}

/** What is known of a consumer. */
export function consumerInfo(admin: Admin, stream: string, name: string): Promise<ConsumerInfo | undefined> {
  return admin.find(`look for consumer ${name} of stream ${stream}`, (manager) =>
    manager.consumers.info(stream, name),
  );
}

/** Finds or makes the scenario's stream, and empties it if the user said so. */
export async function readyStream(admin: Admin, made: Made, scenario: Scenario): Promise<void> {
  const choice = scenario.stream as StreamChoice;
  const { name } = choice;
  const found = await streamInfo(admin, name);
  if (choice.create) {
    if (found) {
      throw new RunError(
        "stream_exists",
        `stream ${name} exists already: use it as it is with --no-create, or name another with --stream`,
      );
    }
    made.stream(name);
    await admin.try(`make stream ${name}`, (manager) =>
      manager.streams.add({ ...streamConfig(scenario, choice), description: admin.mark }),
    );
    return;
  }
  if (!found) {
    throw new RunError(
      "stream_missing",
      `stream ${name} does not exist: name another with --stream, or have it made with --create`,
    );
  }
  checkSubject(scenario, found.config);
  if (choice.purge) {
    await admin.try(`purge stream ${name}`, (manager) => manager.streams.purge(name));
  }
}

function checkSubject({ workload, subject }: Scenario, { name, subjects = [] }: StreamConfig): void {
  const published = wildcardOf(subject);
  if (!workloadOf(workload).sends || subjects.some((pattern) => covers(pattern, published))) return;
  const stores = subjects.length > 0 ? `it stores ${subjects.join(", ")}` : "nothing can be published to it";
  throw new RunError("subject_not_stored", `stream ${name} does not store ${published}: ${stores}`);
}

/** Whoever reads it later sees what it is: nothing is thrown away, and full is full. */
function streamConfig({ subject }: Scenario, choice: StreamChoice): Partial<StreamConfig> & { name: string } {
  return {
    name: choice.name,
    subjects: [wildcardOf(subject)],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    storage: choice.storage === "file" ? StorageType.File : StorageType.Memory,
    num_replicas: choice.replicas,
    max_bytes: choice.maxBytes,
    duplicate_window: nanos((choice.dedupSeconds ?? DEDUP_SECONDS) * 1000),
    allow_direct: true,
  };
}

const DEDUP_SECONDS = 120;

/** Finds or makes the consumer that the workload's clients share, if it has one. */
export async function readyConsumer(admin: Admin, made: Made, scenario: Scenario): Promise<void> {
  if (!workloadOf(scenario.workload).consumer) return;
  const { name: stream, consumer, consumerExists } = scenario.stream as StreamChoice;
  const found = await consumerInfo(admin, stream, consumer);
  if (consumerExists) {
    if (!found) throw new RunError("consumer_missing", `stream ${stream} has no consumer ${consumer}`);
    return;
  }
  if (found) {
    throw new RunError(
      "consumer_exists",
      `stream ${stream} has a consumer ${consumer} already, which this run has not made: ` +
        "name it with --consumer to use it as it is, or remove it",
    );
  }
  made.consumer(stream, consumer);
  await admin.try(`make consumer ${consumer} of stream ${stream}`, (manager) =>
    manager.consumers.add(stream, { ...consumerConfig(scenario), description: admin.mark }),
  );
}

/** The client that has it may be away for so long. */
const INACTIVE_MS = 10_000;
/** The server's default; what is not acked by then is delivered again. */
const ACK_WAIT_MS = 30_000;
const LEAST_ACK_WAIT_MS = 1_000;

function consumerConfig(scenario: Scenario): Partial<ConsumerConfig> {
  const choice = scenario.stream as StreamChoice;
  const isOwn = workloadOf(scenario.workload).consumer === "own";
  // What was there before is not this run's.
  const isNew = isOwn && !choice.create;
  const filter = isOwn ? wildcardOf(scenario.subject) : choice.filter;
  const clients = isOwn ? scenario.receivers : scenario.clients;
  // What was on its way when a server went down comes again: before the drain is over, end to end.
  const drainMs = Math.max(LEAST_ACK_WAIT_MS, (scenario.drainSeconds * 1000) / 2);
  return {
    durable_name: choice.consumer,
    deliver_policy: isNew ? DeliverPolicy.New : DeliverPolicy.All,
    ack_policy: POLICIES[choice.acks],
    ...(choice.acks !== "none" && {
      max_ack_pending: choice.batch * clients,
      ack_wait: nanos(isOwn ? Math.min(ACK_WAIT_MS, drainMs) : ACK_WAIT_MS),
    }),
    inactive_threshold: nanos(INACTIVE_MS),
    ...(filter !== undefined && { filter_subject: filter }),
  };
}

const POLICIES = { explicit: AckPolicy.Explicit, none: AckPolicy.None, all: AckPolicy.All };

/** Whether a stream throws messages away by itself: then what is missing may be missing by design. */
export function throwsAway(config: StreamConfig): boolean {
  const { retention, discard, max_age, max_msgs, max_bytes, max_msgs_per_subject } = config;
  return (
    retention !== RetentionPolicy.Limits ||
    max_age > 0 ||
    max_msgs_per_subject > 0 ||
    (discard === DiscardPolicy.Old && (max_msgs > 0 || max_bytes > 0))
  );
}
