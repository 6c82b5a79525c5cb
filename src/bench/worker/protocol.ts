/** What the main thread and the threads of a run say to each other. Everything can be cloned. */

import type { Nanos } from "../../time/clock.ts";
import type { Reach, ServerFacts } from "../driver/driver.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Window } from "../scenario/window.ts";
import type { Repetition } from "./complaints.ts";
import type { ReceiverAccount } from "./receiver.ts";
import type { SenderAccount } from "./sender.ts";

/** Senders send operations; receivers subscribe or consume; responders answer requests. */
export type Role = "sender" | "receiver" | "responder";

/** The clients of a thread. All have the same role. */
export interface Assignment {
  readonly role: Role;
  /** Their numbers among all clients of the role, from 0. */
  readonly clients: readonly number[];
}

/** Given to a thread when it is created. */
export interface ThreadTask {
  readonly scenario: Scenario;
  readonly assignment: Assignment;
  readonly reach: Reach;
  /** Number of this run, 16 bits: stamps say it. */
  readonly run: number;
  readonly window: Window;
  /** `RECORDING_BYTES`, written by the thread, read by the main one. */
  readonly recording: SharedArrayBuffer;
}

/** To a thread. */
export type Order =
  /** Everybody is ready. @see zeroNow */
  | { readonly order: "begin"; readonly zero: bigint }
  /** Send no more. */
  | { readonly order: "stop" }
  /** The drain is over: account, close, and end. */
  | { readonly order: "finish" };

/** From a thread. */
export type Report =
  /** Its connections are open and its subscriptions are known to the server. */
  | { readonly report: "ready"; readonly servers: readonly ServerFacts[]; readonly driver: string }
  /** Everything was sent. What is out still may end. */
  | { readonly report: "sent"; readonly inFlight: number }
  /** An answer came, or a message, after everything was sent: `inFlight` is what is still out. */
  | { readonly report: "draining"; readonly inFlight: number }
  | {
      readonly report: "link";
      readonly kind: "lost" | "regained" | "failed";
      readonly what: string;
      readonly at: Nanos;
    }
  | { readonly report: "finished"; readonly outcome: ThreadOutcome }
  /** It cannot go on. */
  | { readonly report: "broken"; readonly sentence: string; readonly type: string };

/** What a thread has to say at the end. */
export interface ThreadOutcome {
  readonly assignment: Assignment;
  readonly senders: readonly SenderAccount[];
  readonly receivers: readonly ReceiverAccount[];
  /** Sentences for the reader of the figures, beside those of the receivers. */
  readonly notes: readonly string[];
  /** Of what was told as failed: what was said again. */
  readonly repetitions: readonly Repetition[];
  readonly eventLoopUtilization: number;
  readonly gcMs: number;
  readonly longestGcMs: number;
  /** From the beginning of the window to the order to send no more: what those above are of. */
  readonly ranMs: number;
}
