/**
 * Receives what lanes of this run, or of another, have sent: reads the stamps, times the messages, remembers
 * which came.
 */
import type { Message } from "../driver/driver.ts";
import type { Recorder } from "../measure/recorder.ts";
import { Sequence, type SequenceRecord } from "../measure/sequence.ts";
import { readStamp, STAMP_HEADER, type Stamp } from "../measure/stamp.ts";
import type { Clock, Nanos } from "../time/clock.ts";

/** What one receiver has seen. */
export interface ReceiverAccount {
  readonly receiver: number;
  readonly messages: number;
  readonly bytes: number;
  /** Without a stamp of this run. */
  readonly foreign: number;
  readonly redelivered: number;
  readonly firstAt: Nanos;
  readonly lastAt: Nanos;
  readonly sequences: readonly SequenceRecord[];
}

/** See the file's comment. */
export class Receiver {
  readonly #receiver: number;
  readonly #run: number;
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #isInHeader: boolean;
  readonly #sequences = new Map<number, Sequence>();
  #messages = 0;
  #bytes = 0;
  #foreign = 0;
  #redelivered = 0;
  #firstAt = 0;
  #lastAt = 0;

  constructor(parts: {
    readonly receiver: number;
    readonly run: number;
    readonly clock: Clock;
    readonly recorder: Recorder;
    readonly carrier: "payload" | "header";
  }) {
    this.#receiver = parts.receiver;
    this.#run = parts.run;
    this.#clock = parts.clock;
    this.#recorder = parts.recorder;
    this.#isInHeader = parts.carrier === "header";
  }

  get messages(): number {
    return this.#messages;
  }

  /** Notes a message. @returns its stamp, if it has one of this run and came for the first time */
  take(message: Message, now = this.#clock.now()): Stamp | undefined {
    const bytes = message.data.length;
    if (this.#messages === 0) this.#firstAt = now;
    this.#messages++;
    this.#bytes += bytes;
    this.#lastAt = now;
    this.#recorder.count("received");
    this.#recorder.count("receivedBytes", bytes);
    const stamp = this.#stampOf(message);
    if (!stamp) {
      this.#foreign++;
      return undefined;
    }
    return this.#sequenceOf(stamp.publisher).note(stamp.sequence) ? stamp : undefined;
  }

  /** As `take`, and times it: from sender to here. */
  time(message: Message): Stamp | undefined {
    const now = this.#clock.now();
    const stamp = this.take(message, now);
    if (stamp) this.#recorder.ended(stamp.intended, stamp.sent, now);
    return stamp;
  }

  /** A stream said that it had delivered this message before. */
  countRedelivered(): void {
    this.#redelivered++;
  }

  account(): ReceiverAccount {
    return {
      receiver: this.#receiver,
      messages: this.#messages,
      bytes: this.#bytes,
      foreign: this.#foreign,
      redelivered: this.#redelivered,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      sequences: [...this.#sequences].map(([publisher, sequence]) => sequence.record(publisher)),
    };
  }

  #stampOf(message: Message): Stamp | undefined {
    if (!this.#isInHeader) return readStamp(message.data, this.#run);
    const header = message.header(STAMP_HEADER);
    return header === undefined ? undefined : readStamp(Buffer.from(header, "base64"), this.#run);
  }

  #sequenceOf(publisher: number): Sequence {
    let sequence = this.#sequences.get(publisher);
    if (!sequence) {
      sequence = new Sequence();
      this.#sequences.set(publisher, sequence);
    }
    return sequence;
  }
}
