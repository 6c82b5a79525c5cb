/** Keys of a bucket, names of objects: plain numbers, as `nats bench kv` writes them. */

import { randomOf } from "../scenario/random.ts";
import type { BucketChoice } from "../scenario/scenario.ts";
import { chooser } from "../worker/messages.ts";
import type { ClientContext } from "../worker/thread.ts";

/** All of a bucket's, from the first one. */
export function keyAt(index: number): string {
  return String(index);
}

/** Of each operation of a client; in sequence, clients take turns. */
export function keysOf({ task, number }: ClientContext): (n: number) => string {
  const { scenario } = task;
  const { keys, order } = bucketOf(scenario.workload, scenario.bucket);
  if (order === "sequential") return (n) => keyAt((number + n * scenario.clients) % keys);
  const choose = chooser(keys, order, randomOf(scenario.seed ^ number));
  return (n) => keyAt(choose(n));
}

/** What a workload on buckets cannot be without. */
export function bucketOf(workload: string, bucket: BucketChoice | undefined): BucketChoice {
  if (!bucket) throw new Error(`${workload} needs a bucket`);
  return bucket;
}
