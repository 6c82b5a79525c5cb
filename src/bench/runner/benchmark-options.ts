/** What a benchmark is given, and whom it tells of its progress. */

import type { Clock } from "../../time/clock.ts";
import type { Reach } from "../driver/driver.ts";
import type { TimedCommand } from "../faults/commands.ts";
import type { RunEvent } from "../result/schema.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { SecondRecorded } from "./timeline.ts";

/** What a benchmark is given. */
export interface BenchmarkOptions {
  /** At least one; names are different. */
  readonly scenarios: readonly Scenario[];
  readonly order: Order;
  readonly reach: Reach;
  /** Processors that the load may use. */
  readonly processors: number;
  readonly events: readonly TimedCommand[];
  /** URLs of monitoring ports. Undefined: the server's usual one, if it answers there; none: no server is asked. */
  readonly monitor?: readonly string[] | undefined;
  /**
   * Whether each scenario's load is first run against a peer that does nothing, for three seconds: how fast the
   * generator itself is. Not by default: it takes time, and only core NATS and JetStream publishes have one.
   */
  readonly calibrate: boolean;
  /** Arguments as they were typed: the result has them without secrets. */
  readonly command: readonly string[];
  /** Of natscope. */
  readonly version: string;
  /** Ends it early; what there is by then is the result. */
  readonly signal: AbortSignal;
  readonly listener?: BenchmarkListener;
}

/** How several scenarios follow each other: all begin at once, or each when the one before has ended. */
export type Order = "together" | "in turn";

/** Told while it goes on. Has to be quick. */
export interface BenchmarkListener {
  readonly phase?: (phase: "calibrating" | "preparing" | "draining" | "done", scenario: Scenario) => void;
  readonly began?: (scenario: Scenario, clock: Clock) => void;
  readonly second?: (scenario: Scenario, second: SecondRecorded) => void;
  readonly event?: (scenario: Scenario, event: RunEvent) => void;
}
