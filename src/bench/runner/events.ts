/** Events of a run that were observed from outside, and how long the run took to recover from each. Pure. */

import { SECOND } from "../../time/clock.ts";
import { withoutSecrets } from "../environment/secrets.ts";
import type { ServerSample } from "../environment/server-sample.ts";
import type { CommandOutcome } from "../faults/commands.ts";
import { leaderChanges } from "../faults/leaders.ts";
import type { Moment } from "../faults/recovery.ts";
import { recoveryOf } from "../faults/recovery.ts";
import type { RunEvent } from "../result/schema.ts";

/** Converts milliseconds of `performance.now()` to seconds since the run's zero. */
type SecondOf = (atMs: number) => number;

/** The event of a command that has started. */
export function commandEvent(command: string, second: number): RunEvent {
  return { second, kind: "command", what: `ran: ${withoutSecrets(command)}` };
}

/** Events of the commands that have run. */
export function commandEvents(outcomes: readonly CommandOutcome[], secondOf: SecondOf): readonly RunEvent[] {
  return outcomes.flatMap(({ command, startedAtMs, tookMs, end, output }) =>
    startedAtMs === undefined
      ? []
      : [
          {
            ...commandEvent(command.command, secondOf(startedAtMs)),
            command: { end, seconds: tookMs / 1000, output },
          },
        ],
  );
}

/** Notes about commands that did not run or failed. */
export function commandNotes(outcomes: readonly CommandOutcome[]): readonly string[] {
  return outcomes.flatMap(({ command, end, output }) => {
    if (end === "exit code 0") return [];
    const said = output === "" ? "" : `, saying: ${output}`;
    return [`the command ${JSON.stringify(withoutSecrets(command.command))}: ${end}${said}`];
  });
}

/** Events of streams whose leader changed. */
export function leaderEvents(samples: readonly ServerSample[], secondOf: SecondOf): readonly RunEvent[] {
  return leaderChanges(samples).map(({ atMs, stream, from, to }) => ({
    second: secondOf(atMs),
    kind: "leader",
    what: `the leader of stream ${stream} moved from ${from} to ${to}`,
  }));
}

/** A lost connection or a new leader within this time after a cause is its consequence. */
const CONSEQUENCE_SECONDS = 10;

/** When everything was sent, and when the drain ended, in seconds of the run. */
interface Ends {
  readonly until: number;
  readonly drained: number;
}

/**
 * Adds the recovery to each event that is a cause: a command, or a lost connection or a new leader without a cause
 * before it.
 * @param events in the order of time
 */
export function withRecoveries(
  events: readonly RunEvent[],
  moments: readonly Moment[],
  { until, drained }: Ends,
): readonly RunEvent[] {
  const causes = causesOf(events);
  return events.map((event) => {
    const at = causes.indexOf(event);
    if (at === -1) return event;
    const next = causes[at + 1]?.second ?? drained;
    const recovery = recoveryOf(moments, event.second * SECOND, {
      next: next * SECOND,
      sent: until * SECOND,
    });
    return recovery ? { ...event, recovery } : event;
  });
}

function causesOf(events: readonly RunEvent[]): readonly RunEvent[] {
  const causes: RunEvent[] = [];
  for (const event of events) {
    const last = causes.at(-1)?.second ?? Number.NEGATIVE_INFINITY;
    const isDisturbance = event.kind === "lost" || event.kind === "leader";
    if (event.kind === "command" || (isDisturbance && event.second > last + CONSEQUENCE_SECONDS)) {
      causes.push(event);
    }
  }
  return causes;
}
