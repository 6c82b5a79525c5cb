/** Streams that got another leader while a run went on, by what servers said once a second. Pure. */
import type { ServerSample } from "../environment/server-sample.ts";

/** A change that was seen. */
export interface LeaderChange {
  readonly atMs: number;
  readonly stream: string;
  readonly from: string;
  readonly to: string;
}

/** Servers learn of a change one after the other: what is told again within this time is the same one. */
const SAME_MS = 10_000;

/** @param samples of all servers, in the order of time */
export function leaderChanges(samples: readonly ServerSample[]): readonly LeaderChange[] {
  const said = new Map<string, string>();
  const changes: LeaderChange[] = [];
  for (const { id, atMs, leaders } of samples) {
    for (const [stream, to] of Object.entries(leaders)) {
      const key = JSON.stringify([id, stream]);
      const from = said.get(key);
      said.set(key, to);
      const isKnown = (one: LeaderChange) =>
        one.stream === stream && one.to === to && atMs - one.atMs < SAME_MS;
      if (from !== undefined && from !== to && !changes.some(isKnown))
        changes.push({ atMs, stream, from, to });
    }
  }
  return changes;
}
