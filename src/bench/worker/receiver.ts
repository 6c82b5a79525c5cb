/**
 * Reads the stamps of received messages, times the messages, and keeps the numbers of those that arrived. Only messages
 * sent on this host since the run began are timed: another host has another clock, and the age of an older message is
 * the time that it spent in a stream.
 */

import type { Clock, Nanos } from "../../time/clock.ts";
import type { Message, StreamMessage } from "../driver/driver.ts";
import type { Recorder } from "../measure/recorder.ts";
import { Sequence, type SequenceRecord } from "../measure/sequence.ts";
import { readStamp, STAMP_HEADER, type Stamp } from "../measure/stamp.ts";

/** Report of one receiver. */
export interface ReceiverAccount {
  readonly receiver: number;
  /** All messages, including duplicates and messages of other runs. */
  readonly messages: number;
  readonly bytes: number;
  /** Messages without a stamp, and, if `counts` is `own`, of other runs. 0 for readers of a stream. */
  readonly foreign: number;
  readonly redelivered: number;
  readonly firstAt: Nanos;
  readonly lastAt: Nanos;
  /** By publisher; if `counts` is `any`, by run and publisher; for readers of a stream, one for the whole stream. */
  readonly sequences: readonly SequenceRecord[];
  /** Notes for the result about messages that were not timed. */
  readonly notes: readonly string[];
}

/** The messages that a receiver counts, and how it tells duplicates. */
export type Counts =
  /** Messages of this run, by their stamps. */
  | "own"
  /** Messages of all runs, by their stamps, and messages without a stamp. */
  | "any"
  /** Messages of a stream, by their sequence numbers. */
  | "stream";

/** Parameters of a receiver. */
interface ReceiverParts {
  readonly receiver: number;
  readonly run: number;
  /** From `hostNumber`. */
  readonly host: number;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly counts: Counts;
}

/** Maximum number of publishers of a run: a stamp has 16 bits for it. */
const PUBLISHERS_OF_A_RUN = 2 ** 16;
/** Stands for the publisher in the sequence of a whole stream. */
const STREAM_AS_PUBLISHER = -1;

/** Times and counts the messages of one client. */
export class Receiver {
  readonly #parts: ReceiverParts;
  readonly #sequences = new Map<number, Sequence>();
  #messages = 0;
  #bytes = 0;
  #foreign = 0;
  #redelivered = 0;
  #fromElsewhere = 0;
  #fromEarlier = 0;
  #firstAt = 0;
  #lastAt = 0;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  get messages(): number {
    return this.#messages;
  }

  /** Counts a message and times it. Returns its times if it was timed, which happens at the first delivery only. */
  time(message: Message): Times | undefined {
    const now = this.#parts.clock.now();
    return this.#timed(this.#take(message, undefined, now), now);
  }

  /** As `time`, for a message from a stream. */
  timeStored(message: StreamMessage): Times | undefined {
    const now = this.#parts.clock.now();
    if (message.deliveryCount > 1) this.#redelivered++;
    return this.#timed(this.#take(message, message, now), now);
  }

  account(): ReceiverAccount {
    return {
      receiver: this.#parts.receiver,
      messages: this.#messages,
      bytes: this.#bytes,
      foreign: this.#foreign,
      redelivered: this.#redelivered,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      sequences: [...this.#sequences].map(([publisher, sequence]) => sequence.record(publisher)),
      notes: this.#notes(),
    };
  }

  /** Returns the stamp if the message is to be timed. */
  #take(message: Message, stored: StreamMessage | undefined, now: Nanos): Stamp | undefined {
    const { counts, run, recorder } = this.#parts;
    const bytes = message.data.length;
    if (this.#messages === 0) this.#firstAt = now;
    this.#messages++;
    this.#bytes += bytes;
    this.#lastAt = now;
    const stamp = stampOf(message);
    const isOurs = stamp !== undefined && (counts !== "own" || stamp.run === run);
    if (!isOurs && counts !== "stream") this.#foreign++;
    if (!isOurs && counts === "own") return undefined;
    if (!this.#isNew(stamp, stored)) return undefined;
    recorder.count("received");
    recorder.count("receivedBytes", bytes);
    return stamp;
  }

  #isNew(stamp: Stamp | undefined, stored: StreamMessage | undefined): boolean {
    const { counts } = this.#parts;
    if (counts === "stream" && stored) {
      return this.#sequenceOf(STREAM_AS_PUBLISHER).note(stored.streamSequence);
    }
    if (!stamp) return true;
    const { run, publisher, sequence } = stamp;
    const key = counts === "own" ? publisher : run * PUBLISHERS_OF_A_RUN + publisher;
    return this.#sequenceOf(key).note(sequence);
  }

  #timed(stamp: Stamp | undefined, now: Nanos): Times | undefined {
    if (!stamp) return undefined;
    const { host, clock, recorder } = this.#parts;
    if (stamp.host !== host) {
      this.#fromElsewhere++;
      return undefined;
    }
    const sent = stamp.sent - clock.zero;
    // Negative, or NaN because the run has no zero yet.
    if (!(sent >= 0)) {
      this.#fromEarlier++;
      return undefined;
    }
    const intended = stamp.intended - clock.zero;
    recorder.ended(intended, sent, now);
    return { intended, sent, received: now };
  }

  #sequenceOf(key: number): Sequence {
    let sequence = this.#sequences.get(key);
    if (!sequence) {
      sequence = new Sequence();
      this.#sequences.set(key, sequence);
    }
    return sequence;
  }

  #notes(): string[] {
    const notes: string[] = [];
    if (this.#fromElsewhere > 0) {
      notes.push("messages from another host, or with an invalid time, are counted but not timed");
    }
    if (this.#fromEarlier > 0) notes.push("messages sent before this run began are counted but not timed");
    return notes;
  }
}

/** Times of a message on the run's clock. */
export interface Times {
  readonly intended: Nanos;
  readonly sent: Nanos;
  readonly received: Nanos;
}

/** The stamp may be in the payload or in a header, because the sender may belong to another run. */
function stampOf(message: Message): Stamp | undefined {
  const stamp = readStamp(message.data);
  if (stamp) return stamp;
  const header = message.header(STAMP_HEADER);
  return header === undefined ? undefined : readStamp(Buffer.from(header, "base64"));
}
