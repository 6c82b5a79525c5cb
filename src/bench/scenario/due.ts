/** Operations that a scenario offers over time. Pure. */
import type { Nanos } from "../../time/clock.ts";
import type { Scenario } from "./scenario.ts";
import { scheduleOf } from "./schedule.ts";

/** Number of operations due until a time of the run's clock; undefined in a closed loop. */
export type Due = ((elapsed: Nanos) => number) | undefined;

/**
 * Counts the operations of a scenario's schedule, up to its number of messages.
 * @param until end of the window: operations due later are not sent
 */
export function dueOf({ load, seed, amount }: Scenario, until: Nanos): Due {
  if (load.kind === "closed") return undefined;
  const schedule = scheduleOf(load.stages, load.arrival, seed);
  const max = amount.messages ?? Number.POSITIVE_INFINITY;
  return (elapsed) => Math.min(schedule.due(Math.min(elapsed, until - 1)), max);
}
