/** Data for workloads that only read, from what the run itself has made. None of it is measured. */
import type { Driver, Link, Reach } from "../driver/driver.ts";
import { randomOf } from "../scenario/random.ts";
import type { BucketChoice, Scenario } from "../scenario/scenario.ts";
import { Messages, subjectsOf } from "../worker/messages.ts";
import { keyAt } from "../workloads/keys.ts";
import { PrepareError } from "./prepare-error.ts";

/** Operations out at the same time; of objects, which are many messages each, fewer. */
const WIDTH = 256;
const WIDTH_OF_OBJECTS = 8;

/** Fills what the workload reads, if it reads what the run has made. */
export async function fill(driver: Driver, reach: Reach, scenario: Scenario, signal: AbortSignal) {
  if (!readsWhatIsMade(scenario)) return;
  const link = await driver.connect(reach, { lost() {}, discarded() {}, regained() {}, failed() {} });
  try {
    await fillOver(link, scenario, signal);
  } finally {
    await link.close();
  }
}

function readsWhatIsMade({ workload, stream, bucket }: Scenario): boolean {
  switch (workload) {
    case "js consume":
    case "js fetch":
    case "js ordered":
      return stream?.create === true;
    case "kv get":
    case "obj get":
      return bucket?.create === true;
    default:
      return false;
  }
}

async function fillOver(link: Link, scenario: Scenario, signal: AbortSignal): Promise<void> {
  const messages = new Messages(scenario, { run: 0, publisher: 0, host: 0 }, { zero: 0, now: () => 0 });
  switch (scenario.workload) {
    case "kv get": {
      const { name, keys } = scenario.bucket as BucketChoice;
      const bucket = await link.buckets.keyValue(name);
      return inWindow(keys, WIDTH, signal, (n) => bucket.put(keyAt(n), messages.content()));
    }
    case "obj get": {
      const { name, keys } = scenario.bucket as BucketChoice;
      const store = await link.buckets.objects(name);
      return inWindow(keys, WIDTH_OF_OBJECTS, signal, (n) => store.put(keyAt(n), messages.content()));
    }
    default: {
      const { amount, headers, seed, subject, timeoutMs } = scenario;
      if (amount.messages === undefined) {
        throw new PrepareError(
          "messages_missing",
          `${scenario.workload} of a stream that the run makes needs to know how many messages to put there: --msgs`,
        );
      }
      const subjectAt = subjectsOf(subject, randomOf(seed));
      const options = { timeoutMs, ...(headers.length > 0 && { headers }) };
      return inWindow(amount.messages, WIDTH, signal, (n) =>
        link.streams.publish(subjectAt(n), messages.content(), options),
      );
    }
  }
}

/** Runs operations 0 to count-1, so many at a time. Rejects with the first failure. */
async function inWindow(
  count: number,
  width: number,
  signal: AbortSignal,
  operation: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      if (signal.aborted) throw new PrepareError("interrupted", "interrupted before the run began");
      await operation(next++);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
}
