/**
 * Which thread has which clients. Those that send and those that receive are apart, so that neither is late
 * because of the other; one processor is left to the server where it may run on this host.
 */
import type { Scenario } from "../scenario/scenario.ts";
import { workloadOf } from "../scenario/workload.ts";

/** What a thread does: the numbers of its clients among all of their role. */
export interface Assignment {
  readonly role: Role;
  readonly clients: readonly number[];
}

/** Senders have senders; receivers subscribe or consume; responders answer requests. */
export type Role = "sender" | "receiver" | "responder";

/** @param processors that the load may use; at least one thread of each role there is in any case */
export function planOf(scenario: Scenario, processors: number): readonly Assignment[] {
  const groups = groupsOf(scenario);
  const threads = scenario.threads ?? Math.max(groups.length, processors - 1);
  const each = Math.max(1, Math.floor(threads / groups.length));
  return groups.flatMap(({ role, count }) => {
    const used = Math.min(each, count);
    return Array.from({ length: used }, (_, thread) => ({
      role,
      clients: Array.from({ length: count }, (_, client) => client).filter(
        (client) => client % used === thread,
      ),
    }));
  });
}

function groupsOf(scenario: Scenario): { role: Role; count: number }[] {
  const { sends, receives } = workloadOf(scenario.workload);
  const answers = scenario.workload === "request" && !scenario.isExternal;
  const groups: { role: Role; count: number }[] = [];
  if (answers) groups.push({ role: "responder", count: scenario.receivers });
  if (scenario.workload === "serve") groups.push({ role: "responder", count: scenario.clients });
  else if (receives) groups.push({ role: "receiver", count: sends ? scenario.receivers : scenario.clients });
  if (sends) groups.push({ role: "sender", count: scenario.clients });
  return groups;
}

/** Messages of one of all clients together: the first clients have one more where it does not come out even. */
export function messagesOf(client: number, clients: number, messages: number | undefined): number {
  if (messages === undefined) return Number.POSITIVE_INFINITY;
  return Math.floor(messages / clients) + (client < messages % clients ? 1 : 0);
}
