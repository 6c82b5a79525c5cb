/** Progress of a running benchmark: for the terminal, for Prometheus, and for its own observation. */
import type { Clock } from "../../time/clock.ts";
import type { RunEvent } from "../result/schema.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { RecordedSecond } from "./timeline.ts";

/** Receives the progress of scenarios. Its methods are called on the main thread and must be fast. */
export interface ProgressReporter {
  readonly phase?: (phase: ScenarioPhase, scenario: Scenario) => void;
  /** The run's zero is known: a moment from now. */
  readonly began?: (scenario: Scenario, clock: Clock) => void;
  readonly second?: (scenario: Scenario, second: RecordedSecond) => void;
  readonly event?: (scenario: Scenario, event: RunEvent) => void;
}

/** `draining`: everything is sent, and the run waits for outstanding operations. */
type ScenarioPhase = "calibrating" | "preparing" | "draining" | "done";

/** One reporter that calls several, in their order. */
export function reportToAll(reporters: readonly ProgressReporter[]): Required<ProgressReporter> {
  return {
    phase: (...args) => {
      for (const reporter of reporters) reporter.phase?.(...args);
    },
    began: (...args) => {
      for (const reporter of reporters) reporter.began?.(...args);
    },
    second: (...args) => {
      for (const reporter of reporters) reporter.second?.(...args);
    },
    event: (...args) => {
      for (const reporter of reporters) reporter.event?.(...args);
    },
  };
}
