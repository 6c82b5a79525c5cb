/** Keys of a bucket and names of objects: 0, 1, 2 …, as `nats bench kv` names them. */
import { randomOf } from "../scenario/random.ts";
import type { BucketChoice, Scenario } from "../scenario/scenario.ts";
import type { ClientContext } from "../worker/client.ts";
import { chooser } from "../worker/messages.ts";
import { RunError } from "../worker/run-error.ts";
import { contentOf, inParallel } from "./filling.ts";
import type { PrepareContext } from "./workload.ts";

/** The key of each operation of a client. In sequential order, clients take turns. */
export function keysOf({ task, number }: ClientContext): (n: number) => string {
  const { scenario } = task;
  const { keys, order } = bucketOf(scenario);
  if (order === "sequential") return (n) => String((number + n * scenario.clients) % keys);
  const choose = chooser(keys, order, randomOf(scenario.seed ^ number));
  return (n) => String(choose(n));
}

/** The bucket or store of a scenario. Throws if it has none. */
export function bucketOf({ workload, bucket }: Scenario): BucketChoice {
  if (!bucket) throw new Error(`${workload} needs a bucket`);
  return bucket;
}

/** Puts all keys of a scenario. @param inParallel operations in flight */
export async function fillKeys(
  { scenario, signal }: PrepareContext,
  store: { put(key: string, value: Uint8Array): Promise<unknown> },
  { inParallel: width }: { readonly inParallel: number },
): Promise<void> {
  const { keys } = bucketOf(scenario);
  const content = contentOf(scenario);
  await inParallel(keys, width, signal, (n) => store.put(String(n), content()));
}

/** Throws a `RunError` if the first or the last key of a scenario is missing. */
export async function requireKeys(
  scenario: Scenario,
  store: { get(key: string): Promise<Uint8Array | undefined> },
  { item, filledBy }: { readonly item: string; readonly filledBy: string },
): Promise<void> {
  const { name, keys } = bucketOf(scenario);
  for (const index of new Set([0, keys - 1])) {
    if ((await store.get(String(index))) !== undefined) continue;
    throw new RunError(
      "keys_missing",
      `${name} has no ${item} ${index}: fill it with ${filledBy}, or set --keys below ${keys}`,
    );
  }
}
