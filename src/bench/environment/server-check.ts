/**
 * The server's own message counters compared with those of a run. Only if the server served no other client, as far
 * as it reports: a single server without routes and leaf nodes, with our connections and no others. Only for core
 * NATS: the server counts JetStream's internal messages too. Pure.
 */
import type { ServerFacts } from "../driver/driver.ts";
import type { Account, CrossCheck, RunEvent } from "../result/schema.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ServerCounts } from "../workloads/workload.ts";
import { workloadOf } from "../workloads/workloads.ts";
import type { ServerSample } from "./server-sample.ts";

/** The probe's connection, which stays open. */
const WATCHING = 1;
/** A connection that was closed before the load began. */
const PREPARING = 1;

/** Fields of a run that the check needs. */
interface CheckedRun {
  readonly scenario: Scenario;
  readonly account: Account;
  /** The server of each connection. */
  readonly servers: readonly Pick<ServerFacts, "id">[];
  readonly events: readonly RunEvent[];
  readonly interrupted: string | undefined;
}

/** @param samples before the load, during it, and after it; sorted by time */
export function serverChecks(run: CheckedRun, samples: readonly ServerSample[]): readonly CrossCheck[] {
  const messages = messagesOf(run);
  const first = samples[0];
  const last = samples.at(-1);
  if (!messages || !first || !last || !servedNoOther(run, samples)) return [];
  const increase = (name: string) => (last.values[name] ?? Number.NaN) - (first.values[name] ?? Number.NaN);
  return [
    { what: "messages received by the server", expected: messages.in, found: increase("in_msgs") },
    { what: "messages delivered by the server", expected: messages.out, found: increase("out_msgs") },
  ].filter(({ found }) => Number.isFinite(found));
}

function servedNoOther({ servers, events }: CheckedRun, samples: readonly ServerSample[]): boolean {
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

/** Messages that the server should have counted; undefined if they cannot be predicted. */
function messagesOf({ scenario, account, interrupted }: CheckedRun): ServerCounts | undefined {
  const { sent, dropped, failed, unanswered } = account;
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0);
  if (interrupted !== undefined || failures + dropped + unanswered > 0) return undefined;
  return workloadOf(scenario.workload).expects?.(scenario, sent);
}
