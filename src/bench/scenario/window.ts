/** The measurement window of a scenario. Pure. */
import { type Nanos, SECOND } from "../../time/clock.ts";
import type { Scenario } from "./scenario.ts";

/** Begin and end of the window on the run's clock. The schedule sets both; nothing moves them during a run. */
export interface Window {
  readonly from: Nanos;
  /** Exclusive. Infinity if the number of messages ends the run. */
  readonly until: Nanos;
}

/** The window that a scenario asks for. */
export function windowOf({ warmupSeconds, amount }: Scenario): Window {
  const from = warmupSeconds * SECOND;
  const until = amount.seconds === undefined ? Number.POSITIVE_INFINITY : from + amount.seconds * SECOND;
  return { from, until };
}
