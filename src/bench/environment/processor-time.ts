/**
 * Processor time that this machine needed and did not get: taken by other machines on the same host (steal), or denied
 * by a container's limit. Counters are read before and after a run, so they cost nothing during it.
 */
import { type Throttling, throttlingOf } from "./control-group.ts";
import { type ReadSystemFile, readSystemFile } from "./system-files.ts";

/** Counters since an arbitrary start. */
export interface ProcessorTime {
  /** Sum over all processors, in ticks. */
  readonly ticks?: { readonly all: number; readonly stolen: number };
  readonly throttling?: Throttling;
}

/** Reads the counters. Counters that the platform does not have are absent. */
export function processorTime(read: ReadSystemFile = readSystemFile): ProcessorTime {
  const ticks = ticksOf(read("/proc/stat"));
  const throttling = throttlingOf(read);
  return { ...(ticks && { ticks }), ...(throttling && { throttling }) };
}

/** Shares from 0 to 1: of the time of all processors, and of the limit's periods. */
export function sharesBetween(
  { ticks, throttling }: ProcessorTime,
  later: ProcessorTime,
): { readonly stealShare?: number; readonly throttledShare?: number } {
  const stealShare =
    ticks && later.ticks && share(later.ticks.stolen - ticks.stolen, later.ticks.all - ticks.all);
  const throttledShare =
    throttling &&
    later.throttling &&
    share(later.throttling.throttled - throttling.throttled, later.throttling.periods - throttling.periods);
  return {
    ...(stealShare !== undefined && { stealShare }),
    ...(throttledShare !== undefined && { throttledShare }),
  };
}

function share(part: number, all: number): number {
  return all > 0 ? Math.min(1, Math.max(0, part / all)) : 0;
}

/** Fields of the line `cpu`: user nice system idle iowait irq softirq steal; user includes guests. */
function ticksOf(stat: string | undefined): ProcessorTime["ticks"] {
  const line = /^cpu +(.*)$/m.exec(stat ?? "")?.[1];
  const ticks = line?.trim().split(/ +/).slice(0, 8).map(Number);
  if (ticks?.length !== 8 || !ticks.every(Number.isFinite)) return undefined;
  return { all: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[7] as number };
}
