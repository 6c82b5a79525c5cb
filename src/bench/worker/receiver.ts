/**
 * Receives what senders of this run, or of another one, have sent: reads the stamps, times the messages, remembers
 * which came. Times are believed of messages that were sent on this host and since this run began: another
 * host has another clock, and what lay in a stream says how long it lay there.
 */

import type { Clock, Nanos } from "../../time/clock.ts";
import type { Message, StreamMessage } from "../driver/driver.ts";
import type { Recorder } from "../measure/recorder.ts";
import { Sequence, type SequenceRecord } from "../measure/sequence.ts";
import { readStamp, STAMP_HEADER, type Stamp } from "../measure/stamp.ts";

/** What one receiver has seen. */
export interface ReceiverAccount {
  readonly receiver: number;
  /** All, those that came twice and those of others too. */
  readonly messages: number;
  readonly bytes: number;
  /** Without a stamp; of a workload with both ends, or of another run. Of a stream every message counts. */
  readonly foreign: number;
  readonly redelivered: number;
  readonly firstAt: Nanos;
  readonly lastAt: Nanos;
  /** By publisher: of a workload that only receives, by run and publisher; or all of a stream in one. */
  readonly sequences: readonly SequenceRecord[];
  /** Sentences: what was not timed, and why. */
  readonly notes: readonly string[];
}

/** Which messages count, and how one is told from another. */
export type Counts =
  /** Those of this run, by their stamps. */
  | "own"
  /** Of all runs, and those without a stamp. */
  | "any"
  /** Those of a stream, by their numbers in it. */
  | "stream";

/** What a receiver is given. */
export interface ReceiverParts {
  readonly receiver: number;
  readonly run: number;
  /** Of this process: see `hostNumber`. */
  readonly host: number;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly counts: Counts;
}

/** A run has so many publishers at most: see the stamp. */
export const PUBLISHERS_OF_A_RUN = 2 ** 16;
/** The publisher of the one sequence that a stream has. */
export const STREAM_AS_PUBLISHER = -1;

/** See the file's comment. */
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

  /** Notes a message, and times it. @returns its times of this run, if it was timed; it came for the first time then */
  time(message: Message): Times | undefined {
    const now = this.#parts.clock.now();
    return this.#timed(this.#take(message, undefined, now), now);
  }

  /** As `time`, of a message from a stream. */
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

  /** @returns its stamp, if it is to be timed */
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
    // Negative, or no number: before the run's zero.
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
      notes.push("messages from another host, or with no believable time, are counted and not timed");
    }
    if (this.#fromEarlier > 0) notes.push("messages sent before this run began are counted and not timed");
    return notes;
  }
}

/** Of a message, since the run's zero. */
export interface Times {
  readonly intended: Nanos;
  readonly sent: Nanos;
  readonly received: Nanos;
}

/** Another run may have the stamp elsewhere than this one would. */
function stampOf(message: Message): Stamp | undefined {
  const stamp = readStamp(message.data);
  if (stamp) return stamp;
  const header = message.header(STAMP_HEADER);
  return header === undefined ? undefined : readStamp(Buffer.from(header, "base64"));
}
