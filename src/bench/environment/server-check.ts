/**
 * What the server counted, beside what the run sent: the one sum that somebody else has made. Only where the server
 * served nobody else meanwhile, as far as it says: a single server without routes and leaf nodes, with our
 * connections and no others. Of core NATS alone: JetStream's own messages are counted with ours. Pure.
 */
import type { CrossCheck } from "../result/schema.ts";
import type { RunRecord } from "../runner/scenario-run.ts";
import type { ServerCounts } from "../workloads/workload.ts";
import { workloadOf } from "../workloads/workloads.ts";
import type { ServerSample } from "./server-sample.ts";

/** Connections that are there beside the load's: the probe's; and before it, one that looks at the server. */
const WATCHING = 1;
const PREPARING = 1;

/** @param samples of one stretch of time: before the load, while it ran, and after it */
export function serverChecks(record: RunRecord, samples: readonly ServerSample[]): readonly CrossCheck[] {
  const messages = messagesOf(record);
  const first = samples[0];
  const last = samples.at(-1);
  if (!messages || !first || !last || !servedOnlyUs(record, samples)) return [];
  const more = (name: string) => (last.values[name] ?? Number.NaN) - (first.values[name] ?? Number.NaN);
  return [
    { what: "messages that the server took in", expected: messages.in, found: more("in_msgs") },
    { what: "messages that the server gave out", expected: messages.out, found: more("out_msgs") },
  ].filter(({ found }) => Number.isFinite(found));
}

function servedOnlyUs({ servers, events }: RunRecord, samples: readonly ServerSample[]): boolean {
  const ids = new Set([...servers, ...samples].map(({ id }) => id));
  const ours = servers.length + WATCHING;
  const of = (sample: ServerSample | undefined, name: string) => sample?.values[name] ?? Number.NaN;
  const isAlone = (sample: ServerSample) =>
    of(sample, "connections") <= ours && of(sample, "routes") === 0 && of(sample, "leafnodes") === 0;
  const opened = of(samples.at(-1), "total_connections") - of(samples[0], "total_connections");
  return (
    ids.size === 1 &&
    opened === servers.length + PREPARING &&
    of(samples[0], "connections") <= WATCHING &&
    samples.every(isAlone) &&
    !events.some(({ kind }) => kind === "lost")
  );
}

/** How many there should have been; undefined where it cannot be said. */
function messagesOf({ scenario, account, interrupted }: RunRecord): ServerCounts | undefined {
  const { sent, dropped, failed, unanswered } = account;
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0);
  if (interrupted !== undefined || failures + dropped + unanswered > 0) return undefined;
  return workloadOf(scenario.workload).expects?.(scenario, sent);
}
