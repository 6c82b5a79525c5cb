/**
 * Preparation and cleanup of a run. Before the first message it checks the requirements of the scenario and creates its
 * stream, consumer or bucket; afterwards it compares the run with the server, and removes its own assets, however the
 * run ended.
 */
import { untilAborted } from "../../time/abort.ts";
import type { AdminLink } from "../driver/admin-link.ts";
import { type Driver, IGNORE_EVENTS, type Reach, type ServerFacts } from "../driver/driver.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { largestSize, smallestSize } from "../scenario/size.ts";
import { RunError } from "../worker/run-error.ts";
import type { SenderAccount } from "../worker/sender.ts";
import { minSizeOf, stampedIn, workloadOf } from "../workloads/workloads.ts";
import { ensureBucket } from "./buckets.ts";
import { CreatedAssets } from "./created-assets.ts";
import { prepareError } from "./prepare-error.ts";
import { type StoredState, storedState, takeSnapshot } from "./stored-state.ts";
import { ensureConsumer, ensureStream } from "./streams.ts";

/** The run to prepare. */
interface Preparation {
  readonly scenario: Scenario;
  readonly reach: Reach;
  /** Number of the run, 16 bits. */
  readonly run: number;
  readonly driver: Driver;
  readonly signal: AbortSignal;
}

/** A prepared run. */
export interface Prepared {
  /** Compares the sent messages with those that the server holds. Never rejects. */
  compare(senders: readonly SenderAccount[]): Promise<StoredState>;
  /** Removes the assets of the run. Never rejects. Returns a sentence for each asset that could not be removed. */
  remove(): Promise<readonly string[]>;
}

/** For runs that need no preparation. */
export const UNPREPARED: Prepared = {
  compare: async () => ({ notes: [] }),
  remove: async () => [],
};

/** Rejects with a `RunError`; then everything is as it was before. */
export async function prepare(preparation: Preparation): Promise<Prepared> {
  const { scenario, driver, reach, run, signal } = preparation;
  try {
    await unlessInterrupted(checkServer(preparation), signal);
    if (workloadOf(scenario.workload).on === "subject") return UNPREPARED;
    const connecting = driver.administer(reach);
    const admin = await unlessInterrupted(connecting, signal).catch((error) => {
      void connecting.then(
        (late) => late.close(),
        () => {},
      );
      throw error;
    });
    return await prepareAssets(admin, new CreatedAssets(admin, run, signal), preparation);
  } catch (error) {
    throw prepareError(error);
  }
}

async function prepareAssets(
  admin: AdminLink,
  created: CreatedAssets,
  preparation: Preparation,
): Promise<Prepared> {
  const { scenario, run, signal } = preparation;
  const remove = async () => {
    const failures = await created.remove();
    await admin.close();
    return failures;
  };
  try {
    if (scenario.bucket) await ensureBucket(admin, created, scenario);
    else await ensureStream(admin, created, scenario);
    await prepareWorkload(preparation);
    if (scenario.stream) await ensureConsumer(admin, created, scenario);
    const before = await takeSnapshot(admin, scenario);
    if (signal.aborted) throw interrupted();
    return {
      compare: (senders) => storedState(admin, { scenario, run, before, senders, signal }),
      remove,
    };
  } catch (error) {
    const failures = await remove();
    const { type, message } = prepareError(error);
    throw new RunError(type, [message, ...failures].join("; "), error);
  }
}

/** Without it the client would wait 20 seconds for a server that does not answer. */
async function unlessInterrupted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  try {
    return await untilAborted(promise, signal);
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
  }
}

function interrupted(): RunError {
  return new RunError("interrupted", "interrupted before the run began");
}

async function prepareWorkload({ scenario, reach, driver, signal }: Preparation): Promise<void> {
  const workload = workloadOf(scenario.workload);
  if (!workload.prepare) return;
  const link = await driver.connect(reach, IGNORE_EVENTS);
  try {
    await workload.prepare({ link, scenario, signal });
  } finally {
    await link.close();
  }
}

/** Checks limits that the server announces to every client. */
async function checkServer({ scenario, reach, driver }: Preparation): Promise<void> {
  const link = await driver.connect(reach, IGNORE_EVENTS);
  const { server } = link;
  await link.close();
  checkStamps(scenario);
  checkMessages(scenario, server);
}

function checkStamps({ workload, payload }: Scenario): void {
  const minSize = minSizeOf(workloadOf(workload));
  if (smallestSize(payload.size) >= minSize) return;
  throw new RunError(
    "payload_too_small",
    `values of ${workload} carry a stamp of ${minSize} bytes: set --size to ${minSize} or more`,
  );
}

/** Bytes of headers besides names and values: `NATS/1.0` and line ends, and the separators of each line. */
const HEADER_FRAME = 12;
const HEADER_LINE = 4;
/** A stamp in base64, and its name. */
const STAMP_LINE = 64;

function checkMessages(scenario: Scenario, { maxPayload, headers: takesHeaders }: ServerFacts): void {
  const { payload, headers, workload } = scenario;
  // Objects are sent in chunks.
  if (!workloadOf(workload).sends || workloadOf(workload).on === "objects") return;
  const lines = headers.reduce((sum, [name, value]) => sum + name.length + value.length + HEADER_LINE, 0);
  const inHeaders = lines + (stampedIn(scenario) === "header" ? STAMP_LINE : 0);
  if (inHeaders > 0 && !takesHeaders) {
    throw new RunError(
      "no_headers",
      "the server does not support headers, which the messages of this run need",
    );
  }
  const size = payload.file?.size ?? largestSize(payload.size);
  const max = size + (inHeaders > 0 ? inHeaders + HEADER_FRAME : 0);
  if (max <= maxPayload) return;
  throw new RunError(
    "max_payload_exceeded",
    `messages have up to ${max} bytes including headers, more than the server's max_payload of ${maxPayload}`,
  );
}
