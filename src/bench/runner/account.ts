/**
 * The account of a run: what became of every message, from the reports of the threads and the contents of the stream.
 * Pure. Every message that was sent is in exactly one class:
 *
 *     completed    received, if the workload has receivers; otherwise answered or acknowledged
 *     failed       rejected, or without an answer in time; and not received
 *     dropped      discarded by the client while its connection was down
 *     lost         sent to the server and not received; with a stream: acknowledged and not in the stream
 *     unanswered   no answer when the drain ended; or in the stream, and not delivered by then
 *
 * A message that failed for its sender may be in the stream: its answer was lost, not the message. It remains failed,
 * as it would for an application, and `storedUnacked` counts it in addition.
 */

import type { SequenceRecord } from "../measure/sequence.ts";
import { countWhere, gapsOf, inAll, inAny, NO_SEQUENCE } from "../measure/sequence-sets.ts";
import type { StoredState } from "../prepare/stored-state.ts";
import type { Account, CrossCheck } from "../result/schema.ts";
import type { ReceiverAccount } from "../worker/receiver.ts";
import type { SenderAccount } from "../worker/sender.ts";
import type { Delivery } from "../workloads/workload.ts";

/** @param senders of all threads @param receivers of all threads @param state contents of the server */
export function accountOf(
  senders: readonly SenderAccount[],
  receivers: readonly ReceiverAccount[],
  delivery: Delivery,
  state: StoredState = { notes: [] },
): Account {
  const sent = sum(senders, (sender) => sender.sent);
  const dropped = sum(senders, (sender) => sender.dropped);
  const groups = groupsOf(receivers, delivery);
  // A workload without senders counts messages without stamps, too.
  const foreign = senders.length > 0 ? 0 : sum(receivers, (receiver) => receiver.foreign);
  const outcome =
    senders.length === 0 && delivery !== "none"
      ? onlyReceived(groups, delivery, foreign)
      : outcomeOf(senders, groups, delivery, state);
  const seen = groups.flat();
  return {
    sent,
    dropped,
    ...outcome,
    ...(delivery !== "none" && {
      received: sum(seen, ({ received }) => received) + foreign,
    }),
    duplicates: sum(seen, ({ duplicates }) => duplicates) + sum(senders, (sender) => sender.duplicates ?? 0),
    redelivered: sum(receivers, (receiver) => receiver.redelivered),
    outOfOrder: delivery === "everyone" ? sum(seen, ({ outOfOrder }) => outOfOrder) : 0,
    crossCheck: [...streamCheck(senders, outcome, state), ...consumerChecks(receivers, state)],
  };
}

type Outcome = Pick<
  Account,
  "completed" | "failed" | "lost" | "lostAfterAck" | "unanswered" | "storedUnacked"
>;

/** The classes of all messages except the dropped ones. */
function outcomeOf(
  senders: readonly SenderAccount[],
  groups: readonly (readonly SequenceRecord[])[],
  delivery: Delivery,
  state: StoredState,
): Outcome {
  if (delivery === "none") return answered(senders, state);
  const had = hadByAll(groups);
  const parts = senders.map((sender) => {
    const received = had.get(sender.publisher) ?? NO_SEQUENCE;
    return sender.known ? deliveredFromStream(sender, received, state) : delivered(sender, received);
  });
  return {
    completed: sum(parts, ({ completed }) => completed),
    failed: mergeCounts(parts.map(({ failed }) => failed)),
    lost: sum(parts, ({ lost }) => lost),
    lostAfterAck: sum(parts, ({ lostAfterAck }) => lostAfterAck),
    unanswered: sum(parts, ({ unanswered }) => unanswered),
    ...storedUnacked(senders, state),
  };
}

/** Outcome of a workload without receivers. */
function answered(senders: readonly SenderAccount[], state: StoredState): Outcome {
  // If the stream could not be read, its acknowledgements count.
  const lost = typeof state.stored === "object" ? goneFrom(senders, state.stored) : 0;
  return {
    completed: sum(senders, (sender) => sender.completed) - lost,
    failed: mergeCounts(senders.map((sender) => sender.failed)),
    lost,
    lostAfterAck: lost,
    unanswered: sum(senders, (sender) => sender.unanswered),
    ...storedUnacked(senders, state),
  };
}

/** Outcome of a workload without senders: gaps in the sequence of a publisher are lost messages. */
function onlyReceived(
  groups: readonly (readonly SequenceRecord[])[],
  delivery: Delivery,
  foreign: number,
): Outcome {
  const all = groups.flat();
  const stamped = all.filter(({ publisher }) => publisher >= 0);
  return {
    completed: sum(all, ({ received }) => received) + foreign,
    failed: {},
    lost: delivery === "everyone" ? sum(stamped, gapsOf) : 0,
    lostAfterAck: 0,
    unanswered: 0,
  };
}

