/**
 * What became of every message: put together from what each thread knows. Pure. Every message that was sent is
 * in exactly one of completed, failed, dropped, lost and unanswered.
 */
import type { LaneAccount } from "../load/lane.ts";
import type { ReceiverAccount } from "../load/receiver.ts";
import { Sequence } from "../measure/sequence.ts";
import type { Account } from "../result/result.ts";

/** How receivers share what is sent. */
export type Sharing =
  /** Nobody receives: an operation is over with its answer. */
  | "none"
  /** Each message goes to one of them. */
  | "queue"
  /** Each of them gets every message. */
  | "everybody";

/** @param lanes of all threads @param receivers of all threads */
export function accountOf(
  lanes: readonly LaneAccount[],
  receivers: readonly ReceiverAccount[],
  sharing: Sharing,
): Account {
  const sent = sum(lanes, (lane) => lane.sent);
  const dropped = sum(lanes, (lane) => lane.dropped);
  const failed = mergeCounts(lanes.map((lane) => lane.failed));
  const failures = Object.values(failed).reduce((total, count) => total + count, 0);
  const base = {
    sent,
    failed,
    dropped,
    lostAfterAck: 0,
    redelivered: sum(receivers, (receiver) => receiver.redelivered),
    crossCheck: [],
  };
  if (sharing === "none") {
    return {
      ...base,
      completed: sum(lanes, (lane) => lane.completed),
      unanswered: sum(lanes, (lane) => lane.unanswered),
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
    };
  }
  const groups = sharing === "queue" ? [receivers] : receivers.map((receiver) => [receiver]);
  const seen = groups.map((group) => sequencesOf(group));
  const each = seen.map((sequences) => sum([...sequences.values()], ({ received }) => received));
  // A message is lost that one of those has not got who should have had it.
  const received = each.length > 0 ? Math.min(...each) : 0;
  const all = seen.flatMap((sequences) => [...sequences.values()]);
  return {
    ...base,
    completed: received,
    received: each.reduce((total, count) => total + count, 0),
    unanswered: 0,
    lost: Math.max(0, sent - failures - dropped - received),
    duplicates: sum(all, ({ duplicates }) => duplicates),
    outOfOrder: sharing === "queue" ? 0 : sum(all, ({ outOfOrder }) => outOfOrder),
  };
}

function sequencesOf(receivers: readonly ReceiverAccount[]): ReadonlyMap<number, Sequence> {
  const sequences = new Map<number, Sequence>();
  for (const record of receivers.flatMap((receiver) => receiver.sequences)) {
    const sequence = sequences.get(record.publisher) ?? new Sequence();
    sequence.merge(record);
    sequences.set(record.publisher, sequence);
  }
  return sequences;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function mergeCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const counts of all) {
    for (const [type, count] of Object.entries(counts)) merged[type] = (merged[type] ?? 0) + count;
  }
  return merged;
}
