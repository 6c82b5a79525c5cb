/**
 * Comparison of a run with the contents of its stream. If the numbers of the stream agree with the acknowledgements,
 * that is enough. If not, the stream is read, and the stamps of its messages show which ones it has. Sequence numbers
 * do not show it: a stream that has lost its end assigns the same ones again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage } from "../../text/wording.ts";
import type { AdminLink, ConsumerState, StoredMessage, StreamState } from "../driver/admin-link.ts";
import { Sequence, type SequenceRecord } from "../measure/sequence.ts";
import { readStamp, STAMP_HEADER } from "../measure/stamp.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { SenderAccount } from "../worker/sender.ts";
import { streamNameOf, workloadOf } from "../workloads/workloads.ts";

/** Contents of the server after a run. A member is absent if it is unknown or does not apply. */
export interface StoredState {
  /**
   * Messages of this run that are in the stream, by publisher. `acknowledged`: exactly those that were acknowledged.
   * Absent if the stream removes messages by itself.
   */
  readonly stored?: readonly SequenceRecord[] | "acknowledged";
  /** By how many messages, or revisions of a bucket, the stream has grown. */
  readonly stream?: { readonly what: string; readonly more: number };
  /** Deliveries of the consumer since before the run, and how many of them lack an ack. */
  readonly consumer?: { readonly delivered: number; readonly unacked: number };
  /** Notes for the result: facts about the stream, and failures of the comparison. */
  readonly notes: readonly string[];
}

/** State of the server at one time. */
interface Snapshot {
  readonly stream: StreamState | undefined;
  readonly consumer: ConsumerState | undefined;
}

/** How long a server may be away after the run. */
const LOOK_MS = 15_000;
const RETRY_MS = 500;

/** Asks the server once. */
export async function takeSnapshot(admin: AdminLink, scenario: Scenario): Promise<Snapshot> {
  const name = streamNameOf(scenario);
  if (name === undefined) return { stream: undefined, consumer: undefined };
  const stream = await admin.stream(name);
  const hasConsumer = scenario.stream && workloadOf(scenario.workload).consumer;
  const consumer = hasConsumer ? await admin.consumer(name, scenario.stream.consumer) : undefined;
  return { stream, consumer };
}

/** A finished run, to be compared with the server. */
interface Comparison {
  readonly scenario: Scenario;
  readonly run: number;
  readonly before: Snapshot;
  readonly senders: readonly SenderAccount[];
  /** Once the run is stopped, the comparison does not wait for a server that is away. */
  readonly signal: AbortSignal;
}

/** Never rejects: a failure becomes a note. */
export async function storedState(admin: AdminLink, comparison: Comparison): Promise<StoredState> {
  const { scenario, before, signal } = comparison;
  try {
    const after = await snapshotWhenUp(admin, scenario, signal);
    const consumer = consumerState(scenario, before, await afterAcks(admin, scenario, after));
    const stream = await streamState(admin, comparison, after);
    return { ...consumer, ...stream, notes: notesOf(scenario, before, after) };
  } catch (error) {
    return { notes: [`the contents of the stream are unknown: ${errorMessage(error)}`] };
  }
}

/** Facts about the stream that matter to readers of the latencies. */
function notesOf(
  { workload }: Scenario,
  { stream: before }: Snapshot,
  { stream: after }: Snapshot,
): readonly string[] {
  if (!before) return [];
  const { name, storage, replicas, leader } = before;
  return [
    ...(workloadOf(workload).writes && storage === "file" ? [NOT_SYNCED] : []),
    // A client that is connected to another server has one more hop.
    ...(replicas > 1 && leader ? [`stream ${name} was led by ${leader} when the run began`] : []),
    ...(after ? [] : [`stream ${name} no longer exists; all its messages are lost`]),
  ];
}

const NOT_SYNCED =
  "an acknowledged message may not be on disk yet: the server syncs files every sync_interval (default: 2 minutes)";

async function snapshotWhenUp(admin: AdminLink, scenario: Scenario, signal: AbortSignal): Promise<Snapshot> {
  const deadline = performance.now() + LOOK_MS;
  for (;;) {
    try {
      return await takeSnapshot(admin, scenario);
    } catch (error) {
      if (signal.aborted || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** A server needs a moment to process the acks that it has received. */
const ACKS_MS = 1_000;
const ACKS_POLL_MS = 20;

async function afterAcks(admin: AdminLink, scenario: Scenario, after: Snapshot): Promise<Snapshot> {
  const deadline = performance.now() + ACKS_MS;
  let latest = after;
  while ((latest.consumer?.unacked ?? 0) > 0 && performance.now() < deadline) {
    await sleep(ACKS_POLL_MS);
    latest = await takeSnapshot(admin, scenario);
  }
  return latest;
}

/** Only if the run reads everything: of a larger stream, the consumer delivers more than the run counts. */
function consumerState(
  { stream, workload }: Scenario,
  before: Snapshot,
  { consumer }: Snapshot,
): Pick<StoredState, "consumer"> {
  if (!consumer || (workloadOf(workload).consumer !== "own" && !stream?.create)) return {};
  return {
    consumer: {
      delivered: consumer.delivered - (before.consumer?.delivered ?? 0),
      unacked: consumer.unacked - (before.consumer?.unacked ?? 0),
    },
  };
}

async function streamState(
  admin: AdminLink,
  { scenario, run, before: { stream: before }, senders }: Comparison,
  { stream: after }: Snapshot,
): Promise<Pick<StoredState, "stored" | "stream">> {
  const known = senders.flatMap((sender) => sender.known ?? []);
  if (!before || known.length === 0) return {};
  // A stream in memory, after its server was killed: nothing is left of it.
  if (!after) return { stored: [] };
  const revisions = after.lastSequence - before.lastSequence;
  if (scenario.bucket) return { stream: { what: "revisions added to the bucket", more: revisions } };
  if (after.removesMessages) return {};
  const stream = {
    what: "messages added to the stream",
    more: after.messages - before.messages,
  };
  const acknowledged = known.reduce((sum, one) => sum + one.acknowledged.received, 0);
  const isAllKnown = senders.every(({ sent, completed }) => sent === completed);
  if (isAllKnown && stream.more === acknowledged && revisions === acknowledged) {
    return { stored: "acknowledged", stream };
  }
  // Smaller numbers than expected: the stream has lost its end, or everything.
  const hasGoneBack = after.lastSequence < before.lastSequence + acknowledged;
  const from = hasGoneBack ? after.firstSequence : Math.max(after.firstSequence, before.lastSequence + 1);
  return { stored: await readStored(admin, after, run, from), stream };
}

/** This run's messages in a stream from a sequence number on, by publisher. */
async function readStored(
  admin: AdminLink,
  { name, lastSequence: to }: StreamState,
  run: number,
  from: number,
): Promise<readonly SequenceRecord[]> {
  const found = new Map<number, Sequence>();
  if (to < from) return [];
  await admin.readStream(name, { from, to }, (message) => {
    const stamp = stampOf(message);
    if (stamp?.run !== run) return;
    const sequence = found.get(stamp.publisher) ?? new Sequence();
    sequence.note(stamp.sequence);
    found.set(stamp.publisher, sequence);
  });
  return [...found].map(([publisher, sequence]) => sequence.record(publisher));
}

function stampOf(message: StoredMessage) {
  const header = message.header(STAMP_HEADER);
  return readStamp(message.data) ?? (header ? readStamp(Buffer.from(header, "base64")) : undefined);
}
