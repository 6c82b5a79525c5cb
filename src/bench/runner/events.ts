/** What was seen of a run from outside, as its events; and how long the run needed to recover from each. Pure. */

import { SECOND } from "../../time/clock.ts";
import { withoutSecrets } from "../environment/secrets.ts";
import type { ServerSample } from "../environment/server-sample.ts";
import type { CommandOutcome } from "../faults/commands.ts";
import { leaderChanges } from "../faults/leaders.ts";
import type { Moment } from "../faults/recovery.ts";
import { recoveryOf } from "../faults/recovery.ts";
import type { RunEvent } from "../result/schema.ts";

/** From milliseconds of `performance.now()` to seconds since the run's zero. */
export type SecondOf = (atMs: number) => number;

/** A command as an event, once it runs. */
export function commandEvent(command: string, second: number): RunEvent {
  return { second, kind: "command", what: `ran: ${withoutSecrets(command)}` };
}

/** Of commands that have been run. */
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

/** Sentences about commands that never ran, or did not end well. */
export function commandNotes(outcomes: readonly CommandOutcome[]): readonly string[] {
  return outcomes.flatMap(({ command, end, output }) => {
    if (end === "exit code 0") return [];
    const said = output === "" ? "" : `, saying: ${output}`;
    return [`the command ${JSON.stringify(withoutSecrets(command.command))}: ${end}${said}`];
  });
}

/** Streams that got another leader. */
export function leaderEvents(samples: readonly ServerSample[], secondOf: SecondOf): readonly RunEvent[] {
  return leaderChanges(samples).map(({ atMs, stream, from, to }) => ({
    second: secondOf(atMs),
    kind: "leader",
    what: `the leader of stream ${stream} moved from ${from} to ${to}`,
  }));
}

/** What follows a cause within this time is taken for its consequence: a kill, the lost connection, the election. */
const CONSEQUENCE_SECONDS = 10;

/** Of a run, in seconds: when everything had been sent, and when all was over. */
export interface Ends {
  readonly until: number;
  readonly drained: number;
}

/**
 * Events with the recovery of each that is a cause: a command, or a lost connection or moved leader that no
 * cause had preceded.
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
