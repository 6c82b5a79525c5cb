/** Input of the run of one scenario. */
import type { Reach } from "../driver/driver.ts";
import type { Moment } from "../faults/recovery.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ProgressReporter } from "./progress-reporter.ts";

/** Input of the run of one scenario. */
export interface RunOptions {
  readonly scenario: Scenario;
  readonly reach: Reach;
  /** Name of a driver. Default: `nats`. */
  readonly driver?: string | undefined;
  /** Number of this run, 16 bits: stamps carry it. */
  readonly run: number;
  /** Processors that the load may use. */
  readonly processors: number;
  /** Ends the run early; the record covers what ran. */
  readonly signal: AbortSignal;
  readonly progress?: ProgressReporter;
  /** Called ten times a second. */
  readonly onMoment?: (moment: Moment) => void;
  /** Awaited when all threads are ready: of several scenarios, until all are. If it rejects, the run ends. */
  readonly gate?: () => Promise<void>;
}