/** Core NATS: a message that was sent and did not arrive is lost. */
function delivered({ sent, dropped, failed }: SenderAccount, { received }: SequenceRecord): Outcome {
  const rest = sent - dropped - total(failed) - received;
  return { completed: received, failed, lost: Math.max(0, rest), lostAfterAck: 0, unanswered: 0 };
}

/** Through a stream: a message that arrived is completed, also if it failed for its sender. */
function deliveredFromStream(sender: SenderAccount, received: SequenceRecord, state: StoredState): Outcome {
  const failures = Object.entries(sender.known?.failed ?? {});
  const failed = Object.fromEntries(
    failures
      .map(([type, set]) => [type, countWhere([set, received], (a, b) => a & ~b)] as const)
      .filter(([, count]) => count > 0),
  );
  // If the stream could not be read, messages that did not arrive are lost.
  const { stored = [] } = state;
  const lost = stored === "acknowledged" ? 0 : lostAfterAck(sender, received, stored);
  return {
    completed: received.received,
    failed,
    lost,
    lostAfterAck: lost,
    unanswered: sender.sent - sender.dropped - received.received - total(failed) - lost,
  };
}

/** Messages that were acknowledged and neither received nor found in the stream. */
function lostAfterAck(
  { publisher, known }: SenderAccount,
  received: SequenceRecord,
  stored: readonly SequenceRecord[],
): number {
  if (!known) return 0;
  const there = stored.find((one) => one.publisher === publisher) ?? NO_SEQUENCE;
  return countWhere([known.acknowledged, received, there], (a, b, c) => a & ~b & ~c);
}

function storedUnacked(
  senders: readonly SenderAccount[],
  { stored }: StoredState,
): Pick<Account, "storedUnacked"> {
  if (!stored) return {};
  if (stored === "acknowledged") return { storedUnacked: 0 };
  const acknowledged = new Map(senders.map(({ publisher, known }) => [publisher, known?.acknowledged]));
  return {
    storedUnacked: sum(stored, (set) =>
      countWhere([set, acknowledged.get(set.publisher) ?? NO_SEQUENCE], (a, b) => a & ~b),
    ),
  };
}

function streamCheck(
  senders: readonly SenderAccount[],
  outcome: Outcome,
  { stream, stored }: StoredState,
): CrossCheck[] {
  if (!stream) return [];
  const acknowledged = sum(senders, ({ known }) => known?.acknowledged.received ?? 0);
  const gone = typeof stored === "object" ? goneFrom(senders, stored) : 0;
  const expected = acknowledged - gone + (outcome.storedUnacked ?? 0);
  return [{ what: stream.what, expected, found: stream.more }];
}

/** Messages that were acknowledged and are not in the stream, received or not. */
function goneFrom(senders: readonly SenderAccount[], stored: readonly SequenceRecord[]): number {
  return sum(senders, (sender) => lostAfterAck(sender, NO_SEQUENCE, stored));
}

function consumerChecks(receivers: readonly ReceiverAccount[], { consumer }: StoredState): CrossCheck[] {
  if (!consumer) return [];
  return [
    {
      what: "messages delivered by the consumer",
      expected: sum(receivers, ({ messages }) => messages),
      found: consumer.delivered,
    },
    { what: "deliveries without an ack", expected: 0, found: consumer.unacked },
  ];
}

/** Received messages of each group of receivers, by publisher. A queue is one group; otherwise each receiver is one. */
function groupsOf(
  receivers: readonly ReceiverAccount[],
  delivery: Delivery,
): readonly (readonly SequenceRecord[])[] {
  if (delivery === "none") return [];
  const groups = delivery === "shared" ? [receivers] : receivers.map((receiver) => [receiver]);
  return groups.map((group) => {
    const records = Map.groupBy(
      group.flatMap(({ sequences }) => sequences),
      ({ publisher }) => publisher,
    );
    return [...records.values()].map((all) => inAny(all));
  });
}

/** Messages that every group has received. A message that one group misses is lost. */
function hadByAll(groups: readonly (readonly SequenceRecord[])[]): ReadonlyMap<number, SequenceRecord> {
  const publishers = new Set(groups.flat().map(({ publisher }) => publisher));
  return new Map(
    [...publishers].map((publisher) => [
      publisher,
      inAll(groups.map((group) => group.find((one) => one.publisher === publisher) ?? NO_SEQUENCE)),
    ]),
  );
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((all, item) => all + of(item), 0);
}

function mergeCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const counts of all) {
    for (const [type, count] of Object.entries(counts)) merged[type] = (merged[type] ?? 0) + count;
  }
  return merged;
}
