/** A scenario with all that belongs around it: prepared, run, compared with what the server holds, removed. */
import { DEFAULT_DRIVER, driverNamed } from "../drivers.ts";
import { prepare } from "../prepare/prepare.ts";
import type { RunOptions } from "./run-options.ts";
import { type RunRecord, runScenario } from "./scenario-run.ts";

/** What a run left, and what it could not remove. */
export interface PreparedRun {
  readonly record: RunRecord;
  /** Sentences: what was made and is still there, and why. */
  readonly leftovers: readonly string[];
}

/** Rejects with a `RunError` or a `CrewError` if it cannot begin; what was made is removed in any case. */
export async function runPrepared(options: RunOptions): Promise<PreparedRun> {
  const { scenario, run, signal } = options;
  // A bucket's operations have no timeout of their own: the client's is for all of them.
  const { reach: given } = options;
  const reach = { ...given, jetstream: { timeout: scenario.timeoutMs, ...given.jetstream } };
  const prepared = await prepare({ scenario, reach, run, driver: driverNamed(DEFAULT_DRIVER), signal });
  let record: RunRecord;
  try {
    record = await runScenario({ ...options, reach, compare: prepared.compare });
  } catch (error) {
    const leftovers = await prepared.remove();
    if (leftovers.length > 0) (error as Error).message += `; ${leftovers.join("; ")}`;
    throw error;
  }
  return { record, leftovers: await prepared.remove() };
}
