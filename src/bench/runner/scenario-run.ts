/**
 * The run of one scenario: prepare, start the threads, send, drain, account, remove. Each step is a file in this folder
 * or in `prepare/`.
 */
import { untilAborted } from "../../time/abort.ts";
import { type Clock, clockSince } from "../../time/clock.ts";
import type { Reach } from "../driver/driver.ts";
import { DEFAULT_DRIVER, driverNamed } from "../drivers.ts";
import { type Prepared, prepare, UNPREPARED } from "../prepare/prepare.ts";
import { dueOf } from "../scenario/due.ts";
import { windowOf } from "../scenario/window.ts";
import { RunError } from "../worker/run-error.ts";
import { workloadOf } from "../workloads/workloads.ts";
import { EventLog } from "./event-log.ts";
import { outcomeOf } from "./lost-thread.ts";
import { Phases, reasonOf } from "./phases.ts";
import { planOf } from "./plan.ts";
import type { RunOptions } from "./run-options.ts";
import { type RunRecord, recordOf } from "./run-record.ts";
import { Timeline } from "./timeline.ts";
import { WorkerPool } from "./worker-pool.ts";

/** Rejects with a `RunError` if the run cannot begin. Removes the assets of the run in any case. */
export async function runScenario(options: RunOptions): Promise<RunRecord> {
  const reach = reachOf(options);
  const driver = driverNamed(options.driver ?? DEFAULT_DRIVER);
  const prepared = await prepare({ ...options, reach, driver });
  try {
    const record = await runLoad({ ...options, reach }, prepared);
    return { ...record, leftovers: await prepared.remove() };
  } catch (error) {
    const leftovers = await prepared.remove();
    if (leftovers.length > 0) (error as Error).message += `; ${leftovers.join("; ")}`;
    throw error;
  }
}

/** Operations on buckets have no timeout of their own: the connection's applies to all of them. */
function reachOf({ reach, scenario }: RunOptions): Reach {
  return { ...reach, jetstream: { timeout: scenario.timeoutMs, ...reach.jetstream } };
}

/** Runs the load alone, against a server that needs no preparation. Rejects with a `RunError` if it cannot begin. */
export async function runLoad(
  options: RunOptions,
  prepared: Pick<Prepared, "compare"> = UNPREPARED,
): Promise<RunRecord> {
  const { scenario, progress } = options;
  const events = new EventLog(scenario, progress);
  const pool = new WorkerPool(options, planOf(scenario, options.processors), (event) => events.add(event));
  try {
    await untilReady(pool, options);
    const startedAt = new Date();
    const clock = begin(pool, options);
    const timeline = timelineOf(pool, options);
    const phases = new Phases({ options, pool, clock, timeline });

    await phases.send();
    const sentAt = clock.now();
    progress?.phase?.("draining", scenario);
    await phases.drain();
    const drainedAt = clock.now();

    const threads = await pool.finish();
    // Threads record their last acks while they end.
    phases.endSecond();
    const outcomes = threads.map(outcomeOf);
    const stored = await prepared.compare(outcomes.flatMap(({ senders }) => senders));
    return recordOf({
      scenario,
      pool,
      timeline,
      events,
      outcomes,
      stored,
      startedAt,
      sentAt,
      drainedAt,
      haveReceiversEnded: threads.every(
        ({ assignment, outcome }) => outcome || assignment.role !== "receiver",
      ),
      interrupted: phases.interrupted,
    });
  } finally {
    await pool.terminate();
  }
}

/** Waits until all threads are connected and the gate is open. */
async function untilReady(pool: WorkerPool, { signal, gate }: RunOptions): Promise<void> {
  try {
    await untilAborted(pool.ready().then(gate), signal);
  } catch (error) {
    throw signal.aborted ? new RunError("interrupted", reasonOf(signal)) : error;
  }
}

function begin(pool: WorkerPool, { scenario, progress }: RunOptions): Clock {
  const clock = clockSince(pool.begin());
  progress?.began?.(scenario, clock);
  return clock;
}

function timelineOf({ recordings }: WorkerPool, { scenario }: RunOptions): Timeline {
  return new Timeline(
    recordings,
    workloadOf(scenario.workload).stages,
    dueOf(scenario, windowOf(scenario).until),
  );
}
