/** How many operations may be in flight at a rate, where nobody says how many. Pure. */
import type { Scenario, SizeChoice } from "../scenario/scenario.ts";

/** Of a client: what no system has out that keeps up. */
const MOST = 100_000;
/** Of all clients: what is out is in this process's memory. */
const MOST_BYTES = 512 * 2 ** 20;

/** Of each client. */
export function usualInFlight({ payload, clients }: Pick<Scenario, "payload" | "clients">): number {
  const fit = Math.floor(MOST_BYTES / (Math.max(1, meanOf(payload.size)) * clients));
  return Math.max(1, Math.min(MOST, fit));
}

function meanOf(choice: SizeChoice): number {
  switch (choice.kind) {
    case "fixed":
      return choice.bytes;
    case "uniform":
      return (choice.least + choice.most) / 2;
    case "normal":
      return choice.mean;
    case "weighted": {
      const total = choice.choices.reduce((sum, { weight }) => sum + weight, 0);
      return choice.choices.reduce((sum, { bytes, weight }) => sum + bytes * (weight / total), 0);
    }
  }
}
