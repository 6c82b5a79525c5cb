/**
 * Around a run: checks that what it needs is there, before a message is sent; makes what the scenario says;
 * says afterwards what the server holds; and removes what was made, and nothing else, however the run ended.
 */
import type { Driver, Link, Reach } from "../driver/driver.ts";
import type { Compared } from "../runner/run-options.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { largestSize, smallestSize } from "../scenario/size.ts";
import { RunError } from "../worker/run-error.ts";
import type { SenderAccount } from "../worker/sender.ts";
import { minSizeOf, stampedIn, workloadOf } from "../workloads/workloads.ts";
import { Admin } from "./admin.ts";
import { readyBucket } from "./buckets.ts";
import { Made } from "./created-assets.ts";
import { prepareError } from "./prepare-error.ts";
import { findings, look, type Snapshot } from "./stored-state.ts";
import { readyConsumer, readyStream } from "./streams.ts";

/** What is to be prepared, and how. */
export interface Preparing {
  readonly scenario: Scenario;
  readonly reach: Reach;
  /** As the run's. */
  readonly run: number;
  readonly driver: Driver;
  readonly signal: AbortSignal;
}

/** What was prepared. */
export interface Prepared {
  /** Compares with the server, after the run. Never rejects. */
  compare(senders: readonly SenderAccount[]): Promise<Compared>;
  /** Removes what was made. Never rejects. @returns sentences: what could not be removed, and why */
  remove(): Promise<readonly string[]>;
}

const NOTHING: Prepared = {
  compare: async () => ({ holdings: {}, notes: [] }),
  remove: async () => [],
};

/** Rejects with a `RunError`; then everything is as it was before. */
export async function prepare(preparing: Preparing): Promise<Prepared> {
  const { scenario, reach, run, signal } = preparing;
  await unlessStopped(checkServer(preparing), signal);
  if (workloadOf(scenario.workload).on === "subject") return NOTHING;
  const connecting = Admin.connect(reach, run);
  const admin = await unlessStopped(connecting, signal).catch((error) => {
    void connecting.then(
      (late) => late[Symbol.asyncDispose](),
      () => {},
    );
    throw error;
  });
  const made = new Made(admin, signal);
  try {
    await ready(admin, made, preparing);
    const before = await look(admin, scenario);
    if (signal.aborted) throw new RunError("interrupted", INTERRUPTED);
    return preparedOf(admin, made, before, preparing);
  } catch (error) {
    const failures = await made.remove();
    await admin[Symbol.asyncDispose]();
    const { type, message } = prepareError(error);
    throw new RunError(type, [message, ...failures].join("; "), error);
  }
}

/** A server that does not answer is waited for by the client, for twenty seconds. */
async function unlessStopped<Value>(waiting: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(new RunError("interrupted", INTERRUPTED));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([waiting, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const INTERRUPTED = "interrupted before the run began";

function preparedOf(admin: Admin, made: Made, before: Snapshot, preparing: Preparing): Prepared {
  const { scenario, run, signal } = preparing;
  return {
    compare: (senders) => findings(admin, scenario, run, before, senders, signal),
    remove: async () => {
      const failures = await made.remove();
      await admin[Symbol.asyncDispose]();
      return failures;
    },
  };
}

async function ready(admin: Admin, made: Made, preparing: Preparing): Promise<void> {
  const { scenario } = preparing;
  if (workloadOf(scenario.workload).on === "stream") {
    await readyStream(admin, made, scenario);
    await prepareWorkload(preparing);
    await readyConsumer(admin, made, scenario);
    return;
  }
  await readyBucket(admin, made, scenario);
  await prepareWorkload(preparing);
}

async function prepareWorkload({ scenario, reach, driver, signal }: Preparing): Promise<void> {
  const workload = workloadOf(scenario.workload);
  if (!workload.prepare) return;
  const link = await driver.connect(reach, { lost() {}, discarded() {}, regained() {}, failed() {} });
  try {
    await workload.prepare({ link, scenario, signal });
  } finally {
    await link.close();
  }
}

/** Bytes of headers beyond names and values: `NATS/1.0`, line ends, the separator of each line. */
const HEADER_FRAME = 12;
const HEADER_LINE = 4;
/** A stamp in base64, and its name. */
const STAMP_LINE = 64;

/** What the server itself says when one connects. */
async function checkServer({ scenario, reach, driver }: Preparing): Promise<void> {
  let link: Link;
  try {
    link = await driver.connect(reach, { lost() {}, discarded() {}, regained() {}, failed() {} });
  } catch (error) {
    throw prepareError(error);
  }
  const { maxPayload, headers: hasHeaders } = link.server;
  await link.close();
  const { payload, headers, workload } = scenario;
  const carrier = stampedIn(scenario);
  const minSize = minSizeOf(workloadOf(workload));
  if (smallestSize(payload.size) < minSize) {
    throw new RunError(
      "payload_too_small",
      `values of ${workload} carry a stamp of ${minSize} bytes: set --size to ${minSize} or more`,
    );
  }
  if (!workloadOf(workload).sends || workloadOf(workload).on === "objects") return;
  const lines = headers.reduce((sum, [name, value]) => sum + name.length + value.length + HEADER_LINE, 0);
  const inHeaders = lines + (carrier === "header" ? STAMP_LINE : 0);
  if (inHeaders > 0 && !hasHeaders) {
    throw new RunError("no_headers", "the server takes no headers, and the messages need some");
  }
  const size = payload.file?.size ?? largestSize(payload.size);
  const most = size + (inHeaders > 0 ? inHeaders + HEADER_FRAME : 0);
  if (most <= maxPayload) return;
  throw new RunError(
    "max_payload_exceeded",
    `messages have up to ${most} bytes with their headers, and the server takes ${maxPayload} (max_payload)`,
  );
}
