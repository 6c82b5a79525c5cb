/** What the run of one scenario is given, and whom it tells of its progress. */

import type { Clock } from "../../time/clock.ts";
import type { Reach } from "../driver/driver.ts";
import type { Moment } from "../faults/recovery.ts";
import type { StoredState } from "../prepare/stored-state.ts";
import type { RunEvent } from "../result/schema.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { SenderAccount } from "../worker/sender.ts";
import type { SecondRecorded } from "./timeline.ts";

/** What a run is given. */
export interface RunOptions {
  readonly scenario: Scenario;
  readonly reach: Reach;
  /** 16 bits. */
  readonly run: number;
  /** Processors that the load may use. */
  readonly processors: number;
  /** Ends the run early; what there is by then is the result. */
  readonly signal: AbortSignal;
  readonly listener?: RunListener;
  /** Waited for when all threads are ready: of several scenarios, until all are. What it rejects with ends it. */
  readonly gate?: () => Promise<void>;
  /** Asked, when all threads have ended, what the server holds of what they sent: see `prepare/`. */
  readonly compare?: (senders: readonly SenderAccount[]) => Promise<StoredState>;
}

/** Told while a run goes on. Has to be quick. */
export interface RunListener {
  readonly began?: (clock: Clock) => void;
  readonly second?: (second: SecondRecorded) => void;
  /** Every 100 ms, and only made where it is listened to. */
  readonly moment?: (moment: Moment) => void;
  /** Everything has been sent: the window is over, and the drain begins. */
  readonly sent?: () => void;
  readonly event?: (event: RunEvent) => void;
}
