/** Messages between the main thread and the worker threads of a run. All can be cloned. */
import type { Nanos } from "../../time/clock.ts";
import type { Reach, ServerFacts } from "../driver/driver.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Window } from "../scenario/window.ts";
import type { Repetition } from "./failure-log.ts";
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
  /** Name of the driver. */
  readonly driver: string;
  /** Number of this run, 16 bits: stamps carry it. */
  readonly run: number;
  readonly window: Window;
  /** `RECORDING_BYTES`, written by the thread and read by the main thread. */
  readonly recording: SharedArrayBuffer;
}

/** From the main thread. */
export type ThreadCommand =
  /** All threads are ready. `zero` is the run's zero, see `zeroNow`. */
  | { readonly command: "begin"; readonly zero: bigint }
  /** Send no more. */
  | { readonly command: "stop" }
  /** The drain is over: report the outcome, close, and end. */
  | { readonly command: "finish" };

/** From a thread. */
export type ThreadReport =
  /** Its connections are open, and the server knows its subscriptions. */
  | { readonly report: "ready"; readonly servers: readonly ServerFacts[]; readonly client: string }
  /** Everything is sent. `inFlight` operations are outstanding. */
  | { readonly report: "sent"; readonly inFlight: number }
  /** After `sent`: the number of outstanding operations has changed. */
  | { readonly report: "draining"; readonly inFlight: number }
  | {
      readonly report: "event";
      readonly kind: "lost" | "regained" | "failed";
      readonly what: string;
      readonly at: Nanos;
    }
  | { readonly report: "finished"; readonly outcome: ThreadOutcome }
  /** It cannot go on. */
  | { readonly report: "broken"; readonly sentence: string; readonly type: string };

/** Final report of a thread. */
export interface ThreadOutcome extends ThreadLoad {
  readonly assignment: Assignment;
  readonly senders: readonly SenderAccount[];
  readonly receivers: readonly ReceiverAccount[];
  /** Notes for the result, besides those of the receivers. */
  readonly notes: readonly string[];
  /** Failures that occurred again after they were reported. */
  readonly repetitions: readonly Repetition[];
}

/** How busy a thread was during the window. */
export interface ThreadLoad {
  /** 0 to 1, without turns of the event loop that had nothing to do. */
  readonly eventLoopUtilization: number;
  readonly gcMs: number;
  readonly longestGcMs: number;
  /** From the beginning of the window to the command to stop. */
  readonly ranMs: number;
}
