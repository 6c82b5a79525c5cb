/** Small scenarios with the differences that a test needs, and their runs on real servers. */

import type { StageName } from "../../../src/bench/measure/stage.ts";
import type { Account } from "../../../src/bench/result/schema.ts";
import type { RunOptions } from "../../../src/bench/runner/run-options.ts";
import type { RunRecord } from "../../../src/bench/runner/run-record.ts";
import { runScenario } from "../../../src/bench/runner/scenario-run.ts";
import type { BucketChoice, Scenario, StreamChoice } from "../../../src/bench/scenario/scenario.ts";

export const STREAM: StreamChoice = {
  name: "benchstream",
  create: true,
  purge: false,
  storage: "file",
  replicas: 1,
  maxBytes: 64 * 1024 * 1024,
  consumer: "nats-bench",
  consumerExists: false,
  batch: 50,
  acks: "explicit",
  doubleAck: false,
};

export const BUCKET: BucketChoice = {
  name: "benchbucket",
  create: true,
  purge: false,
  storage: "file",
  replicas: 1,
  maxBytes: 64 * 1024 * 1024,
  history: 1,
  keys: 300,
  order: "sequential",
};

/** 300 messages in a closed loop, from one client to one receiver. */
export function scenarioOf(workload: string, different: Partial<Scenario> = {}): Scenario {
  const [word] = workload.split(" ");
  return {
    name: "test",
    workload,
    clients: 1,
    receivers: 1,
    amount: { messages: 300 },
    load: { kind: "closed", inFlight: 20 },
    warmupSeconds: 0,
    drainSeconds: 5,
    subject: { base: "bench", count: 1, order: "sequential" },
    payload: { size: { kind: "fixed", bytes: 128 }, randomShare: 1 },
    headers: [],
    timeoutMs: 5000,
    isExternal: false,
    seed: 1,
    ...(word === "js" && { stream: STREAM }),
    ...((word === "kv" || word === "obj") && { bucket: BUCKET }),
    ...different,
  };
}

let runs = Math.floor(Math.random() * 60_000);

/** Runs a scenario as the command does, on few threads. */
export function run(
  clientUrl: string,
  scenario: Scenario,
  options: Partial<RunOptions> = {},
): Promise<RunRecord> {
  return runScenario({
    scenario,
    reach: { options: { servers: [new URL(clientUrl).host], reconnectTimeWait: 50 } },
    run: ++runs % 65_536,
    processors: 2,
    signal: new AbortController().signal,
    ...options,
  });
}

/** Sum of the classes of an account: equals the number of sent messages. */
export function classesOf({ completed, failed, dropped, lost, unanswered }: Account): number {
  return Object.values(failed).reduce((sum, count) => sum + count, completed + dropped + lost + unanswered);
}

/** Samples of each stage in the window, without stages that have none. */
export function samplesOf({ histograms }: RunRecord): Readonly<Partial<Record<StageName, number>>> {
  return Object.fromEntries(
    [...histograms.window]
      .map(([stage, histogram]) => [stage, histogram.count] as const)
      .filter(([, count]) => count > 0),
  );
}

/** The account of a run without failures. */
export function flawless(sent: number): Partial<Account> {
  return {
    sent,
    completed: sent,
    failed: {},
    dropped: 0,
    lost: 0,
    lostAfterAck: 0,
    unanswered: 0,
    duplicates: 0,
    redelivered: 0,
  };
}

/** Type and message of a rejection. */
export async function refusalOf(attempt: Promise<unknown>): Promise<{ type: string; message: string }> {
  try {
    await attempt;
  } catch (error) {
    const { type, message } = error as { type: string; message: string };
    return { type, message };
  }
  throw new Error("it was not refused");
}
