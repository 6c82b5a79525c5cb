/**
 * Distributes the clients of a scenario over threads. Senders and receivers never share a thread, so that neither
 * delays the other, and one processor is left for a server that may run on this host.
 */
import type { Scenario } from "../scenario/scenario.ts";
import type { Assignment, Role } from "../worker/protocol.ts";
import { workloadOf } from "../workloads/workloads.ts";

/** @param processors that the load may use; each role gets at least one thread */
export function planOf(scenario: Scenario, processors: number): readonly Assignment[] {
  const roles = rolesOf(scenario);
  const threads = scenario.threads ?? Math.max(roles.length, processors - 1);
  const each = Math.max(1, Math.floor(threads / roles.length));
  return roles.flatMap(({ role, clients }) => {
    const used = Math.min(each, clients);
    return Array.from({ length: used }, (_, thread) => ({
      role,
      clients: Array.from({ length: clients }, (_, client) => client).filter(
        (client) => client % used === thread,
      ),
    }));
  });
}

/** Messages need a receiver when the first one is sent. */
const ORDER: readonly Role[] = ["responder", "receiver", "sender"];

interface RoleClients {
  readonly role: Role;
  readonly clients: number;
}

/** In a scenario with senders, `receivers` is the number of clients that receive or respond. */
function rolesOf({ workload, clients, receivers, isExternal }: Scenario): readonly RoleClients[] {
  const { roles, sends } = workloadOf(workload);
  return ORDER.filter((role) => roles[role] && !(role === "responder" && isExternal)).map((role) => ({
    role,
    clients: role === "sender" || !sends ? clients : receivers,
  }));
}
