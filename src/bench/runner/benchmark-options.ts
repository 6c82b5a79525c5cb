/** Input of a benchmark. */
import type { Reach } from "../driver/driver.ts";
import type { TimedCommand } from "../faults/commands.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ProgressReporter } from "./progress-reporter.ts";

/** Input of a benchmark. */
export interface BenchmarkOptions {
  /** At least one; their names differ. */
  readonly scenarios: readonly Scenario[];
  readonly order: ScenarioOrder;
  readonly reach: Reach;
  /** Name of a driver. Default: `nats`. */
  readonly driver?: string;
  /** Processors that the load may use. */
  readonly processors: number;
  /** Commands to run in the middle. */
  readonly events: readonly TimedCommand[];
  /** URLs of monitoring ports. Undefined: the server's default port, if it answers there. Empty: none. */
  readonly monitor?: readonly string[] | undefined;
  /**
   * Whether each scenario's load first runs against a peer that only speaks the protocol, for three seconds, to measure
   * the floor of the load generator.
   */
  readonly calibrate: boolean;
  /** Arguments as typed: the result contains them without secrets. */
  readonly command: readonly string[];
  /** Version of natscope. */
  readonly version: string;
  /** Ends the benchmark early; the result covers what ran. */
  readonly signal: AbortSignal;
  readonly progress?: ProgressReporter;
}

/** Whether several scenarios begin together, or each when the one before has ended. */
export type ScenarioOrder = "together" | "in turn";
