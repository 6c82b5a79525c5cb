/** The time over which the rates of a run are counted. Pure. */

import type { Nanos } from "../../time/clock.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { scheduleOf } from "../scenario/schedule.ts";
import { windowOf } from "../scenario/window.ts";
import type { ReceiverAccount } from "../worker/receiver.ts";
import type { SenderAccount } from "../worker/sender.ts";
import { workloadOf } from "../workloads/workloads.ts";

/** On the run's clock; until is exclusive. */
interface MeasuredWindow {
  readonly from: Nanos;
  readonly until: Nanos;
}

/** How a run ended. */
interface Ending {
  /** When the main thread noticed that everything was sent: up to 20 ms late. */
  readonly sentAt: Nanos;
  readonly isInterrupted: boolean;
  readonly senders: readonly SenderAccount[];
  readonly receivers: readonly ReceiverAccount[];
}

/** The scenario's window if time ended the run; otherwise a window that ends with the last operation. */
export function measuredWindow(scenario: Scenario, ending: Ending): MeasuredWindow {
  const { from, until } = windowOf(scenario);
  const { sentAt, receivers } = ending;
  const { sends } = workloadOf(scenario.workload);
  if (!sends && scenario.amount.seconds === undefined) {
    const had = receivers.filter(({ messages }) => messages > 0);
    if (had.length > 0) return firstToLast(had);
  }
  const reached = Math.max(0, sentAt < until ? endOf(scenario, ending) : until);
  return { from: Math.min(from, reached), until: reached };
}

/** For readers of a number of messages: without the wait for the first one. */
function firstToLast(receivers: readonly ReceiverAccount[]): MeasuredWindow {
  return {
    from: Math.max(0, Math.min(...receivers.map(({ firstAt }) => firstAt))),
    until: Math.max(0, ...receivers.map(({ lastAt }) => lastAt)),
  };
}

/** End of a run that ended early: by its number of messages, or because it was stopped. */
function endOf(
  { load, amount, seed }: Scenario,
  { sentAt, isInterrupted, senders, receivers }: Ending,
): Nanos {
  if (isInterrupted || amount.messages === undefined) return sentAt;
  if (load.kind === "open") {
    // When the next operation would have been due.
    return Math.min(sentAt, scheduleOf(load.stages, load.arrival, seed).intended(amount.messages));
  }
  const last = Math.max(0, ...[...senders, ...receivers].map(({ lastAt }) => lastAt));
  return last > 0 ? last : sentAt;
}
