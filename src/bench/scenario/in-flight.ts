/** Default of `--in-flight` in an open loop. Pure. */
import type { Scenario } from "./scenario.ts";
import { meanSize } from "./size.ts";

/** Per client. A system that keeps up with its rate never has as many operations in flight. */
export const MAX_IN_FLIGHT = 100_000;
/** All clients together: operations in flight occupy memory of this process. */
export const MAX_BYTES_IN_FLIGHT = 512 * 2 ** 20;

/** Maximum number of operations in flight of each client. */
export function defaultMaxInFlight({ payload, clients }: Pick<Scenario, "payload" | "clients">): number {
  const fit = Math.floor(MAX_BYTES_IN_FLIGHT / (Math.max(1, meanSize(payload.size)) * clients));
  return Math.max(1, Math.min(MAX_IN_FLIGHT, fit));
}
