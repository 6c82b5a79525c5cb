/** Streams and consumers before a run: created or found, as the scenario says. */
import type { AdminLink, ConsumerSettings, StreamState } from "../driver/admin-link.ts";
import type { Scenario, StreamChoice } from "../scenario/scenario.ts";
import { covers, wildcardOf } from "../scenario/subjects.ts";
import { RunError } from "../worker/run-error.ts";
import { workloadOf } from "../workloads/workloads.ts";
import type { CreatedAssets } from "./created-assets.ts";

const DEDUP_SECONDS = 120;

/** Creates the scenario's stream, or finds it and purges it if the user asked for that. */
export async function ensureStream(
  admin: AdminLink,
  created: CreatedAssets,
  scenario: Scenario,
): Promise<void> {
  const { name, create, purge, storage, replicas, maxBytes, dedupSeconds } = scenario.stream as StreamChoice;
  const found = await admin.stream(name);
  if (create) {
    if (found) {
      throw new RunError(
        "stream_exists",
        `stream ${name} exists already: use it with --no-create, or set another name with --stream`,
      );
    }
    created.stream(name);
    await admin.createStream({
      name,
      description: created.mark,
      subjects: [wildcardOf(scenario.subject)],
      storage,
      replicas,
      maxBytes,
      dedupSeconds: dedupSeconds ?? DEDUP_SECONDS,
    });
    return;
  }
  if (!found) {
    throw new RunError(
      "stream_missing",
      `stream ${name} does not exist: set another name with --stream, or create it with --create`,
    );
  }
  checkSubject(scenario, found);
  if (purge) await admin.purgeStream(name);
}

function checkSubject({ workload, subject }: Scenario, { name, subjects }: StreamState): void {
  const published = wildcardOf(subject);
  if (!workloadOf(workload).sends || subjects.some((pattern) => covers(pattern, published))) return;
  const stores = subjects.length > 0 ? `it stores ${subjects.join(", ")}` : "it has no subjects";
  throw new RunError("subject_not_stored", `stream ${name} does not store ${published}: ${stores}`);
}

/** Creates or finds the durable consumer that the receivers share, if the workload has one. */
export async function ensureConsumer(
  admin: AdminLink,
  created: CreatedAssets,
  scenario: Scenario,
): Promise<void> {
  if (!workloadOf(scenario.workload).consumer) return;
  const { name: stream, consumer, consumerExists } = scenario.stream as StreamChoice;
  const found = await admin.consumer(stream, consumer);
  if (consumerExists) {
    if (!found) throw new RunError("consumer_missing", `stream ${stream} has no consumer ${consumer}`);
    return;
  }
  if (found) {
    throw new RunError(
      "consumer_exists",
      `stream ${stream} already has a consumer ${consumer}, which this run did not create: ` +
        "use it with --consumer, or remove it",
    );
  }
  created.consumer(stream, consumer);
  await admin.createConsumer(stream, { ...consumerSettings(scenario), description: created.mark });
}

/** The clients of a run may be disconnected for this long. */
const INACTIVE_MS = 10_000;
/** The server's default. */
const ACK_WAIT_MS = 30_000;
const MIN_ACK_WAIT_MS = 1_000;

function consumerSettings(scenario: Scenario): Omit<ConsumerSettings, "description"> {
  const { consumer: name, acks, batch, filter, create } = scenario.stream as StreamChoice;
  const readsOwn = workloadOf(scenario.workload).consumer === "own";
  // Messages in flight when a server goes down are redelivered; with a short ack wait, before the drain ends.
  const drainMs = Math.max(MIN_ACK_WAIT_MS, (scenario.drainSeconds * 1000) / 2);
  return {
    name,
    // The messages of an existing stream belong to other runs.
    deliver: readsOwn && !create ? "new" : "all",
    acks,
    maxAckPending: batch * (readsOwn ? scenario.receivers : scenario.clients),
    ackWaitMs: readsOwn ? Math.min(ACK_WAIT_MS, drainMs) : ACK_WAIT_MS,
    inactiveMs: INACTIVE_MS,
    filter: readsOwn ? wildcardOf(scenario.subject) : filter,
  };
}
