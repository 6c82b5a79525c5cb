/** Key-value buckets and object stores before a run: found or made, as the scenario says. */
import { DiscardPolicy, StorageType } from "nats";
import type { Driver, Reach } from "../driver/driver.ts";
import type { BucketChoice, Scenario } from "../scenario/scenario.ts";
import { workloadOf } from "../scenario/workload.ts";
import type { Admin } from "./admin.ts";
import type { Made } from "./created-assets.ts";
import { PrepareError } from "./prepare-error.ts";
import { streamInfo } from "./streams.ts";

/** The stream that a bucket, or a store, is. */
export function streamOfBucket({ workload, bucket }: Scenario): string {
  const { name } = bucket as BucketChoice;
  return workloadOf(workload).on === "objects" ? `OBJ_${name}` : `KV_${name}`;
}

/** Finds or makes it. */
export async function readyBucket(admin: Admin, made: Made, scenario: Scenario): Promise<void> {
  const choice = scenario.bucket as BucketChoice;
  const stream = streamOfBucket(scenario);
  const isStore = workloadOf(scenario.workload).on === "objects";
  const what = `${isStore ? "object store" : "bucket"} ${choice.name}`;
  const found = await streamInfo(admin, stream);
  if (found && choice.create) {
    throw new PrepareError(
      "bucket_exists",
      `${what} exists already: use it as it is with --no-create, or name another with --bucket`,
    );
  }
  if (!found && !choice.create) {
    throw new PrepareError(
      "bucket_missing",
      `${what} does not exist: name another with --bucket, or have it made with --create`,
    );
  }
  if (found) {
    if (choice.purge) await admin.try(`empty ${what}`, (manager) => manager.streams.purge(stream));
    return;
  }
  made.stream(stream);
  await admin.try<unknown>(`make ${what}`, (manager) =>
    isStore
      ? manager.streams.add({ ...storeConfig(choice), description: admin.mark })
      : admin.js.views.kv(choice.name, { ...bucketConfig(choice), description: admin.mark }),
  );
}

function bucketConfig(choice: BucketChoice) {
  const { storage, replicas, history, maxBytes } = choice;
  return { storage: STORAGES[storage], replicas, history, max_bytes: maxBytes };
}

/** ADR-20. The client's own way puts `replicas` into the stream's configuration, which newer servers refuse. */
function storeConfig({ name, storage, replicas, maxBytes }: BucketChoice) {
  return {
    name: `OBJ_${name}`,
    subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
    storage: STORAGES[storage],
    num_replicas: replicas,
    max_bytes: maxBytes,
    discard: DiscardPolicy.New,
    allow_rollup_hdrs: true,
    allow_direct: true,
  };
}

const STORAGES = { file: StorageType.File, memory: StorageType.Memory };

/** Who gets from a bucket that was there before needs its keys: the first and the last are looked for. */
export async function demandKeys(
  driver: Driver,
  reach: Reach,
  { workload, bucket }: Scenario,
  keyAt: (index: number) => string,
): Promise<void> {
  const { name, keys } = bucket as BucketChoice;
  const link = await driver.connect(reach, { lost() {}, discarded() {}, regained() {}, failed() {} });
  try {
    const isStore = workload === "obj get";
    const open = isStore ? await link.buckets.objects(name) : await link.buckets.keyValue(name);
    for (const index of new Set([0, keys - 1])) {
      if ((await open.get(keyAt(index))) !== undefined) continue;
      const [what, put] = isStore ? ["object", "obj put"] : ["key", "kv put"];
      throw new PrepareError(
        "keys_missing",
        `${name} has no ${what} ${keyAt(index)}: fill it with ${put}, or ask for fewer than ${keys}`,
      );
    }
  } finally {
    await link.close();
  }
}
