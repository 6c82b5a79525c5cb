/** Changes of a stream's leader during a run, found in the monitoring samples of all servers. Pure. */
import type { ServerSample } from "../environment/server-sample.ts";

/** One change of a leader. */
interface LeaderChange {
  /** When a server first reported it, in milliseconds of `performance.now()`. */
  readonly atMs: number;
  readonly stream: string;
  readonly from: string;
  readonly to: string;
}

/** Servers learn of a change one after another: reports within this time are of the same change. */
const SAME_CHANGE_MS = 10_000;

/** @param samples of all servers, sorted by time */
export function leaderChanges(samples: readonly ServerSample[]): readonly LeaderChange[] {
  const leaderByServer = new Map<string, string>();
  const changes: LeaderChange[] = [];
  for (const { id, atMs, leaders } of samples) {
    for (const [stream, to] of Object.entries(leaders)) {
      const key = JSON.stringify([id, stream]);
      const from = leaderByServer.get(key);
      leaderByServer.set(key, to);
      const isKnown = (one: LeaderChange) =>
        one.stream === stream && one.to === to && atMs - one.atMs < SAME_CHANGE_MS;
      if (from !== undefined && from !== to && !changes.some(isKnown))
        changes.push({ atMs, stream, from, to });
    }
  }
  return changes;
}
