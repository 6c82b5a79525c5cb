/**
 * A sender sends the operations of one client. A new workload is a new sender, not a new loop: a sender is told which
 * of its operations are due, sends them, and says of each how it ended.
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
   * Sends its operations from `from` up to but not `to`. Never throws for an operation that fails: it counts it.
   * @param intended when operation `n` was meant to be sent
   */
  send(from: number, to: number, intended: (n: number) => Nanos): void;
  /** The connection threw away what was published since it went down. */
  discarded?(): void;
  /** The connection is up again: what was published since the last `discarded` was sent. */
  regained?(): void;
  /** The server, or the client, complained of something: a permission, for one. */
  complained?(sentence: string): void;
  /** What became of its operations. Called once, after the drain. */
  account(): SenderAccount;
}

/** Of one sender: every operation is in exactly one of the last four. */
export interface SenderAccount {
  readonly publisher: number;
  readonly sent: number;
  /** Of the payloads sent; where nothing is sent, of what was read. */
  readonly bytes: number;
  /** Ended well: replied to, acknowledged, stored; or given to the server, where nothing more is promised. */
  readonly completed: number;
  /** Refused, or failed with an answer: counted by the type of the failure. */
  readonly failed: Readonly<Record<string, number>>;
  /** Thrown away by the client, because its connection was down: nobody but the client knew of them. */
  readonly dropped: number;
  /** Neither ended nor failed when the drain was over. */
  readonly unanswered: number;
  /** When the last of its operations ended, well or not, on the run's clock; 0 if none has. */
  readonly lastAt: Nanos;
  /** Of `completed`: what a stream had stored before, by its id. */
  readonly duplicates?: number;
  /** Which operations those were, where what became of them is looked up afterwards. */
  readonly known?: KnownOperations;
}

/** Numbers of operations. */
export interface KnownOperations {
  /** Acknowledged by a stream, and not as duplicates. */
  readonly acknowledged: SequenceRecord;
  /** Failed, by the type of the failure; a stream may have stored them nevertheless. */
  readonly failed: Readonly<Record<string, SequenceRecord>>;
}

/** What a sender gets from its client. */
export interface SenderContext {
  readonly link: Link;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Number of this client among all of its role, from 0. Stamps carry a sender's as its publisher. */
  readonly number: number;
  /** Reports a failure, in a sentence, to the main thread; it becomes an event of the run. */
  reportFailure(sentence: string): void;
}
