/** From when until when a run was measured: what its rates are counted over. Pure. */

import type { Nanos } from "../../time/clock.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { scheduleOf } from "../scenario/schedule.ts";
import { windowOf } from "../scenario/window.ts";
import type { ReceiverAccount } from "../worker/receiver.ts";
import type { SenderAccount } from "../worker/sender.ts";
import { workloadOf } from "../workloads/workloads.ts";

/** On the run's clock; until is exclusive. */
export interface MeasuredWindow {
  readonly from: Nanos;
  readonly until: Nanos;
}

/** How a run ended. */
export interface Ending {
  /** When the main thread found that everything had been sent: it looks every 20 ms, and not at once. */
  readonly sentAt: Nanos;
  readonly isInterrupted: boolean;
  readonly senders: readonly SenderAccount[];
  readonly receivers: readonly ReceiverAccount[];
}

/** As the scenario says it, if the time decided. Else what decided is not the moment at which it was noticed. */
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

/** Who reads so many messages reads from the first to the last: what was waited for before is nobody's rate. */
function firstToLast(receivers: readonly ReceiverAccount[]): MeasuredWindow {
  return {
    from: Math.max(0, Math.min(...receivers.map(({ firstAt }) => firstAt))),
    until: Math.max(0, ...receivers.map(({ lastAt }) => lastAt)),
  };
}

/** Of a run that was over before its time: by its messages, or because it was told to end. */
function endOf(
  { load, amount, seed }: Scenario,
  { sentAt, isInterrupted, senders, receivers }: Ending,
): Nanos {
  if (isInterrupted || amount.messages === undefined) return sentAt;
  if (load.kind === "open") {
    // When another operation would have been due.
    return Math.min(sentAt, scheduleOf(load.stages, load.arrival, seed).intended(amount.messages));
  }
  const last = Math.max(0, ...[...senders, ...receivers].map(({ lastAt }) => lastAt));
  return last > 0 ? last : sentAt;
}
