/**
 * The interface of a sender: it sends the operations of one client. The loop tells it which of its operations are due;
 * the sender sends them and counts how each one ended.
 */
import type { Clock, Nanos } from "../../time/clock.ts";
import type { Link } from "../driver/driver.ts";
import type { Recorder } from "../measure/recorder.ts";
import type { SequenceRecord } from "../measure/sequence.ts";

/** Sends operations. */
export interface Sender {
  /** Operations that were sent and have not ended. */
  readonly inFlight: number;
  /**
   * Sends its operations `from` (inclusive) to `to` (exclusive). Does not throw if an operation fails, but counts it.
   * @param intended when operation `n` was due
   */
  send(from: number, to: number, intended: (n: number) => Nanos): void;
  /** The client has discarded all messages published since the connection went down. */
  discarded?(): void;
  /** The connection is up again: messages published since the last `discarded` have been sent. */
  regained?(): void;
  /** The connection reported a failure, such as a permission violation. */
  failed?(sentence: string): void;
  /** Outcome of its operations. Called once, after the drain. */
  account(): SenderAccount;
}

/** Each operation of a sender is in exactly one of `completed`, `failed`, `dropped` and `unanswered`. */
export interface SenderAccount {
  readonly publisher: number;
  readonly sent: number;
  /** Bytes of the payloads sent, or read if the workload does not write. */
  readonly bytes: number;
  /** Ended successfully: answered, acknowledged, stored, or processed by the server if that is all it confirms. */
  readonly completed: number;
  /** Rejected, or without an answer in time, by the type of the failure. */
  readonly failed: Readonly<Record<string, number>>;
  /** Discarded by the client because its connection was down. */
  readonly dropped: number;
  /** Without an answer when the drain ended. */
  readonly unanswered: number;
  /** When the last of its operations ended, on the run's clock; 0 if none has. */
  readonly lastAt: Nanos;
  /** Part of `completed`: messages that the stream had stored before, by their id. */
  readonly duplicates?: number;
  /** Numbers of the operations, if their messages are looked up in a stream or at receivers. */
  readonly known?: KnownOperations;
}

/** Numbers of operations. */
interface KnownOperations {
  /** Acknowledged by a stream, and not as duplicates. */
  readonly acknowledged: SequenceRecord;
  /** Failed, by the type of the failure. A stream may have stored them nevertheless. */
  readonly failed: Readonly<Record<string, SequenceRecord>>;
}

/** Parameters of a sender. */
export interface SenderContext {
  readonly link: Link;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Number of this client among all of its role, from 0. Stamps carry a sender's as its publisher. */
  readonly number: number;
  /** Reports a failure, in a sentence, to the main thread; it becomes an event of the run. */
  reportFailure(sentence: string): void;
}
