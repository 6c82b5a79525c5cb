/**
 * What the server holds after a run. Numbers are looked at first; where they agree with what was acknowledged,
 * that is all. Where they do not (something failed, something is missing), the stream is read and the stamps of
 * its messages say which are there: numbers in the stream would not, since a stream that has lost its end gives
 * them again.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type ConsumerInfo, type JsMsg, StorageType, type StreamInfo } from "nats";
import { Sequence, type SequenceRecord } from "../measure/sequence.ts";
import { readStamp, STAMP_HEADER } from "../measure/stamp.ts";
import type { Holdings } from "../runner/account.ts";
import type { Compared } from "../runner/run-options.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { SenderAccount } from "../worker/sender.ts";
import { streamNameOf, workloadOf } from "../workloads/workloads.ts";
import type { Admin } from "./admin.ts";
import { consumerInfo, streamInfo, throwsAway } from "./streams.ts";

/** What is known of the server before a run, or after. */
export interface Snapshot {
  readonly stream?: StreamInfo;
  readonly consumer?: ConsumerInfo;
}

/** How long a server may be away when all is over. */
const LOOK_MS = 15_000;
const RETRY_MS = 500;

/** Looks, once. */
export async function look(admin: Admin, scenario: Scenario): Promise<Snapshot> {
  const name = streamNameOf(scenario);
  if (name === undefined) return {};
  const stream = await streamInfo(admin, name);
  const consumer =
    scenario.stream && workloadOf(scenario.workload).consumer
      ? await consumerInfo(admin, name, scenario.stream.consumer)
      : undefined;
  return { ...(stream && { stream }), ...(consumer && { consumer }) };
}

/** Compares. Never rejects: what could not be found out is said. */
export async function findings(
  admin: Admin,
  scenario: Scenario,
  run: number,
  before: Snapshot,
  senders: readonly SenderAccount[],
  signal: AbortSignal,
): Promise<Compared> {
  try {
    const after = await lookWhenItIsBack(admin, scenario, signal);
    const consumer = consumerHoldings(scenario, before, await acked(admin, scenario, after));
    const stream = await streamHoldings(admin, scenario, run, before, after, senders);
    return { holdings: { ...consumer, ...stream }, notes: notesOf(scenario, before, after) };
  } catch (error) {
    const { message } = error as Error;
    return { holdings: {}, notes: [`what the stream holds is not known: ${message}`] };
  }
}

/** What a reader of latencies has to know of the stream. */
function notesOf(
  { workload }: Scenario,
  { stream: before }: Snapshot,
  { stream: after }: Snapshot,
): string[] {
  if (!before) return [];
  const { name, storage, num_replicas: replicas } = before.config;
  const { writes } = workloadOf(workload);
  const { leader } = before.cluster ?? {};
  return [
    ...(writes && storage === StorageType.File ? [NOT_SYNCED] : []),
    // Who is connected to another server has one hop more.
    ...(replicas > 1 && leader ? [`stream ${name} was led by ${leader} when the run began`] : []),
    ...(after ? [] : [`stream ${name} is gone, with all that was in it`]),
  ];
}

const NOT_SYNCED =
  "what is acknowledged need not be on the disk yet: the server syncs files every sync_interval, by default every two minutes";

/** @param signal whoever has stopped the run does not wait for a server, too */
async function lookWhenItIsBack(admin: Admin, scenario: Scenario, signal: AbortSignal): Promise<Snapshot> {
  const deadline = performance.now() + LOOK_MS;
  for (;;) {
    try {
      return await look(admin, scenario);
    } catch (error) {
      if (signal.aborted || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** A server takes a moment for acks that it has received. */
const ACKS_MS = 1_000;
const ACKS_POLL_MS = 20;

async function acked(admin: Admin, scenario: Scenario, after: Snapshot): Promise<Snapshot> {
  const deadline = performance.now() + ACKS_MS;
  let latest = after;
  while ((latest.consumer?.num_ack_pending ?? 0) > 0 && performance.now() < deadline) {
    await sleep(ACKS_POLL_MS);
    latest = await look(admin, scenario);
  }
  return latest;
}

/** Only where the run reads all that there is: of more, the consumer has delivered more than was wanted. */
function consumerHoldings(
  { stream, workload }: Scenario,
  before: Snapshot,
  { consumer }: Snapshot,
): Pick<Holdings, "consumer"> {
  if (!consumer || (workloadOf(workload).consumer !== "own" && !stream?.create)) return {};
  return {
    consumer: {
      delivered: consumer.delivered.consumer_seq - (before.consumer?.delivered.consumer_seq ?? 0),
      unacked: consumer.num_ack_pending - (before.consumer?.num_ack_pending ?? 0),
    },
  };
}

async function streamHoldings(
  admin: Admin,
  scenario: Scenario,
  run: number,
  before: Snapshot,
  after: Snapshot,
  senders: readonly SenderAccount[],
): Promise<Pick<Holdings, "stored" | "stream">> {
  const known = senders.flatMap((sender) => sender.known ?? []);
  if (!before.stream || known.length === 0) return {};
  // A stream in memory, of a server that was killed: nothing of it is left.
  if (!after.stream) return { stored: [] };
  const { state: earlier } = before.stream;
  const { state: later, config } = after.stream;
  const revisions = later.last_seq - earlier.last_seq;
  if (scenario.bucket) return { stream: { what: "revisions that the bucket has given", more: revisions } };
  if (throwsAway(config)) return {};
  const stream = {
    what: "messages that the stream has more than before",
    more: later.messages - earlier.messages,
  };
  const acknowledged = known.reduce((sum, one) => sum + one.acknowledged.received, 0);
  const isAllKnown = senders.every(({ sent, completed }) => sent === completed);
  if (isAllKnown && stream.more === acknowledged && revisions === acknowledged) {
    return { stored: "acknowledged", stream };
  }
  // Numbers that went back: it has lost its end, or all.
  const hasGoneBack = later.last_seq < earlier.last_seq + acknowledged;
  const from = hasGoneBack ? later.first_seq : Math.max(later.first_seq, earlier.last_seq + 1);
  return { stored: await storedOf(admin, config.name, run, from, later.last_seq), stream };
}

/** Messages asked for at a time. */
const BATCH = 500;

/** Reads a part of a stream. @returns this run's messages, by publisher */
async function storedOf(
  admin: Admin,
  stream: string,
  run: number,
  from: number,
  to: number,
): Promise<readonly SequenceRecord[]> {
  const found = new Map<number, Sequence>();
  if (to < from) return [];
  await admin.try(`read stream ${stream}`, async () => {
    const consumer = await admin.js.consumers.get(stream, { opt_start_seq: from });
    const messages = await consumer.consume({ max_messages: BATCH });
    for await (const message of messages) {
      const stamp = stampOf(message);
      if (stamp?.run === run) {
        const sequence = found.get(stamp.publisher) ?? new Sequence();
        sequence.note(stamp.sequence);
        found.set(stamp.publisher, sequence);
      }
      if (message.seq >= to || message.info.pending === 0) break;
    }
    await messages.close();
    await consumer.delete();
  });
  return [...found].map(([publisher, sequence]) => sequence.record(publisher));
}

function stampOf({ data, headers }: JsMsg) {
  const header = headers?.get(STAMP_HEADER);
  return readStamp(data) ?? (header ? readStamp(Buffer.from(header, "base64")) : undefined);
}
